"""``strongroom schema``: on the shipped project, and on a project that has nothing to do with it."""

import asyncio
import json
from collections.abc import Callable
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import asyncpg
import pytest
from support.commands import Result, invoke
from typer.testing import CliRunner

ROOT = Path(__file__).resolve().parents[3]
CONTRACT = """
[sides.shop]
role = "shop"
migrations = "sql"
kind = "sql"

[sides.web]
role = "web"
migrations = "prisma"
kind = "prisma"
language = "prisma"

[owners.shop]
tables = ["product", "price_*"]
enums = ["currency"]

[owners.web]
tables = ["Account", "Tag", "Post", "_PostToTag"]
enums = ["Role"]
"""
BACKEND = """
CREATE TYPE currency AS ENUM ('EUR', 'USD');
CREATE TABLE product (id bigint PRIMARY KEY, name text NOT NULL, parent_id bigint REFERENCES product (id));
"""
SECOND = """-- requires: prisma/01_init
CREATE TABLE price_list (
    product_id bigint NOT NULL REFERENCES product (id) ON DELETE CASCADE,
    account_id integer NOT NULL REFERENCES "Account" (id),
    amount numeric(12, 2) NOT NULL,
    currency currency NOT NULL DEFAULT 'EUR',
    PRIMARY KEY (product_id, account_id)
);
"""
FRONTEND = """
CREATE TYPE "Role" AS ENUM ('ADMIN', 'USER');
CREATE TABLE "Account" (
    "id" SERIAL NOT NULL,
    "email" TEXT NOT NULL,
    "role" "Role" NOT NULL DEFAULT 'USER',
    "createdAt" TIMESTAMP(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "managerId" INTEGER,
    CONSTRAINT "Account_pkey" PRIMARY KEY ("id")
);
CREATE TABLE "Post" ("id" SERIAL NOT NULL, "title" TEXT NOT NULL, CONSTRAINT "Post_pkey" PRIMARY KEY ("id"));
CREATE TABLE "Tag" ("id" SERIAL NOT NULL, "name" TEXT NOT NULL, CONSTRAINT "Tag_pkey" PRIMARY KEY ("id"));
CREATE TABLE "_PostToTag" (
    "A" INTEGER NOT NULL, "B" INTEGER NOT NULL, CONSTRAINT "_PostToTag_AB_pkey" PRIMARY KEY ("A", "B")
);
CREATE UNIQUE INDEX "Account_email_key" ON "Account"("email");
CREATE INDEX "_PostToTag_B_index" ON "_PostToTag"("B");
ALTER TABLE "Account" ADD CONSTRAINT "Account_managerId_fkey"
    FOREIGN KEY ("managerId") REFERENCES "Account"("id") ON DELETE SET NULL ON UPDATE CASCADE;
ALTER TABLE "_PostToTag" ADD CONSTRAINT "_PostToTag_A_fkey"
    FOREIGN KEY ("A") REFERENCES "Post"("id") ON DELETE CASCADE ON UPDATE CASCADE;
ALTER TABLE "_PostToTag" ADD CONSTRAINT "_PostToTag_B_fkey"
    FOREIGN KEY ("B") REFERENCES "Tag"("id") ON DELETE CASCADE ON UPDATE CASCADE;
"""
SCHEMA_ONE = """
generator client {
  provider = "prisma-client"
  output   = "./generated"
}

datasource db {
  provider = "postgresql"
}

// people
model Account {
  id        Int       @id @default(autoincrement())
  email     String    @unique
  role      Role      @default(USER)
  createdAt DateTime  @default(now())
  managerId Int?
  manager   Account?  @relation("management", fields: [managerId], references: [id])
  managed   Account[] @relation("management")
}

enum Role {
  ADMIN
  USER
}
"""
SCHEMA_TWO = """
model Post {
  id    Int    @id @default(autoincrement())
  title String
  tags  Tag[]
}

model Tag {
  id    Int    @id @default(autoincrement())
  name  String
  posts Post[]
}
"""
ODD_ENUM = r"""
datasource db {
  provider = "postgresql"
}

enum Mood {
  GOOD

  @@map("odd\"mood'")
}

model T {
  id   Int    @id
  mood Mood   @default(GOOD)
  made String @default(dbgenerated("gen_random_uuid()::text"))
}
"""


async def execute(url: str, *statements: str) -> None:
    """Execute statements on a database."""
    connection = await asyncpg.connect(url)
    try:
        for statement in statements:
            await connection.execute(statement)
    finally:
        await connection.close()


