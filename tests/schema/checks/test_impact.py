"""What a migration will do is told by what it does: changes, readers, locks, rewrites."""

import shutil
from pathlib import Path

import pytest
from support.scratch import CopiedScratch

from strongroom.adapters.postgres.migrator.files import Migration, Side
from strongroom.adapters.schema.applied import split_pending
from strongroom.adapters.schema.declarations import read_declarations
from strongroom.adapters.schema.histories import read_migrations
from strongroom.adapters.schema.postgres.ddl.safe_alternatives import safe_alternatives
from strongroom.adapters.schema.project import Project, open_project
from strongroom.adapters.schema.scratch import ScratchServer
from strongroom.domain.schema.check import Declaration
from strongroom.domain.schema.impact import StatementImpact, Verdict
from strongroom.ports.schema.errors import ReplayFailed, SourceInvalid
from strongroom.ports.schema.impact import analyze_impact

ROOT = Path(__file__).resolve().parents[3]


@pytest.fixture(scope="module")
def project() -> Project:
    """The shipped project."""
    return open_project(ROOT)


@pytest.fixture(scope="module")
async def declared(project: Project, postgres_url: str) -> list[Declaration]:
    """What both sides declare."""
    with ScratchServer(postgres_url) as scratch:
        return await read_declarations(project.contract, project.folder, scratch)


@pytest.fixture(scope="module")
def replayed(postgres_url: str, replayed_template: str) -> ScratchServer:
    """Scratch databases in which the shipped histories were replayed already."""
    return CopiedScratch(postgres_url, template=replayed_template)


async def told(
    project: Project, declared: list[Declaration], replayed: ScratchServer, sql: str, side: Side = Side.BACKEND
) -> list[StatementImpact]:
    """Return what a new migration of a side would do."""
    new = Migration(side, "9999_new", Path("9999_new.sql"), sql, (), in_transaction=True)
    return await analyze_impact(project.contract, [], [new], declared, replayed, alternatives=safe_alternatives)


@pytest.mark.parametrize(
    ("sql", "verdict", "words"),
    [
        ("ALTER TABLE coin RENAME symbol TO ticker", Verdict.NOW, "P2022"),
        ("ALTER TABLE coin DROP COLUMN symbol", Verdict.NOW, "P2022"),
        ("ALTER TABLE coin ADD COLUMN extra integer", Verdict.NEVER, ""),
        ("ALTER TABLE coin ADD COLUMN extra integer NOT NULL", Verdict.NOW, "no default"),
        ("ALTER TABLE coin ALTER symbol DROP NOT NULL", Verdict.LATER, "P2032"),
        ("ALTER TABLE coin ALTER COLUMN decimals TYPE bigint", Verdict.NOW, "P2023"),
        ("ALTER TYPE flow_kind ADD VALUE 'gift'", Verdict.LATER, "reading a row that has the value fails"),
        ("ALTER TYPE flow_kind RENAME VALUE 'fee' TO 'charge'", Verdict.NOW, "writing the value fails"),
        ("DROP TABLE coin_data", Verdict.NOW, "P2021"),
        ("CREATE TABLE another (id integer PRIMARY KEY)", Verdict.NEVER, ""),
        ("DROP INDEX swaps_user_id_at_idx", Verdict.LATER, ""),
        ("ALTER TABLE coin ADD CONSTRAINT c CHECK (decimals < 100) NOT VALID", Verdict.LATER, "refused"),
        ("ALTER TABLE coin ENABLE ROW LEVEL SECURITY", Verdict.NOW, "no row but those that a policy lets through"),
        ("CREATE RULE r AS ON INSERT TO coin DO INSTEAD NOTHING", Verdict.NOW, "without an error"),
        ("CREATE UNIQUE INDEX CONCURRENTLY u ON coin (name) WHERE decimals > 3", Verdict.LATER, "P2002"),
        ("ALTER TABLE coin ALTER decimals ADD GENERATED ALWAYS AS IDENTITY", Verdict.NOW, "every insert that gives"),
        ("ALTER TABLE coin ALTER symbol TYPE varchar(900)", Verdict.LATER, ""),
        ("ALTER TABLE nmt_position_valuation ALTER value_usd TYPE numeric(60, 20)", Verdict.LATER, ""),
        ("ALTER TYPE coin_standard RENAME TO standard_of_coin", Verdict.NOW, "the type does not exist"),
        ("ALTER TABLE coin DROP CONSTRAINT coin_decimals_check", Verdict.NEVER, ""),
    ],
    ids=lambda value: value if isinstance(value, str) and " " in value else None,
)
async def test_a_change_breaks_its_readers_now_later_or_never(
    project: Project, declared: list[Declaration], replayed: ScratchServer, sql: str, verdict: Verdict, words: str
) -> None:
    """The frontend's models are what the backend's change is held against; the backend itself is no reader of it."""
    (impact,) = await told(project, declared, replayed, sql)
    assert impact.verdict is verdict
    assert {reader.side for reader in impact.readers} <= {"frontend"}
    assert words in " ".join(reader.why for reader in impact.readers)
    if "COLUMN" in sql or "CREATE TABLE" in sql:
        assert bool(impact.advice) == (verdict is Verdict.NOW)


