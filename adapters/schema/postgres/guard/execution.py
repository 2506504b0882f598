"""Running the guard's statements: under the locks of both migrators, each gap in a savepoint of its own."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Literal

import asyncpg

from strongroom.adapters.postgres.locks import MigrationBlocked, migration_locks

from .protection import Connection
from .session import trusted_session


async def try_statements(connection: Connection, statements: Sequence[str]) -> str | None:
    """Run statements, all or none, and return why they were refused, or None."""
    try:
        async with connection.transaction():
            for statement in statements:
                await connection.execute(statement)
    except (asyncpg.LockNotAvailableError, asyncpg.DeadlockDetectedError):
        raise
    except asyncpg.PostgresError as error:
        detail = f": {error.detail}" if error.detail else ""  # type: ignore[attr-defined, unused-ignore]
        return f"{error.message}{detail} (SQLSTATE {error.sqlstate})"  # type: ignore[attr-defined, unused-ignore]
    return None


@asynccontextmanager
async def migration_lock_transaction(
    connection: Connection, *, lock_timeout: float, wait_timeout: float
) -> AsyncIterator[None]:
    """Begin a transaction under the locks of both migrators, in a trusted session. Raises MigrationBlocked.

    It reads the newest state of the database, whatever isolation level is the default.
    """
    isolation: Literal["read_committed"] | None = None if connection.is_in_transaction() else "read_committed"
    async with trusted_session(connection), migration_locks(connection, timeout=wait_timeout):
        try:
            async with connection.transaction(isolation=isolation):
                await connection.execute(f"SET LOCAL lock_timeout = {max(1, round(lock_timeout * 1000))}")
                yield
        except (asyncpg.LockNotAvailableError, asyncpg.DeadlockDetectedError):
            message = "a table that the guard changes is in use: end the long transactions, and try again"
            raise MigrationBlocked(message) from None
