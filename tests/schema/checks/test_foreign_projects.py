"""Projects of others' making, as one finds them: a history is replayed as it was applied, and there is no finding."""

from collections.abc import Callable
from pathlib import Path

import pytest
from support.commands import invoke
from typer.testing import CliRunner

from strongroom.domain.schema.catalog import Catalog, Column, EnumType, Relation
from strongroom.domain.schema.comparison import compare
from strongroom.domain.schema.visibility import visible_to_prisma

CONTRACT = '[sides.web]\nrole = "web"\nmigrations = "prisma"\nkind = "prisma"\nlanguage = "prisma"\n'
DATASOURCE = 'datasource db {\n  provider = "postgresql"\n  url      = env("DATABASE_URL")\n}\n'
TASK = "model Task {\n  id Int @id @default(autoincrement())\n  state State @default(OPEN)\n}\n"
STATE = "enum State {\n  OPEN\n  DONE\n}\n"
CREATE_STATE = "-- CreateEnum\nCREATE TYPE \"State\" AS ENUM ('OPEN', 'DONE');\n"
CREATE_TASK = """
-- CreateTable
CREATE TABLE "Task" (
    "id" SERIAL NOT NULL,
    "state" "State" NOT NULL DEFAULT 'OPEN',

    CONSTRAINT "Task_pkey" PRIMARY KEY ("id")
);
"""
FIRST = CREATE_STATE + CREATE_TASK
WITHOUT_LABEL = """/*
  Warnings:

  - The values [LATE] on the enum `State` will be removed; if they are still used, this fails.

*/
-- AlterEnum
BEGIN;
CREATE TYPE "State_new" AS ENUM ('OPEN', 'DONE');
ALTER TABLE "Task" ALTER COLUMN "state" DROP DEFAULT;
ALTER TABLE "Task" ALTER COLUMN "state" TYPE "State_new" USING ("state"::text::"State_new");
ALTER TYPE "State" RENAME TO "State_old";
ALTER TYPE "State_new" RENAME TO "State";
DROP TYPE "State_old";
ALTER TABLE "Task" ALTER COLUMN "state" SET DEFAULT 'OPEN';
COMMIT;

-- AlterTable
ALTER TABLE "Task" RENAME CONSTRAINT "Task_pkey" TO "Task_key";
ALTER TABLE "Task" RENAME CONSTRAINT "Task_key" TO "Task_pkey";
"""
HISTORIES = {
    "a label is taken away, within a transaction of its own": [
        FIRST.replace("'OPEN'", "'LATE', 'OPEN'", 1),
        WITHOUT_LABEL,
    ],
    "a label is added between others, and used at once": [
        FIRST.replace(", 'DONE'", ""),
        "ALTER TYPE \"State\" ADD VALUE 'DONE' BEFORE 'OPEN';\nUPDATE \"Task\" SET state = 'DONE';",
    ],
    "a commit too many": [f"{FIRST}COMMIT;\n"],
    "an index made concurrently, and a vacuum": [
        FIRST + 'CREATE INDEX CONCURRENTLY x ON "Task" ("state");',
        'DROP INDEX CONCURRENTLY x;\nVACUUM "Task";',
    ],
    "the bookkeeping is made by hand": ['CREATE TABLE IF NOT EXISTS "_prisma_migrations" ("id" VARCHAR(36));' + FIRST],
    "blocks that forgive": [FIRST, f"DO $$ BEGIN {CREATE_STATE} EXCEPTION WHEN duplicate_object THEN NULL; END $$;"],
    "a migration of nothing": [FIRST, "-- This is an empty migration."],
    "a file saved on another system": ["\ufeff" + FIRST.replace("\n", "\r\n")],
    "a table is renamed, its sequence is not": [
        FIRST.replace('"Task', '"Job'),
        'ALTER TABLE "Job" RENAME TO "Task";\nALTER INDEX "Job_pkey" RENAME TO "Task_pkey";',
    ],
    "settings of a dump": ["SET statement_timeout = 0;\nSELECT set_config('search_path', 'public', false);\n" + FIRST],
    "rows are moved": [FIRST, 'INSERT INTO "Task" DEFAULT VALUES;\nUPDATE "Task" SET state = \'DONE\' WHERE id = 1;'],
}
Run = Callable[..., tuple[int, str]]


@pytest.fixture
def run(tmp_path: Path, postgres_url: str) -> Run:
    """Run a command of ``strongroom schema`` on the project in the test's folder."""

    def invoked(*words: str) -> tuple[int, str]:
        result = invoke(CliRunner(), "schema", *words, "--contract", str(tmp_path), "--scratch", postgres_url)
        return result.exit_code, result.output

    return invoked