async def test_a_change_of_the_frontends_is_held_against_the_entities(
    project: Project, declared: list[Declaration], replayed: ScratchServer
) -> None:
    """A frontend's migration that takes a column away breaks the repository that reads it."""
    (impact,) = await told(project, declared, replayed, "ALTER TABLE goal DROP COLUMN name", Side.FRONTEND)
    assert [(reader.side, reader.declared_schema, reader.verdict) for reader in impact.readers] == [
        ("backend", "the entities", Verdict.NOW)
    ]
    assert "SchemaMismatch" in impact.readers[0].why


@pytest.mark.parametrize(
    ("sql", "mode", "blocks", "rewrites"),
    [
        ("ALTER TABLE coin ADD COLUMN extra integer DEFAULT 7", "AccessExclusiveLock", "reads and writes", False),
        (
            "ALTER TABLE coin ADD COLUMN extra uuid DEFAULT gen_random_uuid()",
            "AccessExclusiveLock",
            "reads and writes",
            True,
        ),
        ("ALTER TABLE coin ALTER COLUMN decimals TYPE bigint", "AccessExclusiveLock", "reads and writes", True),
        ("CREATE INDEX i ON coin (name)", "ShareLock", "writes", False),
        (
            "ALTER TABLE coin ADD CONSTRAINT f FOREIGN KEY (name) REFERENCES chain (name)",
            "ShareRowExclusiveLock",
            "writes",
            False,
        ),
        ("ALTER TABLE coin VALIDATE CONSTRAINT coin_decimals_check", "ShareUpdateExclusiveLock", "nothing", False),
    ],
    ids=lambda value: value if isinstance(value, str) and " " in value and value.isupper() else None,
)
async def test_the_lock_is_the_one_that_the_statement_takes(
    project: Project,
    declared: list[Declaration],
    replayed: ScratchServer,
    sql: str,
    mode: str,
    blocks: str,
    rewrites: bool,  # noqa: FBT001
) -> None:
    """Mode, what it blocks, and whether the table is written anew, as PostgreSQL itself shows them."""
    (impact,) = await told(project, declared, replayed, sql)
    lock = next(lock for lock in impact.locks if lock.target.name == "coin")
    assert (lock.mode, lock.rewrites) == (mode, rewrites)
    assert lock.blocks.startswith(blocks)


