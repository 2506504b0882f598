"""What a database says of the migrations applied to it: our table, one of each extension, and Prisma's."""

import getpass
import os
import socket
import uuid
from collections.abc import Collection
from contextlib import nullcontext
from typing import Any, Final

import asyncpg
from attrs import frozen

from strongroom.adapters.mapping.names import own_name
from strongroom.ports.errors import SchemaMismatch

from .files import Migration, Side

TABLES: Final = {Side.BACKEND: own_name("strongroom_migration"), Side.FRONTEND: own_name("_prisma_migrations")}
_PRISMAS: Final = TABLES[Side.FRONTEND]

_OWN: Final = "strongroom_migration"


def is_bookkeeping(table: str) -> bool:
    """Say whether a table of this name is a migrator's record, which no schema declares."""
    return table in {"_prisma_migrations", _OWN} or table.startswith(f"{_OWN}_")


def table_of(history: str) -> str:
    """Return the table, as SQL, that a history is recorded in."""
    if history == Side.FRONTEND.value:
        return _PRISMAS
    return own_name(_OWN if history == Side.BACKEND.value else f"{_OWN}_{history}")


_CREATE: Final = {
    Side.BACKEND: """
        CREATE TABLE IF NOT EXISTS {table} (
            name text COLLATE "C" NOT NULL,
            checksum text COLLATE "C" NOT NULL,
            started_at timestamp with time zone NOT NULL,
            finished_at timestamp with time zone,
            duration_ms integer,
            applied_by text NOT NULL,
            PRIMARY KEY (name)
        )""",
    Side.FRONTEND: """
        CREATE TABLE IF NOT EXISTS {table} (
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
    Side.BACKEND: """
        SELECT '{history}' AS history, name, checksum, finished_at IS NOT NULL AS finished, duration_ms, started_at,
               applied_by
        FROM {table} {sample}""",
    Side.FRONTEND: """
        SELECT '{history}', migration_name, checksum, finished_at IS NOT NULL, NULL::integer, started_at, NULL::text
        FROM {table} {sample} WHERE rolled_back_at IS NULL""",
}


@frozen
class AppliedMigration:
    """What a database says of one migration."""

    history: str
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


async def read_history(
    connection: "asyncpg.Connection[Any]", histories: Collection[str] = ("pg", "prisma")
) -> dict[tuple[str, str], AppliedMigration]:
    """Return what was applied, by history and name, without a lock: one statement, where all histories have a table.

    A migration that has a row which is neither finished nor rolled back is not finished, as Prisma sees it. Raises
    SchemaMismatch for a history that is no table, or that has columns of other types.
    """
    try:
        # What fails in a transaction aborts it, unless it is within a savepoint.
        async with connection.transaction() if connection.is_in_transaction() else nullcontext():
            rows = await connection.fetch(" UNION ALL ".join(map(_read_sql, histories)) + " ORDER BY started_at")
    except asyncpg.UndefinedTableError:
        present = [history for history in histories if await _has_table(connection, history)]
        rows = [row for history in present for row in await connection.fetch(_read_sql(history))]
    except (asyncpg.FeatureNotSupportedError, asyncpg.DatatypeMismatchError) as error:
        message = (
            f"a history of migrations is not the table that it has to be (SQLSTATE {error.sqlstate}: {error.message}). "
            f"Nothing was read from it. See what {' and '.join(map(table_of, histories))} are: whoever owns "
            "them has replaced one"
        )
        raise SchemaMismatch(message) from None
    applied: dict[tuple[str, str], AppliedMigration] = {}
    for history, name, checksum, finished, duration_ms, started_at, applied_by in rows:
        earlier = applied.get((history, name))
        whole = finished and (earlier is None or earlier.finished)
        applied[history, name] = AppliedMigration(history, name, checksum, whole, duration_ms, started_at, applied_by)
    return applied


async def create_tables(connection: "asyncpg.Connection[Any]", histories: set[str]) -> None:
    """Create the tables of the histories that are in use, where they are not there."""
    for history in sorted(histories):
        if not await _has_table(connection, history):
            await connection.execute(_CREATE[_layout(history)].format(table=table_of(history)))


def _read_sql(history: str) -> str:
    return _READ[_layout(history)].format(history=history, table=table_of(history), sample=_ALL_ROWS)


def _layout(history: str) -> Side:
    return Side.FRONTEND if history == Side.FRONTEND.value else Side.BACKEND


async def _has_table(connection: "asyncpg.Connection[Any]", history: str) -> bool:
    return bool(await connection.fetchval("SELECT to_regclass($1) IS NOT NULL", table_of(history)))


async def record_started(connection: "asyncpg.Connection[Any]", migration: Migration) -> None:
    """Record that a migration is begun; one that was begun before is begun again."""
    if migration.side is Side.BACKEND:
        await connection.execute(
            f"""
            INSERT INTO {table_of(migration.history)} (name, checksum, started_at, applied_by)
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
            UPDATE {table_of(migration.history)}
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
        statement = f"UPDATE {table_of(migration.history)} SET checksum = $2 WHERE name = $1"
    else:
        statement = f"UPDATE {_PRISMAS} SET checksum = $2 WHERE migration_name = $1 AND rolled_back_at IS NULL"
    await connection.execute(statement, migration.name, migration.checksum)


async def forget_failure(connection: "asyncpg.Connection[Any]", migration: Migration) -> None:
    """Record that a migration which was begun and not finished is to be applied from its start."""
    if migration.side is Side.BACKEND:
        statement = f"DELETE FROM {table_of(migration.history)} WHERE name = $1 AND finished_at IS NULL"
    else:
        statement = f"""
            UPDATE {_PRISMAS} SET rolled_back_at = clock_timestamp()
            WHERE migration_name = $1 AND finished_at IS NULL AND rolled_back_at IS NULL"""
    await connection.execute(statement, migration.name)