async def while_locked(url: str, call: Callable[[], Result]) -> Result:
    """Make a call while a migration of Prisma's holds its lock."""
    connection = await asyncpg.connect(url)
    try:
        await connection.execute("SELECT pg_advisory_lock(72707369)")
        return await asyncio.to_thread(call)
    finally:
        await connection.close()


@pytest.fixture
def foreign(tmp_path: Path) -> Path:
    """A project of somebody else's: SQL files, and Prisma with a schema of several files."""
    files = {
        "strongroom.toml": CONTRACT,
        "sql/01-products.sql": BACKEND,
        "sql/02-prices.sql": SECOND,
        "prisma/migrations/01_init/migration.sql": FRONTEND,
        "prisma/schema/people.prisma": SCHEMA_ONE,
        "prisma/schema/posts.prisma": SCHEMA_TWO,
    }
    for name, text in files.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text, encoding="utf-8")
    return tmp_path


@pytest.fixture
def scratch(postgres_url: str) -> tuple[str, str]:
    """The option that names the server for scratch databases."""
    return ("--scratch", postgres_url)


def test_the_shipped_project_replays_clean(cli: CliRunner, scratch: tuple[str, str]) -> None:
    """Both histories from nothing make what the entities and schema.prisma declare."""
    result = invoke(cli, "schema", "replay", "--contract", str(ROOT), *scratch, "--json")
    found = json.loads(result.stdout)
    assert (result.exit_code, found["findings"]) == (0, [])
    assert found["visited"] > 60
    assert found["not_checked"]


def test_the_shipped_schema_prisma_is_up_to_date(cli: CliRunner, scratch: tuple[str, str]) -> None:
    """What the repository holds is what the generator writes."""
    result = invoke(cli, "schema", "prisma", "generate", "--check", "--contract", str(ROOT), *scratch)
    assert (result.exit_code, result.stdout.strip()) == (0, "Everything is up to date.")


def test_a_foreign_project_replays_clean(cli: CliRunner, foreign: Path, scratch: tuple[str, str]) -> None:
    """Several files, self relations, implicit many-to-many, requirements across: no finding, no entity needed."""
    result = invoke(cli, "schema", "replay", "--contract", str(foreign), *scratch)
    assert result.exit_code == 0, result.output
    assert "No finding" in result.stdout


def test_a_history_that_cannot_be_replayed_begins_with_a_dump(
    cli: CliRunner, foreign: Path, scratch: tuple[str, str]
) -> None:
    """A migration that needs data is named when it fails; a dump stands for it, and every check says so."""
    (foreign / "sql/01-products.sql").write_text(BACKEND + "SELECT 1 / count(*) FROM product;")
    arguments = ("schema", "replay", "--contract", str(foreign), *scratch)
    failed = invoke(cli, *arguments)
    assert failed.exit_code == 2
    assert "pg/01-products, line 4: division by zero" in failed.stderr
    settings = "SET statement_timeout = 0;\nSELECT pg_catalog.set_config('search_path', '', false);\n"
    dump = settings + "\\restrict abc\n" + BACKEND.replace("TYPE currency", "TYPE public.currency")
    for name in ("TABLE product", "REFERENCES product"):
        dump = dump.replace(name, name.replace("product", "public.product"))
    (foreign / "dump.sql").write_text(dump)
    contract = (foreign / "strongroom.toml").read_text()
    with_dump = contract.replace('kind = "sql"', 'kind = "sql"\ndump = "dump.sql"\ndump_through = "01-products"')
    (foreign / "strongroom.toml").write_text(with_dump)
    result = invoke(cli, *arguments)
    assert result.exit_code == 0, result.output
    assert "not checked: shop: its migrations up to 01-products: dump.sql stands for them" in result.stdout
    (foreign / "strongroom.toml").write_text(with_dump.replace("01-products", "00-nothing"))
    assert "there is no migration 00-nothing" in invoke(cli, *arguments).stderr


