"""Every advisory lock that strongroom takes, in one table, and the polling that never blocks on one.

| key | who takes it | for what |
|---|---|---|
| 7 307 110 114 | the migrator | one migration file at a time, over all services |
| 7 307 110 115 | listeners, shared; triggers, for a moment | nothing is announced unless somebody listens |
| 72 707 369 | the migrator, and Prisma's | Prisma's own migration lock: either migrator waits for the other |

The keys are locked by try, never by wait: a blocked ``pg_advisory_lock`` would hold a connection, and behind a pooler
could outlive its client.
"""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, Final

import asyncpg

from strongroom.ports.backoff import backoff_seconds
from strongroom.ports.errors import SchemaMismatch

from .driver import abort

MIGRATOR_KEY: Final = 7_307_110_114
LISTENER_KEY: Final = 7_307_110_115
PRISMA_KEY: Final = 72_707_369


class MigrationBlocked(SchemaMismatch):
    """A lock that a migration needs was held by others for too long."""


class MigrationLockWait:
    """The time that one caller spends waiting for the locks, over all of its attempts."""

    def __init__(self, timeout: float) -> None:
        """Start to count; ``timeout`` is in seconds."""
        self._timeout = timeout
        self._deadline = time.monotonic() + timeout
        self._polls = 0

    async def pause(self) -> None:
        """Wait before the next attempt. Raises MigrationBlocked if the time is up."""
        if time.monotonic() > self._deadline:
            message = f"another migrator held its lock for over {self._timeout:g} s: see what it does, and try again"
            raise MigrationBlocked(message)
        await asyncio.sleep(backoff_seconds(self._polls))
        self._polls += 1


@asynccontextmanager
async def migration_locks(connection: "asyncpg.Connection[Any]", *, timeout: float) -> AsyncIterator[None]:  # noqa: ASYNC109 - a lock's own
    """Hold both migrators' locks, and release them unless the connection is lost.

    Polls for up to ``timeout`` seconds. Raises MigrationBlocked.
    """
    wait = MigrationLockWait(timeout)
    while not await _try_lock(connection):
        await wait.pause()
    try:
        yield
    finally:
        await _unlock(connection)


@asynccontextmanager
async def migration_locks_if_free(connection: "asyncpg.Connection[Any]") -> AsyncIterator[bool]:
    """Try once to hold both migrators' locks; yields whether they are held."""
    locked = await _try_lock(connection)
    try:
        yield locked
    finally:
        if locked:
            await _unlock(connection)


async def _try_lock(connection: "asyncpg.Connection[Any]") -> bool:
    """Take both locks, or neither, and return whether they are taken."""
    if not await connection.fetchval("SELECT pg_try_advisory_lock($1)", MIGRATOR_KEY):
        return False
    if await connection.fetchval("SELECT pg_try_advisory_lock($1)", PRISMA_KEY):
        return True
    await connection.fetchval("SELECT pg_advisory_unlock($1)", MIGRATOR_KEY)
    return False


async def _unlock(connection: "asyncpg.Connection[Any]") -> None:
    """Give both locks back: by the end of the session if nothing else can, so that the caller's own error stands."""
    if connection.is_closed():
        return
    try:
        await connection.fetch(
            "SELECT pg_advisory_unlock($1::bigint), pg_advisory_unlock($2::bigint)", PRISMA_KEY, MIGRATOR_KEY
        )
    except Exception:  # noqa: BLE001 - a transaction that was cancelled twice is still open, say
        abort(connection)