def write(folder: Path, schema: dict[str, str], migrations: list[str], contract: str = CONTRACT) -> None:
    """Write a project: its contract, the files of its schema, its migrations in their order."""
    files = {"strongroom.toml": contract, "prisma/migrations/migration_lock.toml": 'provider = "postgresql"\n'}
    files |= {f"prisma/{name}": text for name, text in schema.items()}
    files |= {f"prisma/migrations/2024{n:010}_m/migration.sql": sql for n, sql in enumerate(migrations)}
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(text.encode())


@pytest.mark.parametrize("name", HISTORIES)
def test_a_history_is_replayed_as_it_was_applied(tmp_path: Path, run: Run, name: str) -> None:
    """What people write into migrations by hand, and what Prisma writes there, leads to what the schema says."""
    write(tmp_path, {"schema.prisma": DATASOURCE + STATE + TASK}, HISTORIES[name])
    (tmp_path / "prisma" / "migrations" / "20240000000000_forgotten").mkdir()
    code, said = run("replay")
    assert code == 0, said


@pytest.mark.parametrize("name", HISTORIES)
def test_the_impact_of_a_history_is_told(tmp_path: Path, run: Run, empty_database: str, name: str) -> None:
    """Nothing of what people write into migrations keeps a new database's first deployment from being foreseen."""
    write(tmp_path, {"schema.prisma": DATASOURCE + STATE + TASK}, HISTORIES[name])
    code, said = run("impact", "--database", empty_database)
    assert code == 0, said
    assert 'CREATE TABLE "' in said or "CREATE TABLE IF" in said


def test_a_schema_in_files_and_schemas_is_checked_whole(tmp_path: Path, run: Run) -> None:
    """Lists of both, and of the same model, across files; enums and tables in the schemas that the contract lists."""
    base = DATASOURCE.replace("}\n", '  schemas  = ["people", "shop"]\n}\n')
    people = """model Person {
  id        Int      @id @default(autoincrement())
  mentorId  Int?
  mentor    Person?  @relation("mentoring", fields: [mentorId], references: [id], onDelete: SetNull)
  mentored  Person[] @relation("mentoring")
  friends   Person[] @relation("friends")
  friendOf  Person[] @relation("friends")
  favourites Item[]

  @@schema("people")
}
"""
    shop = """model Item {
  id    Int      @id
  kind  Kind     @default(USED)
  tags  String[] @default([])
  likedBy Person[]

  @@schema("shop")
}

enum Kind {
  NEW
  USED

  @@schema("shop")
}
"""
    migration = """
CREATE SCHEMA IF NOT EXISTS "people";
CREATE SCHEMA IF NOT EXISTS "shop";
CREATE TYPE "shop"."Kind" AS ENUM ('NEW', 'USED');
CREATE TABLE "people"."Person" ("id" SERIAL CONSTRAINT "Person_pkey" PRIMARY KEY, "mentorId" INTEGER
    CONSTRAINT "Person_mentorId_fkey" REFERENCES "people"."Person" ON DELETE SET NULL ON UPDATE CASCADE);
CREATE TABLE "shop"."Item" ("id" INTEGER CONSTRAINT "Item_pkey" PRIMARY KEY,
    "kind" "shop"."Kind" NOT NULL DEFAULT 'USED', "tags" TEXT[] NOT NULL DEFAULT '{}');
"""
    for table, one, other in (("friends", "Person", "Person"), ("ItemToPerson", "Item", "Person")):
        home = {"Person": "people", "Item": "shop"}
        at = home[one]
        migration += f"""
CREATE TABLE "{at}"."_{table}" ("A" INTEGER NOT NULL CONSTRAINT "_{table}_A_fkey"
    REFERENCES "{at}"."{one}" ON DELETE CASCADE ON UPDATE CASCADE, "B" INTEGER NOT NULL
    CONSTRAINT "_{table}_B_fkey" REFERENCES "{home[other]}"."{other}" ON DELETE CASCADE ON UPDATE CASCADE,
    CONSTRAINT "_{table}_AB_pkey" PRIMARY KEY ("A", "B"));
CREATE INDEX "_{table}_B_index" ON "{at}"."_{table}" ("B");
"""
    files = {"schema/base.prisma": base, "schema/people/person.prisma": people, "schema/shop.prisma": shop}
    write(tmp_path, files, [migration])
    code, said = run("replay")
    assert code == 2
    assert 'write schemas = ["people", "shop"] under [sides.web]' in said
    write(tmp_path, files, [migration], f'{CONTRACT}schemas = ["people", "shop"]\n')
    code, said = run("replay")
    assert code == 0, said
    assert run("prisma", "generate", "--check")[0] == 0