def test_a_finding_is_printed_as_text_json_and_annotation(
    cli: CliRunner, foreign: Path, scratch: tuple[str, str]
) -> None:
    """Who is wrong, what breaks, what mends it; the exit code is 1, and 0 once it is accepted with a reason."""
    (foreign / "prisma/migrations/02_oops").mkdir()
    (foreign / "prisma/migrations/02_oops/migration.sql").write_text('ALTER TABLE "Post" RENAME "title" TO "head";')
    arguments = ("schema", "replay", "--contract", str(foreign), *scratch)
    told = invoke(cli, *arguments)
    assert told.exit_code == 1
    assert 'ALTER TABLE "public"."Post" RENAME COLUMN "head" TO "title"' in told.stdout
    (finding,) = json.loads(invoke(cli, *arguments, "--json").stdout)["findings"]
    assert (finding["rule"], finding["part"], finding["owner"]) == ("column renamed", "title", "web")
    assert "P2022" in finding["breaks"]
    github = invoke(cli, *arguments, "--format", "github").stdout
    assert github.startswith("::error title=column renamed of table public.Post::")
    assert invoke(cli, *arguments, "--accept", "the next release follows").exit_code == 0
    assert invoke(cli, *arguments).exit_code == 0
    baseline = json.loads((foreign / "strongroom.baseline.json").read_text())
    assert baseline == {finding["key"]: "the next release follows"}


def test_a_database_is_checked_against_the_contract(
    cli: CliRunner, foreign: Path, scratch: tuple[str, str], empty_database: str
) -> None:
    """An object that nobody owns is a finding; a database that holds nothing could not be checked."""
    arguments = ("schema", "check", "--contract", str(foreign), *scratch, "--database", empty_database)
    assert invoke(cli, *arguments).exit_code == 2
    asyncio.run(execute(empty_database, BACKEND, FRONTEND, SECOND, "CREATE TABLE stray (id integer)"))
    result = invoke(cli, *arguments, "--json")
    assert result.exit_code == 1, result.output
    assert [finding["object"] for finding in json.loads(result.stdout)["findings"]] == ["table public.stray"]


def test_check_waits_for_a_running_migration(
    cli: CliRunner, foreign: Path, empty_database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A check under a running migration could see half of it: it waits for the lock, then says why it could not run."""
    monkeypatch.setattr("strongroom.adapters.schema.postgres.database.LOCK_WAIT_TIMEOUT", 0.2)
    arguments = ("schema", "check", "--contract", str(foreign), "--database", empty_database)
    result = asyncio.run(while_locked(empty_database, lambda: invoke(cli, *arguments)))
    assert result.exit_code == 2
    assert "a migration has been running" in result.stderr


def test_two_schemas_are_compared(cli: CliRunner, foreign: Path, scratch: tuple[str, str]) -> None:
    """Any two of database, schema.prisma, migrations and entities."""
    same = invoke(cli, "schema", "diff", str(foreign / "prisma/schema"), str(foreign / "prisma"), *scratch)
    assert (same.exit_code, same.stdout.strip()) == (0, "No difference.")
    (foreign / "prisma/schema/posts.prisma").write_text(SCHEMA_TWO.replace("title String", "title String?"))
    other = invoke(cli, "schema", "diff", str(foreign / "prisma/schema"), str(foreign / "prisma"), *scratch)
    assert other.exit_code == 1
    assert "table public.Post, title: nullability (expected NULL, found NOT NULL)" in other.stdout


def test_names_with_quotes_are_compared(cli: CliRunner, tmp_path: Path, scratch: tuple[str, str]) -> None:
    """A name that holds quotation marks is quoted in all SQL that a comparison runs."""
    path = tmp_path / "odd.prisma"
    path.write_text(ODD_ENUM)
    same = invoke(cli, "schema", "diff", str(path), str(path), *scratch)
    assert (same.exit_code, same.stdout.strip()) == (0, "No difference.")


def test_models_of_others_are_generated_into_the_frontends_schema(
    cli: CliRunner, foreign: Path, scratch: tuple[str, str]
) -> None:
    """The frontend's own text stays, relation fields are added on its side; it then parses, and checks clean."""
    one = foreign / "prisma/schema.prisma"
    one.write_text(SCHEMA_ONE + SCHEMA_TWO)
    for file in (foreign / "prisma/schema").iterdir():
        file.unlink()
    (foreign / "prisma/schema").rmdir()
    arguments = ("schema", "prisma", "generate", "--contract", str(foreign), *scratch)
    assert invoke(cli, *arguments, "--check").exit_code == 1
    assert invoke(cli, *arguments).exit_code == 0
    text = one.read_text()
    assert "// people" in text
    assert "model Product {" in text
    assert "price_list PriceList[]" in text.split("enum Role")[0]
    assert invoke(cli, *arguments, "--check").exit_code == 0
    assert invoke(cli, "schema", "replay", "--contract", str(foreign), *scratch).exit_code == 0


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("replay", "--contract", "/nowhere"), "cannot be read"),
        (("diff", "nonsense", "entities"), "a schema is read from"),
        (("impact", "pg/7777"), "no migration has the name pg/7777"),
        (("check", "--database", "postgresql://u:secret@127.0.0.1:1/x"), "nothing answers there"),
        (("replay", "--scratch", "postgresql://u:secret@127.0.0.1:1/x"), "nothing answers there"),
        (("replay", "--scratch", "no address"), "an address like postgresql://user"),
    ],
)
def test_failures_to_run_are_explained(cli: CliRunner, arguments: tuple[str, ...], words: str) -> None:
    """One message, exit code 2, no traceback and no password."""
    place = () if "--contract" in arguments or arguments[0] == "diff" else ("--contract", str(ROOT))
    result = invoke(cli, "schema", *arguments, *place)
    assert result.exit_code == 2
    assert words in " ".join(result.stderr.split())
    assert "secret" not in result.stderr
    assert "Traceback" not in result.stderr
    told = invoke(cli, "schema", *arguments, *place, "--json")
    assert json.loads(told.stderr)["error"]["exit_code"] == told.exit_code == 2


