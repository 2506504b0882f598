"""SQL within a schema.prisma is parsed and never run: nobody can tell afterwards that it was read."""

import itertools
import re
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import asyncpg
import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.hostile_sql import EXPRESSIONS, MARK, as_text, made_on, open_folder

from strongroom.adapters.embedded.scratch import confined_database
from strongroom.adapters.schema.prisma import NormalizedSql, PrismaSchemaError, normalize_by_server, read_schema
from strongroom.adapters.schema.prisma.model import fields, keys

HEAD = 'datasource db {\n  provider = "postgresql"\n}\n'
PLACES = {
    "a default": "model m {\n  id Int @id\n  c String @default(dbgenerated({text}))\n}\n",
    "a type": "model m {\n  id Int @id\n  c Unsupported({text})\n}\n",
    "a type with a default": "model m {\n  id Int @id\n  c Unsupported({text})? @default(dbgenerated(\"'x'\"))\n}\n",
    "a condition": "model m {\n  id Int @id\n  c String\n\n  @@index([id], where: raw({text}))\n}\n",
    "a view's type": "view m {\n  c Unsupported({text})\n}\n",
}
STATE = """
    SELECT current_user, session_user, current_setting('search_path'), current_setting('statement_timeout'),
           current_setting('strongroom.seen', true), pg_my_temp_schema(),
           (SELECT count(*) FROM pg_class WHERE relnamespace >= 16384),
           (SELECT count(*) FROM pg_largeobject_metadata),
           (SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND pid = pg_backend_pid())
"""


@pytest.fixture(scope="module")
def folder() -> Iterator[Path]:
    """A folder that the server may write to."""
    with open_folder() as folder:
        yield folder


@pytest.fixture(scope="module")
async def reader(wheel_server: str) -> AsyncIterator["asyncpg.Connection[Any]"]:
    """A connection of the role that has text of others parsed."""
    async with confined_database(wheel_server) as database:
        connection = await asyncpg.connect(database.reader, server_settings={"statement_timeout": "2s"})
        await connection.execute("CREATE TEMPORARY TABLE warm (); DROP TABLE warm")
        yield connection
        await connection.close()


async def spelled(reader: "asyncpg.Connection[Any]", place: str, sql: str) -> NormalizedSql | PrismaSchemaError:
    """Return how the server writes the SQL in a place of a schema, or why it is refused."""
    try:
        schema = read_schema({"schema.prisma": HEAD + PLACES[place].replace("{text}", as_text(sql))})
        return await normalize_by_server(reader, schema)
    except PrismaSchemaError as error:
        return error


async def test_the_mark_is_made_if_a_program_runs(wheel_server: str, folder: Path) -> None:
    """The proof of the tests below works: a superuser's COPY TO PROGRAM leaves the file that they look for."""
    connection = await asyncpg.connect(wheel_server)
    await connection.execute(f"COPY (SELECT 1) TO PROGRAM 'touch {folder / 'proof'}'")
    await connection.close()
    assert (folder / "proof").exists()


@pytest.mark.parametrize("gate", ["as it is", "fooled"])
@pytest.mark.parametrize("attack", EXPRESSIONS)
async def test_a_hostile_expression_does_nothing(
    monkeypatch: pytest.MonkeyPatch, reader: "asyncpg.Connection[Any]", folder: Path, attack: str, gate: str
) -> None:
    """Wherever it stands, and even if our own look at it is fooled, it is refused at its line, or kept as text."""
    if gate == "fooled":
        for module in (fields, keys):
            monkeypatch.setattr(module, "complaint", lambda _sql: None)
    sql = EXPRESSIONS[attack].replace("{mark}", str(folder / MARK))
    before = await reader.fetchrow(STATE)
    for place in PLACES:
        answer = await spelled(reader, place, sql)
        if isinstance(answer, PrismaSchemaError):
            assert re.match(r"schema\.prisma:\d+:\d+: ", str(answer))
        else:
            written = (*answer.types.values(), *answer.defaults.values(), *answer.predicates.values())
            assert not any("root:" in text for text in written)
    assert await reader.fetchrow(STATE) == before
    assert not (folder / MARK).exists()


