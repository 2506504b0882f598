"""Open the database that the settings name, as schema commands read it."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from strongroom.adapters.schema.postgres.database import LockedDatabase
from strongroom.bootstrap.opening import server_addresses
from strongroom.bootstrap.settings import Settings


@asynccontextmanager
async def configured_database(settings: Settings) -> AsyncIterator[LockedDatabase]:
    """Give the database of the settings, to be read under both migrators' locks; an embedded one runs meanwhile."""
    async with server_addresses(settings) as server:
        yield LockedDatabase(server.session_url, settings.connect_timeout)
