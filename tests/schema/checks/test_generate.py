"""The others' models are generated as their tables are, and called what the frontend has called them."""

import json
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.commands import invoke
from typer.testing import CliRunner

from strongroom.adapters.schema.histories import read_migrations
from strongroom.adapters.schema.prisma import read_schema
from strongroom.adapters.schema.prisma.generate.files import MARKER, PrismaFrontend
from strongroom.adapters.schema.prisma.model.schema import PrismaSchema
from strongroom.adapters.schema.project import open_project
from strongroom.adapters.schema.scratch import ScratchServer
from strongroom.domain.schema.catalog import Catalog
from strongroom.testing.contract.property_settings import few

ROOT = Path(__file__).resolve().parents[3]
SHIPPED = (ROOT / "migrations" / "prisma" / "schema.prisma").read_text(encoding="utf-8")
CONTRACT = """
[sides.backend]
role = "backend"
migrations = "sql"
kind = "sql"

[sides.frontend]
role = "frontend"
migrations = "prisma"
kind = "prisma"
language = "prisma"

[owners.backend]
tables = ["price_point", "currency"]
enums = ["source_kind"]

[owners.frontend]
tables = ["Member"]
"""
BACKEND = """
CREATE TYPE source_kind AS ENUM ('on-chain', 'oracle');
CREATE TABLE currency (id uuid PRIMARY KEY, iso_code text NOT NULL, CONSTRAINT currency_iso_code_key UNIQUE (iso_code));
CREATE TABLE price_point (
    currency_id uuid NOT NULL REFERENCES currency (id) ON DELETE CASCADE ON UPDATE CASCADE,
    at timestamptz(3) NOT NULL, source source_kind NOT NULL DEFAULT 'on-chain', usd numeric(38, 18) NOT NULL,
    PRIMARY KEY (currency_id, at)
);
"""
FRONTEND = """
CREATE TABLE "Member" ("id" UUID NOT NULL, "favouriteId" UUID NOT NULL, CONSTRAINT "Member_pkey" PRIMARY KEY ("id"));
ALTER TABLE "Member" ADD CONSTRAINT "Member_favouriteId_fkey" FOREIGN KEY ("favouriteId") REFERENCES "currency"("id")
    ON DELETE RESTRICT ON UPDATE CASCADE;
"""
BASE = """
generator client {
  provider = "prisma-client"
  output   = "./generated"
}

datasource db {
  provider = "postgresql"
}

/// Who uses the platform.
model Member {
  id          String  @id @db.Uuid
  favouriteId String  @db.Uuid
  favourite   Ccy     @relation("favourites", fields: [favouriteId], references: [id])
}
"""
INTROSPECTED = """
/// Money of a country.
/// As ISO 4217 has it.
model Ccy {
  id       String    @id @default(uuid()) @db.Uuid
  /// Three letters.
  isoCode  String    @unique @map("iso_code")
  drifted  Int?
  prices   Quote[]
  fans     Member[]  @relation("favourites")

  @@map("currency")
}

model Quote {
  ccyId  String     @map("currency_id") @db.Uuid
  at     DateTime   @db.Timestamptz(3)
  origin SourceKind @default(onChain) @map("source")
  ccy    Ccy        @relation(fields: [ccyId], references: [id], onDelete: Cascade)

  @@id([ccyId, at], name: "byTime")
  @@map("price_point")
}

enum SourceKind {
  onChain @map("on-chain")

  @@map("source_kind")
}
"""
Run = Callable[..., tuple[int, str]]


@pytest.fixture
def adopting(tmp_path: Path) -> Path:
    """A project that has models of the backend's tables by its own names, which have drifted."""
    for name, text in (
        ("strongroom.toml", CONTRACT),
        ("sql/0001_first.sql", BACKEND),
        ("prisma/migrations/20260101000000_first/migration.sql", "-- requires: pg/0001_first" + FRONTEND),
    ):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text.lstrip(), encoding="utf-8")
    return tmp_path


@pytest.fixture
def run(adopting: Path, postgres_url: str) -> Run:
    """Run a command of ``strongroom schema`` on the project."""

    def invoked(*words: str) -> tuple[int, str]:
        result = invoke(CliRunner(), "schema", *words, "--contract", str(adopting), "--scratch", postgres_url)
        return result.exit_code, result.output

    return invoked


def test_a_project_that_has_its_database_to_itself_is_left_as_it_is(adopting: Path, run: Run) -> None:
    """Nothing is others', so that there is nothing to write: no marker, no configuration, no shadow database."""
    (adopting / "strongroom.toml").write_text(
        '[sides.web]\nrole = "web"\nmigrations = "prisma"\nkind = "prisma"\nlanguage = "prisma"\n'
    )
    schema = adopting / "prisma" / "schema.prisma"
    schema.write_text(BASE.partition("/// Who")[0] + "enum Unused {\n  A\n}\nmodel Note {\n  id Int @id\n}\n")
    migration = 'CREATE TABLE "Note" (id integer CONSTRAINT "Note_pkey" PRIMARY KEY);'
    (adopting / "prisma/migrations/20260101000000_first/migration.sql").write_text(
        f"{migration} CREATE TYPE \"Unused\" AS ENUM ('A');"
    )
    before = {path: path.read_text() for path in adopting.rglob("*.*")}
    assert run("replay") == (0, run("replay")[1])
    assert run("prisma", "generate", "--check") == (0, "Everything is up to date.\n")
    assert run("prisma", "generate")[0] == 0
    assert {path: path.read_text() for path in adopting.rglob("*.*")} == before


