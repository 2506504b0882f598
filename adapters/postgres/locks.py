"""Every advisory lock that strongroom takes, in one table, and the polling that never blocks on one.

| key | who takes it | for what |
|---|---|---|
| 7 307 110 114 | the migrator | one migration file at a time, over all services |
| 72 707 369 | the migrator, and Prisma's | Prisma's own migration lock: either migrator waits for the other |

The keys are locked by try, never by wait: a blocked ``pg_advisory_lock`` would hold a connection, and behind a pooler
could outlive its client.
"""

import random
from typing import Any, Final

import asyncpg

MIGRATOR_KEY: Final = 7_307_110_114
PRISMA_KEY: Final = 72_707_369


def backoff_seconds(attempt: int, *, maximum: float = 0.25) -> float:
    """Return how long to wait before so many-th try, in seconds: doubling, with jitter."""
    return random.uniform(0.5, 1.0) * min(maximum, 0.01 * float(2 ** min(attempt, 10)))  # noqa: S311 - jitter, not a secret


async def try_lock_migrations(connection: "asyncpg.Connection[Any]") -> bool:
    """Take both migrators' locks, or neither, and say whether it was done."""
    if not await connection.fetchval("SELECT pg_try_advisory_lock($1)", MIGRATOR_KEY):
        return False
    if await connection.fetchval("SELECT pg_try_advisory_lock($1)", PRISMA_KEY):
        return True
    await connection.fetchval("SELECT pg_advisory_unlock($1)", MIGRATOR_KEY)
    return False


async def unlock_migrations(connection: "asyncpg.Connection[Any]") -> None:
    """Give both locks back."""
    await connection.fetch(
        "SELECT pg_advisory_unlock($1::bigint), pg_advisory_unlock($2::bigint)", PRISMA_KEY, MIGRATOR_KEY
    )
