"""Files of a project that one only looks at: each is read as data, and a mistake in it is told with its line."""

import asyncio
from collections.abc import Callable, Iterator
from contextlib import nullcontext
from pathlib import Path
from typing import Any

import asyncpg
import pytest
from support.commands import Result, invoke
from support.hostile_sql import EXPRESSIONS, MARK, as_text, made_on, open_folder
from typer.testing import CliRunner

from strongroom.adapters.embedded import scratch
from strongroom.adapters.schema.prisma import PrismaSchemaError
from strongroom.adapters.schema.prisma.declared import read_prisma_schema
from strongroom.adapters.schema.scratch import ScratchServer

CONTRACT = '[sides.web]\nrole = "web"\nmigrations = "prisma"\nkind = "prisma"\nlanguage = "prisma"\n'
HEAD = 'datasource db {\n  provider = "postgresql"\n}\n'
ITEM = "model item {\n  id Int @id\n  note String? @default(dbgenerated({text}))\n}\n"
INSTALLED = "CREATE TABLE item (id int PRIMARY KEY, note text);\nCREATE TABLE ledger (id int PRIMARY KEY);\n"
ENDING = 'x"; DROP TABLE public.ledger; CREATE ROLE owned; --'
TABLES = "SELECT string_agg(tablename, ' ' ORDER BY tablename) FROM pg_tables WHERE schemaname = 'public'"
COMMANDS = {
    "check": ["check", "--database", "{url}"],
    "page": ["page", "--database", "{url}", "--to", "page.html"],
    "replay": ["replay"],
    "impact": ["impact", "--database", "{url}"],
    "diff": ["diff", "prisma/schema.prisma", "entities"],
}
UNCONCERNED = {
    "fingerprint": ["fingerprint", "--database", "{url}"],
    "generate": ["prisma", "generate", "--check"],
}


def keyed(name: str, *, mapped: str = "", operators: str = "", where: str = 'raw("true")', lines: str = "") -> str:
    """Return a model with an index, whose condition a server parses."""
    return f"model {name} {{\n  id String @id{mapped}\n\n  @@index([id{operators}], where: {where}){lines}\n}}\n"


NAMES = [
    f"enum E {{\n  a\n\n  @@map({as_text(ENDING)})\n}}\n",
    f"enum L {{\n  a @map({as_text(ENDING)})\n  b @map({as_text(ENDING.replace(chr(34), chr(39)))})\n}}\n",
    f"enum B {{\n  a @map({as_text(chr(92) + chr(39) + ENDING)})\n}}\n",
    keyed("column", mapped=f" @map({as_text(ENDING)})", where='{ id: "a" }'),
    keyed("value", where=f"{{ id: {as_text(ENDING)} }}"),
    keyed("operator", operators=f"(ops: raw({as_text(ENDING)}))"),
    keyed("table", lines=f"\n  @@map({as_text(ENDING + 'table')})"),
]
REFUSED_ENUMS = {
    "a long label": f"enum E {{\n  a @map({as_text('x' * 64)})\n}}\n",
    "labels that are one": 'enum E {\n  a @map("x")\n  b @map("x")\n}\n',
    "a type of PostgreSQL's": 'enum E {\n  a\n\n  @@schema("pg_catalog")\n}\n',
}


@pytest.fixture(scope="module")
def folder() -> Iterator[Path]:
    """A folder that the server may write to."""
    with open_folder() as folder:
        yield folder


@pytest.fixture(scope="module")
async def url(new_database: Callable[..., Any]) -> str:
    """A database that holds what the project's history makes."""
    address = str(await new_database())
    connection = await asyncpg.connect(address)
    await connection.execute(INSTALLED)
    await connection.close()
    return address


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, wheel_server: str, url: str) -> Callable[..., Result]:
    """Run a command of ``strongroom schema`` on a project with a schema.prisma, on the tests' server as the scratch."""

    def invoked(command: str, schema: str, contract: str = CONTRACT, *options: str) -> Result:
        history = tmp_path / "prisma" / "migrations" / "20260101000000_a"
        history.mkdir(parents=True)
        (history / "migration.sql").write_text(INSTALLED)
        (tmp_path / "prisma" / "schema.prisma").write_text(schema)
        (tmp_path / "strongroom.toml").write_text(contract)
        words = [word.format(url=url) for word in (COMMANDS | UNCONCERNED)[command]]
        return invoke(CliRunner(), "schema", *words, *options)

    monkeypatch.setattr(scratch, "scratch_server", lambda: nullcontext(wheel_server))
    monkeypatch.chdir(tmp_path)
    return invoked


def require_untouched(url: str, server: str, folder: Path) -> None:
    """Require that nothing has run: no program, no statement, on neither server."""
    assert asyncio.run(_tables(url)) == "item ledger"
    assert asyncio.run(made_on(server)) == []
    assert not (folder / MARK).exists()


async def _tables(url: str) -> str:
    connection = await asyncpg.connect(url)
    try:
        return str(await connection.fetchval(TABLES))
    finally:
        await connection.close()