@pytest.mark.parametrize("files", ["one", "several"])
def test_a_drifted_file_is_fixed_and_keeps_its_names(adopting: Path, run: Run, files: str) -> None:
    """Models, fields, relations, enums, client's names and comments stay; what the table has not is gone."""
    if files == "one":
        schema = adopting / "prisma" / "schema.prisma"
        schema.write_text(BASE + INTROSPECTED)
    else:
        folder = adopting / "prisma" / "schema"
        folder.mkdir()
        (folder / "base.prisma").write_text(BASE)
        (folder / "introspected.prisma").write_text(INTROSPECTED)
        schema = folder / "others.prisma"
    assert run("replay")[0] == 1
    code, said = run("prisma", "generate")
    assert code == 0, said
    assert run("replay")[0] == 0, run("replay")[1]
    assert run("prisma", "generate", "--check")[0] == 0
    own, _, theirs = schema.read_text().partition(MARKER)
    assert "drifted" not in own + theirs
    assert ("model Member {" in own) == (files == "one")
    for kept in (
        "/// Money of a country.\n/// As ISO 4217 has it.\nmodel Ccy {",
        "  /// Three letters.\n  isoCode",
        '@unique @map("iso_code")',
        "@id @default(uuid()) @db.Uuid",
        '@relation("favourites")',
        '@@id([ccyId, at], name: "byTime")',
        '@map("currency_id") @db.Uuid',
        '@default(onChain) @map("source")',
        '  onChain @map("on-chain")\n  oracle\n',
        "fans",
        "prices",
    ):
        assert kept in theirs
    assert re.search(r"usd\s+Decimal\s+@db.Decimal\(38, 18\)", theirs)
    if files == "several":
        assert (adopting / "prisma/schema/base.prisma").read_text() == BASE
        assert (adopting / "prisma/schema/introspected.prisma").read_text().strip() == ""


def test_a_configuration_that_somebody_wrote_is_left_alone(adopting: Path, run: Run) -> None:
    """What is external stands beside it, to be imported; one that was generated is written anew."""
    (adopting / "prisma" / "schema.prisma").write_text(BASE + INTROSPECTED)
    config = adopting / "prisma" / "prisma.config.ts"
    assert run("prisma", "generate")[0] == 0
    assert "public.currency" in config.read_text()
    config.write_text("export default {};\n")
    assert run("prisma", "generate")[0] == 0
    assert config.read_text() == "export default {};\n"
    told = json.loads((adopting / "prisma" / "prisma.external.json").read_text())
    assert told == {"tables": ["public.currency", "public.price_point"], "enums": ["public.source_kind"]}


@pytest.fixture(scope="module")
async def found(postgres_url: str) -> Catalog:
    """What the shipped histories make."""
    project = open_project(ROOT)
    with ScratchServer(postgres_url) as scratch:
        return await scratch.replay(read_migrations(project.contract, ROOT), project.contract.schemas)


def texts(folder: Path, found: Catalog) -> dict[Path, str]:
    """Return the files that a project's frontend gets for a catalog."""
    project = open_project(folder)
    return PrismaFrontend(project.contract, project.folder, ScratchServer()).texts(found)


def names(schema: PrismaSchema) -> dict[str, list[str]]:
    """Return the names that a schema gives, by what the database calls them."""
    models = {model.table: [model.name, *sorted(part.name for part in model.members)] for model in schema.models}
    enums = {enum.type: [enum.name, *(value.name for value in enum.values)] for enum in schema.enums}
    return {**models, **enums}


@few(6)
@given(chosen=st.sets(st.sampled_from([model.name for model in read_schema({"s": SHIPPED}).models]), max_size=6))
def test_whatever_is_renamed_stays_renamed(
    tmp_path_factory: pytest.TempPathFactory, found: Catalog, chosen: set[str]
) -> None:
    """A model by another name, in all that leads to it, is generated by that name; nothing else is touched."""
    folder = tmp_path_factory.mktemp("project")
    (folder / "strongroom.toml").write_text((ROOT / "strongroom.toml").read_text())
    schema = folder / "migrations" / "prisma" / "schema.prisma"
    schema.parent.mkdir(parents=True)
    text = SHIPPED
    for name in sorted(chosen):
        text = re.sub(rf"\b{name}\b(?=[\[\]?\s{{])", f"My{name}", text)
    schema.write_text(text)
    written = texts(folder, found)[schema]
    assert names(read_schema({"s": written})) == names(read_schema({"s": text}))
    schema.write_text(written)
    assert texts(folder, found)[schema] == written
    if not chosen:
        assert written == SHIPPED
