"""How a session of the guard resolves names, whoever opened the connection."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import Final

import asyncpg

from strongroom.adapters.postgres.connection import INSPECTION_SETTINGS

from .protection import Connection

_SETTINGS: Final = {
    **INSPECTION_SETTINGS,
    # What the catalog prints is compared with what the guard created.
    "quote_all_identifiers": "off",
}


@asynccontextmanager
async def trusted_session(connection: Connection) -> AsyncIterator[None]:
    """Resolve names in pg_catalog alone and run no policy, in or around a transaction; restore the settings after."""
    before = {
        name: await connection.fetchval("SELECT pg_catalog.current_setting($1::pg_catalog.text)", name)
        for name in _SETTINGS
    }
    await _set(connection, _SETTINGS)
    try:
        yield
    finally:
        # The rollback of a transaction that has failed restores them as well.
        with suppress(asyncpg.InFailedSQLTransactionError):
            if not connection.is_closed():
                await _set(connection, before)


async def _set(connection: Connection, settings: dict[str, str]) -> None:
    for name, value in settings.items():
        await connection.fetchval(
            "SELECT pg_catalog.set_config($1::pg_catalog.text, $2::pg_catalog.text, false)", name, value
        )
