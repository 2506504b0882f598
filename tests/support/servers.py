"""PostgreSQL as the suites use it: one migrated database for many tests, emptied between them."""

from typing import Any

from strongroom.adapters.postgres import PostgresSettings, open_postgres


async def open_storage(url: str, kind: str, *, clock: Any, ids: Any) -> Any:
    """Open PostgreSQL with a small pool: ``postgres``, or ``postgres-without-cache`` as behind a transaction pooler."""
    settings = PostgresSettings(
        url=url,
        direct_url=url,
        min_size=1,
        max_size=8,
        pooler="transaction" if kind == "postgres-without-cache" else "session",
    )
    return await open_postgres(settings, clock=clock, ids=ids)
