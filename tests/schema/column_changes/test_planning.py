"""A change in steps leaves exactly what the change made at once leaves, or is refused before anything is written."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from strongroom.adapters.quoting import quote_identifier
from strongroom.adapters.schema import new_migrations as naming
from strongroom.adapters.schema.contract_file import read_contract
from strongroom.adapters.schema.contract_file.open_changes import add_change, remove_change
from strongroom.adapters.schema.new_migrations import FolderMigrations, NamingUnknown, new_migrations
from strongroom.adapters.schema.postgres.column_changes import migration_steps
from strongroom.adapters.schema.project import coordinate, open_project
from strongroom.adapters.schema.scratch import ScratchServer
from strongroom.domain.errors import InvalidValue
from strongroom.domain.schema.column_change import (
    ColumnChange,
    ColumnChangeRefused,
    DropColumn,
    Phase,
    RenameOrRetype,
    SetNotNull,
    Step,
    counterpart,
    truncate_name,
)
from strongroom.domain.schema.contract import ContractSide, MigrationKind
from strongroom.ports.schema.errors import ReplayFailed
from strongroom.ports.schema.expand_contract import PlannedChange, plan_change
from strongroom.testing.contract.property_settings import few

NOW: Final = datetime(2026, 11, 23, 12, tzinfo=UTC)
NAMES: Final = ("plain", "Mixed Case", "select", 'quo"te', "per%cent", "ünïcode", "a" * 60)
PARTS: Final = (
    "CREATE INDEX {idx} ON t ({q})",
    "CREATE INDEX t_both ON t (other, {q} DESC NULLS LAST)",
    "CREATE INDEX t_lower ON t (lower({q}::text)) WHERE {q} IS NOT NULL",
    "CREATE INDEX t_other_idx ON t (other) INCLUDE ({q})",
    "CREATE UNIQUE INDEX {once} ON t ({q}) NULLS NOT DISTINCT",
    "ALTER TABLE t ADD CONSTRAINT {key} UNIQUE ({q}) DEFERRABLE INITIALLY DEFERRED",
    "ALTER TABLE t ADD CONSTRAINT pair UNIQUE (other, {q})",
    "ALTER TABLE t ADD CONSTRAINT {check} CHECK ({q}::text <> '')",
    "ALTER TABLE t ADD CONSTRAINT sense CHECK ({q}::text <> other::text) NO INHERIT",
    "ALTER TABLE t ADD CONSTRAINT later CHECK (length({q}::text) < 9) NOT VALID",
    "ALTER TABLE t ADD CONSTRAINT {fkey} FOREIGN KEY ({q}) REFERENCES r ON DELETE SET NULL ON UPDATE CASCADE",
    "COMMENT ON COLUMN t.{q} IS 'what it''s called'",
    "GRANT SELECT ({q}), UPDATE ({q}) ON t TO PUBLIC",
    "ALTER TABLE t ALTER COLUMN {q} SET NOT NULL",
    "ALTER TABLE t ALTER COLUMN {q} SET DEFAULT 'x'",
    "CREATE VIEW shown AS SELECT other, {q} FROM t WHERE {q} IS NOT NULL",
)
ENDS: Final = {end: f"t_old_{end}" for end in ("idx", "once", "key", "check", "fkey")}
CONTRACT: Final = """
[sides.one]
role = "one"
migrations = "sql"
kind = "sql"
[sides.two]
role = "two"
kind = "sql"
[owners.one]
objects = ["*"]
[owners.two]
tables = []
"""


def written(folder: Path, *statements: str) -> Path:
    """Write a project of one history, and return its folder."""
    (folder / "sql").mkdir(exist_ok=True)
    (folder / "strongroom.toml").write_text(CONTRACT)
    (folder / "sql" / "0001_first.sql").write_text(";\n".join(statements) + ";\n", encoding="utf-8")
    return folder


async def plan(folder: Path, change: ColumnChange, phase: Phase, url: str) -> PlannedChange[Any]:
    """Return what is planned for a project."""
    with ScratchServer(url) as scratch:
        project = coordinate(open_project(folder), scratch)
        return await plan_change(project, change, phase, FolderMigrations(folder, NOW), NOW)


@few(12)
@given(
    old=st.sampled_from(NAMES),
    new=st.sampled_from(["fresh", 'New "name"', "b" * 63]),
    kind=st.sampled_from(["text", "varchar(20)", 'text COLLATE "C"', "citizen"]),
    parts=st.sets(st.sampled_from(PARTS), max_size=6),
    partitioned=st.booleans(),
)
async def test_a_renamed_column_keeps_its_dependents(
    tmp_path_factory: pytest.TempPathFactory,
    postgres_url: str,
    old: str,
    new: str,
    kind: str,
    parts: set[str],
    *,
    partitioned: bool,
) -> None:
    """Both ends are applied, and compared with the rename made at once: type, null, default, keys, checks, views."""
    made = [
        "CREATE DOMAIN citizen AS text CHECK (VALUE <> 'nobody')",
        "CREATE TABLE r (key text PRIMARY KEY)" if kind == "text" else f"CREATE TABLE r (key {kind} PRIMARY KEY)",
        f"CREATE TABLE t (id int, other text, {quote_identifier(old)} {kind})"
        + " PARTITION BY RANGE (id)" * partitioned,
    ]
    if partitioned:
        made.append("CREATE TABLE t_all PARTITION OF t DEFAULT")
        parts = {part for part in parts if "UNIQUE" not in part and "NO INHERIT" not in part}
    named = {end: quote_identifier(f"t_{old[:40]}_{end}") for end in ENDS}
    made += [part.format(q=quote_identifier(old), **named) for part in sorted(parts)]
    folder = written(tmp_path_factory.mktemp("project"), *made)
    change = RenameOrRetype(schema="public", table="t", column=old, new=new)
    begun = await plan(folder, change, Phase.EXPAND, postgres_url)
    names = [one.migration.name for one in begun.files]
    assert names == sorted(names)
    assert all(name.startswith(f"{number:04}_") for number, name in enumerate(names, 2))
    for one in begun.files:
        one.path.write_text(one.migration.sql, encoding="utf-8")
    ended = await plan(folder, change, Phase.CONTRACT, postgres_url)
    assert [one.migration.name[:4] for one in ended.files] == [f"{len(names) + 2:04}"]
    with pytest.raises(ColumnChangeRefused, match="changes already"):
        await plan(folder, change, Phase.EXPAND, postgres_url)


async def test_a_missing_statement_is_detected(
    tmp_path: Path, postgres_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whichever statement is left out, but for those that rows and locks alone tell: the change is refused."""
    table = "CREATE TABLE t (id int, other text, old text)"
    folder = written(tmp_path, table, *(part.format(q="old", **ENDS) for part in PARTS if "REFERENCES" not in part))
    change = RenameOrRetype(schema="public", table="t", column="old", new="new")
    whole = await plan(folder, change, Phase.EXPAND, postgres_url)
    statements = [statement.text for one in whole.files for statement in one.migration.statements]
    unseen = ("DO $backfill$", "COMMENT ON", "GRANT", 'ALTER TABLE "public"."t" VALIDATE CONSTRAINT "t_new_not_null"')
    needed = [text for text in statements if not text.startswith(unseen)]
    assert len(needed) == 20
    for missing in needed:

        def without(given: Any, read: Any, phase: Phase, missing: str = missing) -> list[Step]:
            made = migration_steps(given, read, phase)
            left = (attrs.evolve(one, statements=tuple(s for s in one.statements if s != missing)) for one in made)
            return [one for one in left if one.statements]

        monkeypatch.setattr(naming, "migration_steps", without)
        with pytest.raises((ColumnChangeRefused, ReplayFailed)):
            pytest.fail(f"unnoticed: {(await plan(folder, change, Phase.EXPAND, postgres_url)).change}: {missing}")