@pytest.mark.parametrize(
    ("place", "attack"),
    [
        *itertools.product(["a default", "a condition"], list(EXPRESSIONS)[:8]),
        *itertools.product(["a type"], list(EXPRESSIONS)[:12]),
        ("a default", "an identity"),
        ("a condition", "another check"),
    ],
)
async def test_text_that_is_more_than_one_expression_is_refused(
    reader: "asyncpg.Connection[Any]", place: str, attack: str
) -> None:
    """What would leave the statement that it is put into is a mistake of the schema, told with its line."""
    answer = await spelled(reader, place, EXPRESSIONS[attack])
    assert isinstance(answer, PrismaSchemaError)
    assert "nothing that it holds is run" in str(answer)


PIECES = [
    *["'", '"', "(", ")", "[", "]", ",", ";", "--", "/*", "*/", "\n", "\\", "$$", "$a$", "E'", "U&'", " ", "''", "::"],
    *["text", "int", "c", "id", "true", "DEFAULT", "CHECK", "AS SELECT", "COMMIT", "ROLLBACK", "RESET ROLE", "extra"],
    *["LIKE pg_class", "INHERITS", "WITH", "pg_sleep(60)", "repeat('x', 1000000000)", "pg_read_file('/etc/passwd')"],
    *["COPY (SELECT 1) TO PROGRAM 'touch {mark}'", "CREATE TABLE public.owned (id int)", "USING", "PARTITION BY"],
]


@given(place=st.sampled_from(list(PLACES)), pieces=st.lists(st.sampled_from(PIECES), min_size=1, max_size=12))
async def test_no_text_does_anything(
    reader: "asyncpg.Connection[Any]", folder: Path, place: str, pieces: list[str]
) -> None:
    """The same holds for text that nobody thought of, with our own look at it out of the way."""
    sql = "".join(pieces).replace("{mark}", str(folder / MARK))
    before = await reader.fetchrow(STATE)
    with pytest.MonkeyPatch.context() as patched:
        for module in (fields, keys):
            patched.setattr(module, "complaint", lambda _sql: None)
        await spelled(reader, place, sql)
    assert await reader.fetchrow(STATE) == before
    assert not (folder / MARK).exists()


async def test_a_reader_may_make_nothing_that_stays(reader: "asyncpg.Connection[Any]") -> None:
    """The role that parses may create no table, schema, function or role, and has one connection."""
    for statement in (
        "CREATE TABLE t (id int)",
        "CREATE SCHEMA s",
        "CREATE FUNCTION f() RETURNS int LANGUAGE sql AS 'SELECT 1'",
        "CREATE TYPE public.e AS ENUM ('a')",
        "CREATE ROLE owned",
        "SET ROLE postgres",
        "COPY (SELECT 1) TO PROGRAM 'true'",
        "SELECT pg_catalog.pg_read_file('/etc/passwd')",
        "SELECT pg_catalog.lo_import('/etc/passwd')",
        "ALTER ROLE CURRENT_USER CONNECTION LIMIT 5",
    ):
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await reader.execute(statement)
    assert await reader.fetchval("SELECT rolconnlimit FROM pg_roles WHERE rolname = current_user") == 1


async def test_nothing_is_left_of_a_confined_database(wheel_server: str) -> None:
    """Its roles go with it, even if its owner has made it a template."""
    async with confined_database(wheel_server) as database:
        connection = await asyncpg.connect(database.owner)
        name = await connection.fetchval("SELECT pg_catalog.current_database()")
        await connection.execute(f'ALTER DATABASE "{name}" IS_TEMPLATE true')
        await connection.close()
        assert len(await made_on(wheel_server, name)) == 3
    assert await made_on(wheel_server, name) == []
