"""The three-way check names every mutation of either side, and says nothing where nothing is wrong."""

import re
from collections import Counter
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import asyncpg
import attrs
import pytest
from support.schema.catalog_rows import BOOKKEEPING
from support.schema.mutations import mutations, not_drift
from support.schema.prisma_mutations import prisma_mutations

from strongroom.adapters.schema.declarations import read_declarations
from strongroom.adapters.schema.postgres.catalog.reader import read_catalog_in_transaction
from strongroom.adapters.schema.postgres.column_changes.sync_trigger import create_sync_trigger
from strongroom.adapters.schema.postgres.database import without_bookkeeping
from strongroom.adapters.schema.prisma.model.reader import read_schema
from strongroom.adapters.schema.prisma.to_catalog.catalog import prisma_catalog
from strongroom.adapters.schema.project import Project, open_project
from strongroom.adapters.schema.scratch import ScratchServer
from strongroom.domain.schema.catalog import Catalog
from strongroom.domain.schema.check import CheckResult, Declaration, check_contract
from strongroom.domain.schema.column_change import ChangeKind, OpenChange, RenameOrRetype
from strongroom.domain.schema.comparison import Aspect
from strongroom.domain.schema.contract import Language

ROOT = Path(__file__).resolve().parents[3]
TODAY = date(2026, 11, 23)
SCHEMA = (ROOT / "migrations" / "prisma" / "schema.prisma").read_text(encoding="utf-8")
COUNT = 108
"""Of either side: more than two hundred together."""


@pytest.fixture(scope="module")
def project() -> Project:
    """The shipped project."""
    return open_project(ROOT)


@pytest.fixture(scope="module")
async def declared(project: Project, postgres_url: str) -> list[Declaration]:
    """What both sides of the shipped project declare."""
    with ScratchServer(postgres_url) as scratch:
        return await read_declarations(project.contract, project.folder, scratch)


@pytest.fixture(scope="module")
async def connection(shared_database: str) -> Any:
    """A connection to the migrated database."""
    connected = await asyncpg.connect(shared_database)
    yield connected
    await connected.close()


async def after(connection: Any, *statements: str) -> Catalog:
    """Return the catalog after statements that are undone again."""
    transaction = connection.transaction()
    await transaction.start()
    try:
        for statement in statements:
            await connection.execute(statement)
        found = await read_catalog_in_transaction(connection, ["public"])
    finally:
        await transaction.rollback()
    return without_bookkeeping(found)


def judged(project: Project, found: Catalog, declared: list[Declaration]) -> CheckResult:
    """Check a catalog."""
    return check_contract(project.contract, found, declared, today=TODAY, baseline={})


async def test_the_shipped_project_has_no_finding(
    project: Project, connection: Any, declared: list[Declaration]
) -> None:
    """Entities, schema.prisma and the migrated database say the same, and everything has one owner."""
    checked = judged(project, await after(connection), declared)
    assert [finding.headline for finding in checked.findings] == []
    assert checked.object_count > 60
    assert checked.not_checked


async def test_every_mutation_of_the_database_is_found_and_named(
    project: Project, connection: Any, declared: list[Declaration]
) -> None:
    """Random changes: each is named at its object, as what it is, with who is wrong and what mends it."""
    catalog = (await after(connection)).without(frozenset(("public", name) for name in BOOKKEEPING))
    missed = []
    for mutation in mutations(catalog, seed=7, count=COUNT):
        checked = judged(project, await after(connection, mutation.sql), declared)
        rule = "ownership" if mutation.aspect is Aspect.EXTRA else mutation.aspect.value
        named = [
            finding
            for finding in checked.findings
            if (finding.target.name, finding.rule) == (mutation.target, rule) and mutation.part in (None, finding.part)
        ]
        if not named or not all(finding.wrong and finding.breaks and finding.fix for finding in named):
            missed.append(f"{mutation.sql}: {[finding.headline for finding in checked.findings]}")
    assert missed == []


async def test_every_mutation_of_the_schema_prisma_is_found_and_named(
    project: Project, connection: Any, declared: list[Declaration]
) -> None:
    """Random changes of its text: each is named, and the one who owns the table is right."""
    found = await after(connection)
    theirs = next(one for one in declared if one.declared_schema.language is Language.PRISMA)
    missed, kinds = [], Counter[Aspect]()
    for mutation in prisma_mutations(SCHEMA, seed=7, count=COUNT):
        changed = Declaration(theirs.declared_schema, prisma_catalog(read_schema({"schema.prisma": mutation.text})))
        checked = judged(project, found, [changed])
        named = [
            finding
            for finding in checked.findings
            if (finding.target.name, finding.rule) == (mutation.target, mutation.aspect.value)
        ]
        kinds[mutation.aspect] += 1
        backends = all(finding.owner == "backend" for finding in named)
        wrong = theirs.declared_schema.name if backends and mutation.aspect is not Aspect.MISSING else "the database"
        if not named or any(finding.wrong != wrong for finding in named):
            missed.append(f"{mutation.target}, {mutation.what}: {[one.headline for one in checked.findings]}")
    assert missed == []
    assert len(kinds) == 13