async def weak(url: str) -> str:
    """Return the address of a database for a user who may do nothing but connect to it."""
    await execute(
        url,
        "DO $$ BEGIN CREATE ROLE weak LOGIN; EXCEPTION WHEN duplicate_object THEN NULL; END $$",
        "CREATE TABLE _prisma_migrations (migration_name text, finished_at timestamptz, rolled_back_at timestamptz)",
    )
    return urlunsplit(urlsplit(url)._replace(netloc="weak@" + urlsplit(url).netloc.rpartition("@")[2]))


@pytest.mark.parametrize(
    ("command", "option", "words"),
    [
        ("replay", "--scratch", "scratch databases need a user that has CREATEDB"),
        ("impact", "--database", "permission"),
    ],
)
def test_missing_rights_are_named(
    cli: CliRunner, foreign: Path, empty_database: str, command: str, option: str, words: str
) -> None:
    """It is neither a fault of strongroom nor a wrong password."""
    address = asyncio.run(weak(empty_database))
    result = invoke(cli, "schema", command, "--contract", str(foreign), option, address)
    assert result.exit_code == 2, result.output
    assert words in result.stderr


def test_a_finding_without_a_line_has_no_annotation_line(
    cli: CliRunner, foreign: Path, scratch: tuple[str, str]
) -> None:
    """What is wrong is the folder."""
    for file in (foreign / "sql").iterdir():
        file.unlink()
    told = invoke(cli, "schema", "replay", "--contract", str(foreign), *scratch).stderr
    assert f"{foreign / 'sql'}: there is no history here" in told


def test_the_guard_is_installed_and_removed(cli: CliRunner, database: str) -> None:
    """Status tells gaps before, none after, and gaps again once it is removed."""
    arguments = ("--contract", str(ROOT), "--database", database)
    assert invoke(cli, "schema", "guard", "status", *arguments).exit_code == 1
    installed = invoke(cli, "schema", "guard", "install", *arguments)
    assert installed.exit_code == 0, installed.output
    assert "Step(" not in installed.output
    assert "done: register: " in installed.output  # roles are the whole server's, and may be there
    assert invoke(cli, "schema", "guard", "status", *arguments).exit_code == 0
    assert invoke(cli, "schema", "guard", "remove", "--heir", "postgres", *arguments).exit_code == 0
    assert invoke(cli, "schema", "guard", "status", *arguments).exit_code == 1


def test_each_mistake_of_a_contract_has_a_line_of_its_own(cli: CliRunner, tmp_path: Path) -> None:
    """No line end is shown as an escape, but one that stands in the contract's own text."""
    contract = tmp_path / "strongroom.toml"
    contract.write_text('[sides.a]\nrole = "a"\nkind = "sq\\nl"\nlanguage = "cobol"\n', encoding="utf-8")
    result = invoke(cli, "schema", "check", "--contract", str(tmp_path))
    lines = result.stderr.splitlines()
    assert len(lines) == 2, result.stderr
    assert all(line.startswith(f"strongroom: {contract}: line ") for line in lines)
    assert "'sq\\nl' is not one" in lines[0]
