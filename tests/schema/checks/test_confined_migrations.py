"""Migrations are code, and a scratch database lets them do what a database's owner may do, and no more."""

from collections.abc import AsyncIterator, Iterator
from contextlib import nullcontext
from pathlib import Path
from typing import Any

import asyncpg
import pytest
from attrs import evolve
from support.hostile_sql import MARK, STATEMENTS, made_on, open_folder

from strongroom.adapters.embedded import scratch as embedded
from strongroom.adapters.embedded.programs import ENVIRONMENT
from strongroom.adapters.embedded.scratch import confined_database
from strongroom.adapters.postgres.migrator.files import Migration, Side
from strongroom.adapters.schema.postgres.catalog import read_catalog
from strongroom.adapters.schema.postgres.replay import extensions_of, replay, start_from_dump
from strongroom.adapters.schema.scratch import ScratchServer
from strongroom.ports.schema.errors import ReplayFailed

OF_THE_PROGRAMS = {"LC_ALL", "PGLOCALEDIR", "PGSYSCONFDIR", "PGDATA", "PG_GRANDPARENT_PID"}
"""What PostgreSQL's own programs put into the environment of the server that they start, besides its locale's parts."""
OF_THE_SHELL = {"PWD", "OLDPWD", "SHLVL", "_"}


@pytest.fixture(scope="module")
def folder() -> Iterator[Path]:
    """A folder that the server may write to."""
    with open_folder() as folder:
        yield folder


@pytest.fixture
def scratch(monkeypatch: pytest.MonkeyPatch, wheel_server: str) -> ScratchServer:
    """Scratch databases as they are without ``--scratch``, on the tests' server instead of one of the user's."""
    monkeypatch.setattr(embedded, "scratch_server", lambda: nullcontext(wheel_server))
    return ScratchServer()


def migration(sql: str, name: str = "0001_one") -> Migration:
    """Return a migration of the backend."""
    return Migration(Side.BACKEND, name, Path(f"{name}.sql"), sql, (), in_transaction=True)


async def replayed(scratch: ScratchServer, *texts: str) -> "dict[str, Any]":
    """Replay migrations, and return the types of the columns of the table ``t``."""
    history = [migration(sql, f"{number:04}_m") for number, sql in enumerate(texts)]
    async with scratch.connection(extensions_of(history)) as connection:
        await replay(connection, history)
        found = await read_catalog(connection)
    return {column.name: column.type for part in found.relations if part.name == "t" for column in part.columns}


@pytest.fixture(scope="module")
async def confined(wheel_server: str) -> "AsyncIterator[asyncpg.Connection[Any]]":
    """A connection of the role that applies migrations to a scratch database."""
    async with confined_database(wheel_server) as database:
        connection = await asyncpg.connect(database.owner)
        yield connection
        await connection.close()


@pytest.mark.parametrize("attack", STATEMENTS)
async def test_a_migration_reaches_nothing_outside_its_database(
    confined: "asyncpg.Connection[Any]", wheel_server: str, folder: Path, attack: str
) -> None:
    """It fails at its line, with what to do; no program ran, and nothing stays on the server."""
    sql = STATEMENTS[attack].replace("{mark}", str(folder / MARK))
    alone = attack in {"a database", "the server's settings", "a place for tables"}
    with pytest.raises(ReplayFailed) as failed:
        await replay(confined, [evolve(migration(sql), in_transaction=not alone)])
    assert str(failed.value).startswith("pg/0001_one, line ")
    assert "SQLSTATE 42501" in failed.value.reason
    assert "--scratch URL" in failed.value.reason
    assert not (folder / MARK).exists()
    assert await made_on(wheel_server) == []


async def test_the_server_was_given_no_secrets(wheel_server: str) -> None:
    """What a program of the server could read is the few variables that PostgreSQL needs to run."""
    connection = await asyncpg.connect(wheel_server)
    await connection.execute("CREATE TEMPORARY TABLE seen (line text)")
    await connection.execute("COPY seen FROM PROGRAM 'env | cut -d= -f1' (FORMAT text)")
    names = {name for (name,) in await connection.fetch("SELECT line FROM seen")}
    await connection.close()
    assert "PATH" in names
    locale = {name for name in names if name.startswith("LC_")}
    assert names - locale <= {*ENVIRONMENT, *OF_THE_PROGRAMS, *OF_THE_SHELL}


