"""The locks that ``schema impact`` names are those that PostgreSQL shows to others while a statement runs."""

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import asyncpg
import pytest
from support.scratch import CopiedScratch

from strongroom.adapters.postgres.migrator.files import Migration, Side
from strongroom.adapters.schema.postgres.ddl.safe_alternatives import safe_alternatives
from strongroom.adapters.schema.project import Project, open_project
from strongroom.adapters.schema.scratch import ScratchServer
from strongroom.domain.schema.impact import StatementImpact
from strongroom.ports.schema.impact import analyze_impact

ROOT = Path(__file__).resolve().parents[3]
WEAK = {"AccessShareLock", "RowShareLock", "RowExclusiveLock"}
MADE = """
CREATE TYPE coin_standard AS ENUM ('native', 'erc20');
CREATE TYPE flow_kind AS ENUM ('fee');
CREATE FUNCTION refuse_update() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NULL; END $$;
CREATE TABLE chain (id integer PRIMARY KEY);
CREATE TABLE coin (
    id uuid PRIMARY KEY, chain_id integer REFERENCES chain (id), name text NOT NULL, logo_url text,
    decimals integer CONSTRAINT coin_decimals_check CHECK (decimals >= 0), standard coin_standard, symbol text
);
CREATE INDEX coin_symbol_idx ON coin (symbol);
CREATE TABLE coin_data (coin_id uuid PRIMARY KEY REFERENCES coin (id));
CREATE TABLE price (coin_id uuid REFERENCES coin (id), at date, usd numeric(9, 2), PRIMARY KEY (coin_id, at))
    PARTITION BY RANGE (at);
CREATE TABLE price_default PARTITION OF price DEFAULT;
CREATE VIEW named AS SELECT chain_id FROM coin;
CREATE MATERIALIZED VIEW counted AS SELECT count(*) AS n FROM coin;
"""
STATEMENTS = [
    "ALTER TABLE coin ADD COLUMN extra integer",
    "ALTER TABLE coin ADD COLUMN extra uuid DEFAULT gen_random_uuid()",
    "ALTER TABLE coin DROP COLUMN logo_url",
    "ALTER TABLE coin RENAME COLUMN name TO label",
    "ALTER TABLE coin RENAME TO token",
    "ALTER TABLE coin SET SCHEMA information_schema",
    "DROP TABLE coin_data",
    "DROP TABLE coin CASCADE",
    "DROP MATERIALIZED VIEW counted",
    "REFRESH MATERIALIZED VIEW counted",
    "ALTER TABLE coin ALTER COLUMN decimals TYPE bigint",
    "ALTER TABLE price ALTER COLUMN usd TYPE text",
    "ALTER TABLE coin ALTER COLUMN logo_url SET NOT NULL",
    "ALTER TABLE coin ALTER COLUMN name DROP NOT NULL",
    "ALTER TABLE coin ALTER COLUMN name SET DEFAULT 'x'",
    "ALTER TYPE flow_kind ADD VALUE 'gift'",
    "ALTER TYPE flow_kind RENAME VALUE 'fee' TO 'charge'",
    "CREATE INDEX extra ON coin (name)",
    "CREATE UNIQUE INDEX extra ON coin (name)",
    "DROP INDEX coin_symbol_idx",
    "ALTER INDEX coin_symbol_idx RENAME TO other_idx",
    "REINDEX TABLE coin",
    "CLUSTER coin USING coin_pkey",
    "TRUNCATE coin_data",
    "ALTER TABLE coin ADD CONSTRAINT extra FOREIGN KEY (id) REFERENCES coin_data (coin_id)",
    "ALTER TABLE coin_data ADD CONSTRAINT extra FOREIGN KEY (coin_id) REFERENCES coin (id)",
    "ALTER TABLE coin_data ADD CONSTRAINT extra FOREIGN KEY (coin_id) REFERENCES coin (id) NOT VALID",
    "ALTER TABLE coin DROP CONSTRAINT coin_chain_id_fkey",
    "ALTER TABLE coin ADD CONSTRAINT extra CHECK (decimals < 100)",
    "ALTER TABLE coin VALIDATE CONSTRAINT coin_decimals_check",
    "ALTER TABLE coin DROP CONSTRAINT coin_pkey CASCADE",
    "ALTER TABLE coin ENABLE ROW LEVEL SECURITY",
    "CREATE POLICY extra ON coin USING (true)",
    "CREATE TRIGGER extra BEFORE UPDATE ON coin FOR EACH ROW EXECUTE FUNCTION refuse_update()",
    "COMMENT ON TABLE coin IS 'one'",
    "DROP VIEW named",
    "CREATE OR REPLACE VIEW named AS SELECT chain_id, 1 AS one FROM coin",
    "LOCK TABLE coin IN SHARE MODE",
    "DROP TYPE coin_standard CASCADE",
    "CREATE TABLE extra (coin_id uuid REFERENCES coin (id))",
    "CREATE TABLE extra PARTITION OF price FOR VALUES FROM ('2055-01-01') TO ('2055-02-01')",
    "UPDATE coin SET name = name",
    "ALTER TABLE coin SET (autovacuum_enabled = false)",
]
HELD = """
    SELECT locked.relname, locked.relfilenode, mode FROM pg_locks JOIN unnest($2::oid[], $3::text[], $4::oid[])
        AS locked (oid, relname, relfilenode) ON locked.oid = relation
    WHERE pid = $1 AND locktype = 'relation' AND granted
"""
KNOWN = """
    SELECT oid, relname::text, relfilenode FROM pg_class
    WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p', 'm', 'v') AND NOT relispartition
"""