def test_a_history_of_five_hundred_migrations_is_replayed(tmp_path: Path, run: Run) -> None:
    """Each table is made by one migration, and gets a column by each of the next four."""
    models, migrations = "", []
    for number in range(100):
        fields = "".join(f"  c{column} String?\n" for column in range(4))
        models += f"model T{number} {{\n  id Int @id\n{fields}}}\n"
        migrations.append(f'CREATE TABLE "T{number}" ("id" INTEGER, CONSTRAINT "T{number}_pkey" PRIMARY KEY ("id"));')
        migrations += [f'ALTER TABLE "T{number}" ADD COLUMN "c{column}" TEXT;' for column in range(4)]
    write(tmp_path, {"schema.prisma": DATASOURCE + models}, migrations)
    code, said = run("replay")
    assert (code, "100 objects were looked at" in said) == (0, True), said


def test_a_schema_is_compared_with_a_history_as_prisma_sees_it(tmp_path: Path, postgres_url: str) -> None:
    """In either direction: what Prisma cannot say is no difference, and what it can say is one."""
    more = """
CREATE INDEX "Task_open_idx" ON "Task" ("id") WHERE "state" = 'OPEN';
CREATE VIEW "Open" AS SELECT "id" FROM "Task" WHERE "state" = 'OPEN';
CREATE FUNCTION touched() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END';
CREATE TRIGGER touch BEFORE UPDATE ON "Task" FOR EACH ROW EXECUTE FUNCTION touched();
"""
    write(tmp_path, {"schema.prisma": DATASOURCE + STATE + TASK}, [FIRST, more])
    sources = [str(tmp_path / "prisma" / name) for name in ("schema.prisma", "migrations")]
    for pair in (sources, sources[::-1]):
        result = invoke(CliRunner(), "schema", "diff", *pair, "--scratch", postgres_url)
        assert (result.exit_code, result.output) == (0, "No difference.\n")
    write(tmp_path, {}, [FIRST, more, 'ALTER TABLE "Task" ADD COLUMN "title" TEXT;'])
    for pair, aspect in ((sources, "extra"), (sources[::-1], "missing")):
        result = invoke(CliRunner(), "schema", "diff", *pair, "--scratch", postgres_url)
        assert result.exit_code == 1
        assert f"table public.Task, title: column {aspect}" in result.output


@pytest.mark.parametrize(
    ("statement", "words"),
    [
        ('GRANT SELECT ON "Task" TO nobody_here;', 'role "nobody_here" does not exist'),
        ('ALTER TABLE "Task" ADD FOREIGN KEY (id) REFERENCES auth.users (id);', 'schema "auth" does not exist'),
    ],
)
def test_foreign_objects_are_reported_with_advice(tmp_path: Path, run: Run, statement: str, words: str) -> None:
    """A hosted database has roles and schemas that no migration makes: a dump that has them is to stand for it."""
    write(tmp_path, {"schema.prisma": DATASOURCE + STATE + TASK}, [FIRST + statement])
    code, said = run("replay")
    assert code == 2
    assert words in said
    assert "begin with a dump that has it" in said


def test_a_project_without_migrations_is_reported(tmp_path: Path, run: Run) -> None:
    """The folder is named, without the line of a file that is not there."""
    write(tmp_path, {"schema.prisma": DATASOURCE + STATE + TASK}, [])
    code, said = run("replay")
    assert code == 2
    assert f"{tmp_path / 'prisma'}: there is no history here" in said.replace("\n", "")


@pytest.mark.parametrize(
    ("declared", "found", "same"),
    [
        ("vector(3)", "public.vector(3)", True),
        ("vector(3)", "extensions.vector(4)", False),
        ("geometry(Point, 4326)", "extensions.geometry(Point,4326)", True),
        ("geometry(point,4326)[]", "gis.geometry(Point,4326)[]", True),
        ("public.citext", "extensions.citext", True),
        ("public.citext", "text", False),
        ('public."Mood"', "shop.mood", False),
        ("public.mood", "shop.mood", False),
    ],
)
def test_the_type_of_an_extension_is_the_same_in_whatever_schema_it_lies(
    declared: str, found: str, *, same: bool
) -> None:
    """A schema.prisma names it bare, and no server is asked that has not the extension; enums are told apart."""
    columns = [
        Catalog(relations=(_of(type_),), enums=(EnumType(schema="shop", name="mood", labels=()),))
        for type_ in (declared, found)
    ]
    assert (compare(columns[0], visible_to_prisma(columns[1], columns[0])) == []) is same


def _of(type_: str) -> Relation:
    return Relation(schema="public", name="t", columns=(Column(name="c", type=type_),))
