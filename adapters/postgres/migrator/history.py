"""What a database says of the migrations applied to it: our table, and Prisma's."""

import getpass
import os
import socket
import uuid
from contextlib import nullcontext
from typing import Any, Final

import asyncpg
from attrs import frozen

from strongroom.adapters.mapping.names import own_name
from strongroom.ports.errors import SchemaMismatch

from .files import Migration, Side

TABLES: Final = {Side.BACKEND: own_name("strongroom_migration"), Side.FRONTEND: own_name("_prisma_migrations")}
_OURS: Final = TABLES[Side.BACKEND]
_PRISMAS: Final = TABLES[Side.FRONTEND]

_CREATE: Final = {
    Side.BACKEND: f"""
        CREATE TABLE IF NOT EXISTS {_OURS} (
            name text COLLATE "C" NOT NULL,
            checksum text COLLATE "C" NOT NULL,
            started_at timestamp with time zone NOT NULL,
            finished_at timestamp with time zone,
            duration_ms integer,
            applied_by text NOT NULL,
            CONSTRAINT strongroom_migration_pkey PRIMARY KEY (name)
        )""",
    Side.FRONTEND: f"""
        CREATE TABLE IF NOT EXISTS {_PRISMAS} (
            id VARCHAR(36) PRIMARY KEY NOT NULL,
            checksum VARCHAR(64) NOT NULL,
            finished_at TIMESTAMPTZ,
            migration_name VARCHAR(255) NOT NULL,
            logs TEXT,
            rolled_back_at TIMESTAMPTZ,
            started_at TIMESTAMPTZ NOT NULL DEFAULT now(),
            applied_steps_count INTEGER NOT NULL DEFAULT 0
        )""",
}
# A history can be the other side's. The sample is all rows, and PostgreSQL takes none of a view, whose functions
# would run with our rights. A cast of a column could call a function of the owner of the column's type.
_ALL_ROWS: Final = "TABLESAMPLE SYSTEM (100)"
_READ: Final = {
    Side.BACKEND: f"""
        SELECT 'pg' AS side, name, checksum, finished_at IS NOT NULL AS finished, duration_ms, started_at, applied_by
        FROM {_OURS} {_ALL_ROWS}""",
    Side.FRONTEND: f"""
        SELECT 'prisma', migration_name, checksum, finished_at IS NOT NULL, NULL::integer, started_at, NULL::text
        FROM {_PRISMAS} {_ALL_ROWS} WHERE rolled_back_at IS NULL""",
}
_READ_BOTH: Final = f"{_READ[Side.BACKEND]} UNION ALL {_READ[Side.FRONTEND]} ORDER BY started_at"


@frozen
class AppliedMigration:
    """What a database says of one migration."""

    side: Side
    name: str
    checksum: str
    finished: bool
    duration_ms: int | None
    started_at: Any
    applied_by: str | None


def applied_by() -> str:
    """Return who applies: the user, the host and the process."""
    try:
        user = getpass.getuser()
    except (KeyError, OSError):
        user = str(getattr(os, "getuid", lambda: "user")())
    return f"{user}@{socket.gethostname()} {os.getpid()}"


async def read_history(connection: "asyncpg.Connection[Any]") -> dict[tuple[Side, str], AppliedMigration]:
    """Return what was applied, by side and name, without a lock: one statement, where both histories have a table.

    A migration that has a row which is neither finished nor rolled back is not finished, as Prisma sees it. Raises
    SchemaMismatch for a history that is no table, or that has columns of other types.
    """
    try:
        # What fails in a transaction aborts it, unless it is within a savepoint.
        async with connection.transaction() if connection.is_in_transaction() else nullcontext():
            rows = await connection.fetch(_READ_BOTH)
    except asyncpg.UndefinedTableError:
        present = [side for side in Side if await _has_table(connection, side)]
        rows = [row for side in present for row in await connection.fetch(_READ[side])]
    except (asyncpg.FeatureNotSupportedError, asyncpg.DatatypeMismatchError) as error:
        message = (
            f"a history of migrations is not the table that it has to be (SQLSTATE {error.sqlstate}: {error.message}). "
            f"Nothing was read from it. See what {TABLES[Side.BACKEND]} and {TABLES[Side.FRONTEND]} are: whoever owns "
            "them has replaced one"
        )
        raise SchemaMismatch(message) from None
    applied: dict[tuple[Side, str], AppliedMigration] = {}
    for side_name, name, checksum, finished, duration_ms, started_at, applied_by in rows:
        side = Side(side_name)
        earlier = applied.get((side, name))
        whole = finished and (earlier is None or earlier.finished)
        applied[side, name] = AppliedMigration(side, name, checksum, whole, duration_ms, started_at, applied_by)
    return applied