@pytest.mark.parametrize("command", COMMANDS)
def test_an_expression_that_is_more_is_a_mistake_of_the_schema(
    run: Callable[..., Result], url: str, wheel_server: str, folder: Path, command: str
) -> None:
    """Every command that reads it says where it stands, and ends with the code of a wrong input."""
    text = as_text(EXPRESSIONS["a program after a semicolon"].replace("{mark}", str(folder / MARK)))
    result = run(command, HEAD + ITEM.replace("{text}", text))
    assert result.exit_code == 2, result.output
    assert "schema.prisma:6:25: The SQL of dbgenerated()" in result.stderr.replace("\n", "")
    require_untouched(url, wheel_server, folder)


@pytest.mark.parametrize("command", UNCONCERNED)
def test_a_command_that_asks_no_server_about_it_leaves_it_alone(
    run: Callable[..., Result], url: str, wheel_server: str, folder: Path, command: str
) -> None:
    """What reads only the database, or only what belongs to others, ends as it does without the text."""
    text = as_text(EXPRESSIONS["a program after a semicolon"].replace("{mark}", str(folder / MARK)))
    result = run(command, HEAD + ITEM.replace("{text}", text))
    assert result.exit_code == 0, result.output
    require_untouched(url, wheel_server, folder)


@pytest.mark.parametrize("attack", ["a commit", "a partition's expression", "a second column", "a sleep", "nesting"])
def test_no_expression_is_a_fault_of_strongroom(
    run: Callable[..., Result], url: str, wheel_server: str, folder: Path, attack: str
) -> None:
    """Whatever a default says, the check ends with findings, or with the line that is wrong."""
    result = run("check", HEAD + ITEM.replace("{text}", as_text(EXPRESSIONS[attack])))
    assert result.exit_code in {1, 2}, result.output
    require_untouched(url, wheel_server, folder)


def test_a_name_is_a_name_whatever_it_holds(
    run: Callable[..., Result], url: str, wheel_server: str, folder: Path
) -> None:
    """Names, labels and values reach a server between quotes of ours, which the schemas below would end."""
    result = run("check", HEAD + ITEM.replace("{text}", '"now()"') + "".join(NAMES))
    assert result.exit_code == 1, result.output
    require_untouched(url, wheel_server, folder)


@pytest.mark.parametrize("wrong", REFUSED_ENUMS)
async def test_an_enum_that_postgresql_refuses_is_told_with_its_line(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, wheel_server: str, wrong: str
) -> None:
    """Prisma lets it pass, and no migration could ever make it."""
    head = (
        HEAD.replace("\n}", '\n  schemas = ["public", "pg_catalog"]\n}')
        if "pg_catalog" in REFUSED_ENUMS[wrong]
        else HEAD
    )
    enum = REFUSED_ENUMS[wrong]
    item = ITEM.replace("{text}", '"now()"')
    if "pg_catalog" in enum:
        item = item.replace("))\n}", '))\n\n  @@schema("public")\n}')
    (tmp_path / "schema.prisma").write_text(head + item + enum)
    monkeypatch.setattr(scratch, "scratch_server", lambda: nullcontext(wheel_server))
    with pytest.raises(PrismaSchemaError, match=r"schema\.prisma:\d+:1: PostgreSQL refuses the enum E: .*SQLSTATE"):
        await read_prisma_schema(tmp_path / "schema.prisma", ScratchServer())


def test_a_schema_is_a_name_whatever_it_holds(
    run: Callable[..., Result], url: str, wheel_server: str, folder: Path
) -> None:
    """The same holds for schemas that models and enums are put into, by either file."""
    name = as_text(ENDING)
    within = f"\n\n  @@schema({name})\n}}\n"
    schema = f"enum E {{\n  a{within}model m {{\n  id E @id @default(dbgenerated(\"'a'\")){within}"
    contract = CONTRACT + f'schemas = ["public", {name}]\n'
    result = run("check", HEAD.replace("\n}", f'\n  schemas = ["public", {name}]\n}}') + schema, contract)
    assert result.exit_code == 1, result.output
    require_untouched(url, wheel_server, folder)


@pytest.mark.parametrize(
    ("schemas", "words", "named"),
    [
        (f"[{as_text(ENDING)}]", "table", False),
        (f"[{as_text(ENDING)}]", "table", True),
        ('["pg_mine"]', "SQLSTATE 42939", False),
        ('["a\\u0000b"]', "strongroom.toml: line 6", False),
    ],
)
def test_a_contract_is_data_as_well(
    run: Callable[..., Result],
    url: str,
    wheel_server: str,
    folder: Path,
    schemas: str,
    words: str,
    *,
    named: bool,
) -> None:
    """A schema that the contract names is looked up, not run, whoever looks; what no server takes is refused."""
    sides = '\n[sides.shop]\nrole = "shop"\nmigrations = "prisma"\nkind = "prisma"\nlanguage = "strongroom"\n'
    contract = f"{CONTRACT}schemas = {schemas}\n{sides}schemas = {schemas}\n"
    options = ("--scratch", wheel_server) if named else ()
    result = run("check", HEAD + ITEM.replace("{text}", '"now()"'), contract, *options)
    assert result.exit_code == 2
    assert words in result.output[:2000]
    require_untouched(url, wheel_server, folder)