@pytest.mark.parametrize(
    ("before", "after", "given"),
    [
        ("integer", "bigint", {}),
        ("text", "integer", {}),
        ("varchar(5)", "text", {}),
        ("text", "text", {"forward_sql": "lower({})", "backward_sql": "{}"}),
        ("integer", "text", {"forward_sql": "to_char({}, 'FM000')", "backward_sql": "CAST({} AS integer)"}),
    ],
)
async def test_a_column_gets_another_type_with_all_that_it_has(
    tmp_path: Path, postgres_url: str, before: str, after: str, given: dict[str, str]
) -> None:
    """Indexes, checks and keys of the old type have counterparts of the new, and a default is cast."""
    folder = written(
        tmp_path,
        f"CREATE TABLE t (id integer PRIMARY KEY, old {before} NOT NULL)",
        "CREATE INDEX t_old_idx ON t (old) WHERE old IS NOT NULL",
        "ALTER TABLE t ADD CONSTRAINT t_old_key UNIQUE (old, id)",
    )
    change = RenameOrRetype(schema="public", table="t", column="old", new="new", type=after, **given)
    begun = await plan(folder, change, Phase.EXPAND, postgres_url)
    assert [one.migration.name[5:].split("_")[0] for one in begun.files] == [
        "expand",
        "backfill",
        "index",
        "index",
        "validate",
    ]


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"column": "id"}, "part of the primary key"),
        ({"column": "day"}, "partitioned by it"),
        ({"column": "number"}, "identity"),
        ({"column": "twice"}, "generated"),
        ({"column": "once"}, "twice.* depends on it"),
        ({"column": "serial"}, "t_serial_seq.* depends on it"),
        ({"column": "referred"}, "elsewhere.* depends on it"),
        ({"column": "matter"}, "materialized view public.matters depends on it"),
        ({"column": "watched"}, "trigger watching.* depends on it"),
        ({"column": "apart"}, "apart_excl.* depends on it"),
        ({"column": "onse"}, "has no column onse: did you mean once"),
        ({"column": "x", "table": "tt"}, "no table public.tt: did you mean"),
        ({"column": "viewed", "type": "integer"}, "PostgreSQL refuses"),
        ({"column": "plain", "type": "nothing"}, "PostgreSQL refuses .*type .*nothing.* does not exist"),
        ({"column": "plain", "new": "once"}, "PostgreSQL refuses .*already exists"),
        ({"column": "v", "table": "shown"}, "no table public.shown"),
        ({"column": "kept", "table": "fixed"}, "a trigger refuses to have older rows filled .never again"),
        ({"column": "a", "table": "parent"}, "other tables inherit it"),
        ({"column": "id", "table": "t_all"}, "make no table public.t_all"),
    ],
)
async def test_dependents_that_cannot_be_carried_over_are_refused(
    tmp_path: Path, postgres_url: str, change: dict[str, str], reason: str
) -> None:
    """A change that would lose something, or that PostgreSQL refuses, writes nothing."""
    folder = written(
        tmp_path,
        "CREATE TABLE t (id int, day date, number int GENERATED ALWAYS AS IDENTITY, once int, "
        "twice int GENERATED ALWAYS AS (once * 2) STORED, serial serial, plain text, viewed text, "
        "PRIMARY KEY (id))",
        "CREATE TABLE u (id int, day date, referred int UNIQUE, matter int, watched int, "
        "apart int4range, CONSTRAINT apart_excl EXCLUDE USING gist (apart WITH &&)) ",
        "CREATE TABLE parted (id int, day date) PARTITION BY RANGE (day)",
        "CREATE TABLE t_all PARTITION OF parted DEFAULT",
        "CREATE TABLE elsewhere (to_u int REFERENCES u (referred))",
        "CREATE MATERIALIZED VIEW matters AS SELECT matter FROM u",
        "CREATE VIEW shown AS SELECT viewed AS v FROM t",
        "CREATE FUNCTION watch() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END'",
        "CREATE TRIGGER watching BEFORE UPDATE OF watched ON u FOR EACH ROW EXECUTE FUNCTION watch()",
        "CREATE TABLE parent (a int)",
        "CREATE TABLE child () INHERITS (parent)",
        "CREATE TABLE fixed (id int NOT NULL, day date NOT NULL, kept text NOT NULL CHECK (kept <> ''), "
        "PRIMARY KEY (id, day)) PARTITION BY RANGE (day)",
        "CREATE TABLE fixed_all PARTITION OF fixed DEFAULT",
        "CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS "
        "$$ BEGIN RAISE 'never again' USING ERRCODE = 'check_violation'; END $$",
        "CREATE TRIGGER refusing BEFORE UPDATE ON fixed FOR EACH ROW EXECUTE FUNCTION refuse()",
    )
    of = {"day": "parted", "referred": "u", "matter": "u", "watched": "u", "apart": "u"}
    told = {"schema": "public", "table": of.get(change["column"], "t"), "new": "fresh", **change}
    with pytest.raises(ColumnChangeRefused, match=reason):
        await plan(folder, RenameOrRetype(**told), Phase.EXPAND, postgres_url)