async def create_tables(connection: "asyncpg.Connection[Any]", sides: set[Side]) -> None:
    """Create the tables of the histories that are in use, where they are not there."""
    for side in sorted(sides, key=lambda side: side.value):
        if not await _has_table(connection, side):
            await connection.execute(_CREATE[side])


async def _has_table(connection: "asyncpg.Connection[Any]", side: Side) -> bool:
    return bool(await connection.fetchval("SELECT to_regclass($1) IS NOT NULL", TABLES[side]))


async def record_started(connection: "asyncpg.Connection[Any]", migration: Migration) -> None:
    """Record that a migration is begun; one that was begun before is begun again."""
    if migration.side is Side.BACKEND:
        await connection.execute(
            f"""
            INSERT INTO {_OURS} (name, checksum, started_at, applied_by)
            VALUES ($1, $2, clock_timestamp(), $3)
            ON CONFLICT (name) DO UPDATE
            SET checksum = excluded.checksum, started_at = excluded.started_at, applied_by = excluded.applied_by
            """,
            migration.name,
            migration.checksum,
            applied_by(),
        )
        return
    await connection.execute(
        f"""
        INSERT INTO {_PRISMAS} (id, checksum, migration_name, started_at)
        VALUES ($1, $2, $3, clock_timestamp())
        """,
        str(uuid.uuid4()),
        migration.checksum,
        migration.name,
    )


async def record_finished(connection: "asyncpg.Connection[Any]", migration: Migration) -> int:
    """Record that a migration is done, and return how long it took, in milliseconds."""
    if migration.side is Side.BACKEND:
        took = await connection.fetchval(
            f"""
            UPDATE {_OURS}
            SET finished_at = clock_timestamp(),
                duration_ms = (extract(epoch FROM clock_timestamp() - started_at) * 1000)::integer
            WHERE name = $1 RETURNING duration_ms
            """,
            migration.name,
        )
    else:
        took = await connection.fetchval(
            f"""
            UPDATE {_PRISMAS} SET finished_at = clock_timestamp(), applied_steps_count = 1
            WHERE migration_name = $1 AND rolled_back_at IS NULL AND finished_at IS NULL
            RETURNING (extract(epoch FROM clock_timestamp() - started_at) * 1000)::integer
            """,
            migration.name,
        )
    return int(took)


async def accept_text(connection: "asyncpg.Connection[Any]", migration: Migration) -> None:
    """Record the present text of an applied migration as the one that was applied."""
    if migration.side is Side.BACKEND:
        statement = f"UPDATE {_OURS} SET checksum = $2 WHERE name = $1"
    else:
        statement = f"UPDATE {_PRISMAS} SET checksum = $2 WHERE migration_name = $1 AND rolled_back_at IS NULL"
    await connection.execute(statement, migration.name, migration.checksum)


async def forget_failure(connection: "asyncpg.Connection[Any]", migration: Migration) -> None:
    """Record that a migration which was begun and not finished is to be applied from its start."""
    if migration.side is Side.BACKEND:
        statement = f"DELETE FROM {_OURS} WHERE name = $1 AND finished_at IS NULL"
    else:
        statement = f"""
            UPDATE {_PRISMAS} SET rolled_back_at = clock_timestamp()
            WHERE migration_name = $1 AND finished_at IS NULL AND rolled_back_at IS NULL"""
    await connection.execute(statement, migration.name)