@pytest.mark.parametrize(
    ("sql", "way"),
    [
        ("ALTER TABLE coin ALTER COLUMN coingecko_id SET NOT NULL", "expand-contract not-null"),
        (
            """ALTER TABLE coin ADD CONSTRAINT proof CHECK (coingecko_id IS NOT NULL);
            ALTER TABLE coin ALTER COLUMN coingecko_id SET NOT NULL""",
            None,
        ),
        ("ALTER TABLE coin ADD CONSTRAINT extra FOREIGN KEY (id) REFERENCES coin (id)", "NOT VALID"),
        ("CREATE TRIGGER extra BEFORE UPDATE ON coin FOR EACH ROW EXECUTE FUNCTION refuse_update()", None),
        ("CREATE INDEX extra ON coin (name)", "CONCURRENTLY"),
        ("DROP INDEX coin_symbol_idx", "DROP INDEX CONCURRENTLY"),
        ("ALTER TABLE coin ADD CONSTRAINT f FOREIGN KEY (id) REFERENCES coin (id) NOT VALID", None),
        ("ALTER TABLE coin ADD CONSTRAINT c CHECK (decimals < 100)", "the check NOT VALID"),
        ("ALTER TABLE coin ADD CONSTRAINT c CHECK (decimals < 100) NOT VALID", None),
        ("ALTER TABLE coin ADD CONSTRAINT u UNIQUE (name, id)", "USING INDEX"),
        ("ALTER TABLE coin ADD COLUMN extra uuid DEFAULT gen_random_uuid()", "fill older rows in batches"),
        ("REFRESH MATERIALIZED VIEW token_daily_values_mv", "CONCURRENTLY blocks no reader"),
        ("TRUNCATE coin_data", None),
        ("CLUSTER coin USING coin_pkey", None),
    ],
)
async def test_safe_alternatives_are_advised(
    project: Project, declared: list[Declaration], replayed: ScratchServer, sql: str, way: str | None
) -> None:
    """What has been made safe before, and what cannot be done otherwise, gets no advice."""
    last = (await told(project, declared, replayed, sql))[-1]
    assert (way is None and last.advice == ()) or (way is not None and way in " ".join(last.advice))


async def test_a_table_made_by_the_migration_has_no_readers(
    project: Project, declared: list[Declaration], replayed: ScratchServer
) -> None:
    """Locks and indexes on a new table concern nobody."""
    made = "CREATE TABLE another (id integer PRIMARY KEY); CREATE INDEX i ON another (id)"
    assert [impact.locks for impact in await told(project, declared, replayed, made)] == [(), ()]


async def test_a_migration_that_fails_is_named(
    project: Project, declared: list[Declaration], replayed: ScratchServer
) -> None:
    """File, line and reason; an extension that the server lacks is told as that."""
    with pytest.raises(ReplayFailed, match=r"9999_new, line 2: relation .* does not exist"):
        await told(project, declared, replayed, "SELECT 1;\nALTER TABLE absent ADD x integer")
    with pytest.raises(ReplayFailed, match=r"lacks the extension citext.*no drift"):
        await told(project, declared, replayed, 'CREATE EXTENSION IF NOT EXISTS "citext"')


def test_migrations_are_named_by_number_or_by_name(project: Project) -> None:
    """What comes before is applied first; an unknown name is told with those that there are."""
    ordered = read_migrations(project.contract, project.folder)
    before, pending = split_pending(ordered, ["pg/0010", "prisma/20260203000000_chat"], None)
    assert [one.name for one in pending] == ["20260203000000_chat", "0010_solana"]
    assert len(before) + len(pending) <= len(ordered)
    with pytest.raises(SourceInvalid, match="no migration has the name pg/7777: there are prisma/"):
        split_pending(ordered, ["pg/7777"], None)


async def test_a_folder_that_is_no_history_is_refused(tmp_path: Path, postgres_url: str) -> None:
    """A contract whose folders are empty cannot be replayed."""
    shutil.copy(ROOT / "strongroom.toml", tmp_path)
    project = open_project(tmp_path)
    with pytest.raises(ReplayFailed, match="there is no history here"):
        read_migrations(project.contract, project.folder)