async def test_contract_sets_not_null_and_drops_the_column(tmp_path: Path, postgres_url: str) -> None:
    """A column that takes no null, and one that goes, are as the change made at once would leave them."""
    folder = written(tmp_path, "CREATE TABLE t (id int PRIMARY KEY, kind text, must text NOT NULL)")
    some = {"schema": "public", "table": "t", "column": "kind"}
    required = await plan(folder, SetNotNull(**some, fill="''"), Phase.EXPAND, postgres_url)
    assert [one.migration.name for one in required.files] == [
        "0002_expand_t_kind_not_null",
        "0003_backfill_t_kind_not_null",
        "0004_validate_t_kind_not_null",
    ]
    assert (await plan(folder, DropColumn(**some), Phase.EXPAND, postgres_url)).files == ()
    gone = await plan(folder, DropColumn(**some), Phase.CONTRACT, postgres_url)
    assert [one.migration.name for one in gone.files] == ["0002_contract_t_kind"]
    must = {**some, "column": "must"}
    with pytest.raises(ColumnChangeRefused, match="takes no null and has no default"):
        await plan(folder, DropColumn(**must), Phase.EXPAND, postgres_url)
    assert len((await plan(folder, DropColumn(**must, fill="''"), Phase.EXPAND, postgres_url)).files) == 1
    with pytest.raises(ColumnChangeRefused, match="has not begun"):
        await plan(folder, SetNotNull(**some, fill="''"), Phase.CONTRACT, postgres_url)


