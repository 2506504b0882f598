"""Read what a database holds, without the migrators' own tables."""

from collections.abc import Iterable, Sequence
from typing import Any, Final

import asyncpg
from attrs import frozen

from strongroom.adapters.postgres.connection import connect, connected
from strongroom.adapters.postgres.locks import MigrationBlocked, migration_locks
from strongroom.adapters.postgres.migrator.history import is_bookkeeping
from strongroom.domain.schema.catalog import Catalog
from strongroom.ports.errors import StorageUnavailable

from .catalog import read_catalog

CONNECT_TIMEOUT_SECONDS: Final = 10.0
LOCK_WAIT_TIMEOUT: Final = 10.0


@frozen
class LockedDatabase:
    """A database that is read under both migrators' locks, so that no half of a migration is seen."""

    url: str
    connect_timeout: float = CONNECT_TIMEOUT_SECONDS

    async def read_catalog(self, schemas: Sequence[str]) -> Catalog:
        """Return what the schemas hold, without the migrators' own tables.

        Raises StorageUnavailable if it cannot be reached, or a migration runs for longer than LOCK_WAIT_TIMEOUT.
        """
        async with connected(self.url, timeout=self.connect_timeout) as connection:
            try:
                async with migration_locks(connection, timeout=LOCK_WAIT_TIMEOUT):
                    return await read_own_catalog(connection, schemas)
            except MigrationBlocked:
                waited = f"{LOCK_WAIT_TIMEOUT:.0f} seconds"
                message = f"a migration has been running for {waited}: check again when it is done"
                raise StorageUnavailable(message) from None


async def read_database(url: str, schemas: Iterable[str] | None = None) -> Catalog:
    """Return what a database holds, without the migrators' own tables, and without their locks.

    Raises StorageUnavailable.
    """
    connection = await connect(url, timeout=CONNECT_TIMEOUT_SECONDS)
    try:
        return await read_own_catalog(connection, schemas)
    finally:
        await connection.close()


async def read_own_catalog(connection: "asyncpg.Connection[Any]", schemas: Iterable[str] | None) -> Catalog:
    """Return what a connection's database holds, without the migrators' own tables."""
    return without_bookkeeping(await read_catalog(connection, schemas))


def without_bookkeeping(catalog: Catalog) -> Catalog:
    """Return a catalog without the migrators' own tables, which no schema declares."""
    names = frozenset((part.schema, part.name) for part in catalog.relations if is_bookkeeping(part.name))
    return catalog.without(names)