@pytest.fixture(scope="module")
def project() -> Project:
    """The shipped project."""
    return open_project(ROOT)


@pytest.fixture(scope="module")
async def made(postgres_url: str, new_database: Callable[..., Awaitable[str]]) -> ScratchServer:
    """Scratch databases of a few tables."""
    url = await new_database()
    connection = await asyncpg.connect(url)
    await connection.execute(MADE)
    await connection.close()
    return CopiedScratch(postgres_url, template=urlsplit(url).path.lstrip("/"))


async def told(project: Project, made: ScratchServer, sql: str, *, in_transaction: bool = True) -> StatementImpact:
    """Return what a statement in a new migration of the backend's would do."""
    new = Migration(Side.BACKEND, "9999_new", Path("9999_new.sql"), sql, (), in_transaction=in_transaction)
    [found] = await analyze_impact(project.contract, [], [new], [], made, alternatives=safe_alternatives)
    return found


async def held(connection: Any, other: Any, known: list[Any]) -> dict[str, set[str]]:
    """Return what one connection holds of the relations that were there, as another sees it."""
    columns = [list(column) for column in zip(*known, strict=True)]
    found: dict[str, set[str]] = {}
    for name, _, mode in await other.fetch(HELD, connection.get_server_pid(), *columns):
        if mode not in WEAK:
            found.setdefault(name, set()).add(mode)
    return found


@pytest.fixture
async def two(empty_database: str) -> Any:
    """Two connections to a database of a few tables."""
    one, other = await asyncpg.connect(empty_database), await asyncpg.connect(empty_database)
    await one.execute(MADE)
    yield one, other
    await one.close()
    await other.close()


async def test_the_locks_are_those_that_others_see(project: Project, made: ScratchServer, two: Any) -> None:
    """In a transaction that is left open: the same tables by the names they had, and no weaker mode."""
    connection, other = two
    known = await other.fetch(KNOWN)
    wrong = []
    for sql in STATEMENTS:
        transaction = connection.transaction()
        await transaction.start()
        try:
            await connection.execute(sql)
            seen = await held(connection, other, known)
        except asyncpg.PostgresError as error:
            wrong.append(f"{sql}: {error}")
            continue
        finally:
            await transaction.rollback()
        named = {lock.target.name: lock.mode for lock in (await told(project, made, sql)).locks}
        if named.keys() != seen.keys() or any(mode not in seen[name] for name, mode in named.items()):
            wrong.append(f"{sql}: PostgreSQL {seen}, impact {named}")
    assert wrong == []


@pytest.mark.parametrize(
    "sql", ["CREATE INDEX CONCURRENTLY extra ON coin (name)", "DROP INDEX CONCURRENTLY coin_symbol_idx"]
)
async def test_locks_outside_a_transaction_are_those_that_others_see(
    project: Project, made: ScratchServer, two: Any, sql: str
) -> None:
    """CONCURRENTLY waits for a writer, and meanwhile holds what is named: a lock that blocks no reads and no writes."""
    connection, other = two
    known = await other.fetch(KNOWN)
    writing = other.transaction()
    await writing.start()
    await other.execute("UPDATE coin SET name = name; LOCK TABLE coin IN ROW EXCLUSIVE MODE")
    waiting = asyncio.ensure_future(connection.execute(sql))
    seen: dict[str, set[str]] = {}
    while not seen:
        seen = await held(connection, other, known)
        await asyncio.sleep(0.01)
    await writing.rollback()
    await waiting
    [lock] = (await told(project, made, sql, in_transaction=False)).locks
    assert {lock.target.name: {lock.mode}} == seen
    assert lock.blocks == "nothing but other changes of the table"


async def test_a_file_without_a_transaction_hides_no_lock(project: Project, made: ScratchServer) -> None:
    """What could have run in one is looked at like any other."""
    sql = "ALTER TABLE coin ALTER COLUMN decimals TYPE bigint"
    one = await told(project, made, sql, in_transaction=False)
    assert one.locks == (await told(project, made, sql)).locks
    assert [(lock.mode, lock.rewrites) for lock in one.locks] == [("AccessExclusiveLock", True)]


async def test_a_partitioned_table_is_written_anew_with_its_partitions(project: Project, made: ScratchServer) -> None:
    """The largest tables have no file of their own."""
    sql = "ALTER TABLE price ALTER COLUMN usd TYPE text"
    [lock] = (await told(project, made, sql)).locks
    assert (lock.target.name, lock.rewrites) == ("price", True)