@given(st.text("ab_é", min_size=1, max_size=70), st.text("ab", min_size=1, max_size=30), st.text("cd", min_size=1))
def test_names_of_counterparts_fit_and_differ(name: str, old: str, new: str) -> None:
    """A counterpart's name is one that PostgreSQL keeps whole, and never the name that it stands beside."""
    found = counterpart(truncate_name(name), old, new)
    assert len(found.encode()) <= 63
    assert found != truncate_name(name)
    assert truncate_name(found) == found


def test_a_conversion_says_where_the_value_stands() -> None:
    """A conversion without a place for the value, or a new name that is none, is refused as it is made."""
    moved = RenameOrRetype(schema="public", table="t", column="a", new="b")
    for bad in ({"forward_sql": "lower(a)"}, {"backward_sql": ""}, {"new": "a"}, {"new": ""}, {"new": "x" * 64}):
        with pytest.raises(InvalidValue):
            attrs.evolve(moved, **bad)


@pytest.mark.parametrize(
    ("known", "kind", "wanted"),
    [
        (["0009_a", "0010_b"], MigrationKind.SQL, ["0011_step", "0012_step"]),
        (["V1__a", "V2__b"], MigrationKind.SQL, ["V3__step", "V4__step"]),
        (["20260101000000_a"], MigrationKind.SQL, ["20261123120000_step", "20261123120001_step"]),
        (["20260101000000_a"], MigrationKind.PRISMA, ["20261123120000_step", "20261123120001_step"]),
        (["20261123235959_later"], MigrationKind.PRISMA, ["20261124000000_step", "20261124000001_step"]),
        (["initial"], MigrationKind.SQL, None),
    ],
)
def test_new_files_are_named_as_those_before_them(
    tmp_path: Path, known: list[str], kind: MigrationKind, wanted: list[str] | None
) -> None:
    """Numbers go on as wide as they are, times are the clock's and never before the last."""
    prisma = kind is MigrationKind.PRISMA
    for name in known:
        path = tmp_path / name / "migration.sql" if prisma else tmp_path / f"{name}.sql"
        path.parent.mkdir(exist_ok=True)
        path.write_text("SELECT 1;\n")
    side = ContractSide(name="one", role="one", migrations=".", kind=kind)
    steps = [Step(name="Step!", purpose="", statements=("SELECT 1",))] * 2
    if wanted is None:
        with pytest.raises(NamingUnknown, match="initial begins with no number"):
            new_migrations(tmp_path, side, steps, NOW)
    else:
        assert [one.migration.name for one in new_migrations(tmp_path, side, steps, NOW)] == wanted


def test_the_contract_file_records_an_open_change(tmp_path: Path) -> None:
    """What is written for a change is read as one, and taken out again it leaves the text as it was."""
    text = CONTRACT.lstrip() + '\n[[changes]]\ncolumn = "a.b.c"\nkind = "drop"\nexpires = 2026-01-01\n'
    moved = RenameOrRetype(schema="public", table="t", column="old", new="new")
    told: Any = {"phase": Phase.EXPAND, "side": "one", "files": (), "afterwards": ()}
    entry = '[[changes]]\ncolumn = "public.t.old"\nkind = "rename"\nto = "new"\nexpires = 2027-02-21\n'
    begun = add_change(text, PlannedChange(change=moved, contract=entry, **told))
    (tmp_path / "strongroom.toml").write_text(begun)
    changes = read_contract(tmp_path).changes
    assert [(str(change), change.kind.value, change.to) for change in changes] == [
        ("a.b.c", "drop", None),
        ("public.t.old", "rename", "new"),
    ]
    assert remove_change(begun, moved) == text
    assert remove_change(text, moved) == text