async def test_limits_of_prismas_client_are_warned_of(
    project: Project, connection: Any, declared: list[Declaration]
) -> None:
    """Times to the microsecond and BigInt are warned of where rows are found or ordered by them, and nowhere else."""
    before = judged(project, await after(connection), declared).warnings
    assert sum("wallet: connected_at hold microseconds" in text for text in before) == 1
    [told] = [text for text in before if text.startswith("BigInt in keys and orders")]
    assert "chain (id)" in told
    assert "finality_depth" not in told
    changed = "ALTER TABLE wallet ALTER COLUMN connected_at TYPE timestamptz(3)"
    assert "wallet" not in "".join(judged(project, await after(connection, changed), declared).warnings)


@pytest.mark.parametrize(
    "mutation",
    [
        None,
        "ALTER TABLE coin DROP COLUMN logo_url",
        "ALTER TABLE coin ALTER COLUMN name DROP NOT NULL",
        "ALTER TABLE coin ALTER COLUMN symbol DROP NOT NULL",
        "ALTER TABLE coin ALTER COLUMN decimals TYPE bigint",
        "ALTER TABLE coin ALTER COLUMN symbol SET DEFAULT 'X'",
        "ALTER TABLE coin ADD COLUMN extra text",
        "ALTER TABLE coin DROP CONSTRAINT coin_chain_id_fkey",
        "ALTER TABLE coin DROP CONSTRAINT coin_decimals_check",
        "DROP INDEX coin_symbol_idx",
        "CREATE INDEX extra ON coin (name)",
        "CREATE TRIGGER extra BEFORE DELETE ON coin FOR EACH ROW EXECUTE FUNCTION refuse_update()",
    ],
)
async def test_a_change_in_steps_hides_nothing_but_itself(
    project: Project, connection: Any, declared: list[Declaration], mutation: str | None
) -> None:
    """While a column changes, its other form is no finding, and every other difference of the table is one."""
    change = OpenChange(
        schema="public", table="coin", column="symbol", to="ticker", kind=ChangeKind.RENAME, expires=TODAY
    )
    begun = (
        'ALTER TABLE coin ADD COLUMN ticker text COLLATE "C"',
        *create_sync_trigger(RenameOrRetype(schema="public", table="coin", column="symbol", new="ticker"), "text"),
        "CREATE INDEX coin_ticker_idx ON coin (ticker)",
    )
    found = await after(connection, *begun, *([mutation] if mutation else []))
    contract = attrs.evolve(project.contract, changes=(change,))
    findings = check_contract(contract, found, declared, today=TODAY, baseline={}).findings
    assert bool(findings) == (mutation is not None)
    overdue = check_contract(contract, found, declared, today=TODAY + timedelta(days=1), baseline={}).findings
    assert "ticker" in "".join(finding.headline for finding in overdue)


async def test_harmless_differences_are_not_reported(
    project: Project, connection: Any, declared: list[Declaration]
) -> None:
    """Comments, statistics, partitions and privileges give no finding; nor does another layout of the same text."""
    changed = await after(connection, *not_drift(await after(connection)))
    assert judged(project, changed, declared).findings == ()
    found = await after(connection)
    theirs = next(one for one in declared if one.declared_schema.language is Language.PRISMA)
    for text in other_layouts():
        same = Declaration(theirs.declared_schema, prisma_catalog(read_schema({"schema.prisma": text})))
        assert judged(project, found, [same]).findings == ()


def other_layouts() -> Iterator[str]:
    """Yield the text of schema.prisma in other layouts."""
    yield re.sub(r"(?<=\S) +", " ", SCHEMA)
    yield re.sub(r"^///.*\n", "", SCHEMA, flags=re.MULTILINE)
    yield SCHEMA.replace("\n", "\r\n")
    yield re.sub(r"^(model \w+ \{\n)((?:  \w.*\n)+)", reversed_fields, SCHEMA, flags=re.MULTILINE)


def reversed_fields(block: re.Match[str]) -> str:
    """Return a model with its fields in the opposite order."""
    return block[1] + "".join(reversed(block[2].splitlines(keepends=True)))


async def test_accepted_findings_are_listed_with_their_reasons(
    project: Project, connection: Any, declared: list[Declaration]
) -> None:
    """A baseline accepts the findings that it names, and is told of those that are gone."""
    found = await after(connection, "ALTER TABLE goal DROP COLUMN name")
    first = judged(project, found, declared)
    assert first.findings
    baseline = {finding.key: "dropped in May" for finding in first.findings} | {"gone": "was there once"}
    again = check_contract(project.contract, found, declared, today=TODAY, baseline=baseline)
    assert again.findings == ()
    assert {reason for _, reason in again.accepted} == {"dropped in May"}
    assert any("no longer there: gone" in warning for warning in again.warnings)
    more = await after(connection, "ALTER TABLE goal DROP COLUMN name", "ALTER TABLE coin ALTER symbol DROP NOT NULL")
    new = check_contract(project.contract, more, declared, today=TODAY, baseline=baseline).findings
    assert {finding.part for finding in new} == {"symbol"}