@pytest.mark.parametrize(
    ("sql", "type_"),
    [
        ("CREATE EXTENSION vector; CREATE TABLE t (v vector(3))", "public.vector(3)"),
        (
            'CREATE SCHEMA x; CREATE EXTENSION IF NOT EXISTS "vector" WITH SCHEMA x; CREATE TABLE t (v x.vector)',
            "x.vector",
        ),
        ("CREATE SCHEMA x; SET search_path = x; CREATE EXTENSION Vector; CREATE TABLE t (v vector)", "x.vector"),
    ],
)
async def test_an_extension_of_the_wheel_is_created_where_a_migration_says(
    scratch: ScratchServer, sql: str, type_: str
) -> None:
    """PostgreSQL lets only superusers create it; the scratch database has it ready for a history that asks."""
    assert await replayed(scratch, sql) == {"v": type_}


async def test_an_extension_is_there_once_it_is_created(scratch: ScratchServer) -> None:
    """Its type is unknown before, a second creation is refused, and whoever created it is no superuser.

    A session that began as a superuser's could become one again: none of those is left to a migration.
    """
    async with scratch.connection({"vector"}) as connection:
        with pytest.raises(ReplayFailed, match='type "vector" does not exist'):
            await replay(connection, [migration("CREATE TABLE t (v vector)")])
        await replay(connection, [migration("CREATE EXTENSION vector; CREATE TABLE t (v vector)")])
        with pytest.raises(ReplayFailed, match='extension "vector" already exists'):
            await replay(connection, [migration("CREATE EXTENSION vector")])
        await replay(connection, [migration("DROP EXTENSION vector CASCADE")])
        assert not await connection.fetchval("SELECT rolsuper FROM pg_roles WHERE rolname = session_user")
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await connection.execute("SET SESSION AUTHORIZATION postgres")


async def test_what_a_migration_reads_from_its_input_is_refused(confined: "asyncpg.Connection[Any]") -> None:
    """COPY FROM STDIN would wait for rows that nobody sends."""
    with pytest.raises(ReplayFailed, match=r"line 2: COPY … FROM STDIN .*: write INSERT"):
        await replay(confined, [migration("CREATE TABLE t (id int);\nCOPY public.t (id) FROM stdin;")])


async def test_no_command_hides_in_a_statement(confined: "asyncpg.Connection[Any]") -> None:
    """If the server reads a statement as several commands, none of them runs."""
    split = migration("SET standard_conforming_strings = off;\nSELECT 'a\\''; CREATE TABLE hidden (id int); --'")
    with pytest.raises(ReplayFailed, match="line 2: cannot insert multiple commands"):
        await replay(confined, [split])
    assert await confined.fetchval("SELECT to_regclass('hidden') IS NULL")


async def test_a_dump_names_owners_that_nobody_has_here(confined: "asyncpg.Connection[Any]", tmp_path: Path) -> None:
    """All that is replayed has one owner, whomever pg_dump names."""
    dump = tmp_path / "dump.sql"
    dump.write_text("CREATE TABLE public.dumped (id integer);\n\nALTER TABLE public.dumped OWNER TO postgres;\n")
    await replay(confined, start_from_dump([migration("")], dump, "0001_one"))
    owner = "SELECT relowner = current_user::regrole FROM pg_class WHERE relname = 'dumped'"
    assert await confined.fetchval(owner)


async def test_a_server_that_is_named_is_used_as_its_user(postgres_url: str) -> None:
    """What a history may do there is the user's choice; text that is only parsed gets a role without rights."""
    with ScratchServer(postgres_url) as scratch:
        async with scratch.connection() as connection:
            assert await connection.fetchval("SELECT rolsuper FROM pg_roles WHERE rolname = current_user")

        async def nothing(_connection: object) -> None:
            return

        async with scratch.reader(nothing) as connection:
            with pytest.raises(asyncpg.InsufficientPrivilegeError):
                await connection.execute("CREATE TABLE public.t (id int)")
