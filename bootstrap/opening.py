"""Opening a storage by its settings: the one place where an adapter is chosen."""

import asyncio
import threading
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Unpack

from strongroom.ports.clock import Clock, IdSource
from strongroom.ports.storage import Storage

from .settings import GivenSettings, Settings

if TYPE_CHECKING:
    from strongroom.adapters.embedded import EmbeddedServer

_opened: dict[Path, int] = {}
"""How many storages of this process use the embedded server of a folder."""
_opening = threading.Lock()


def open_storage(
    database: str | None = None,
    *,
    clock: Clock | None = None,
    ids: IdSource | None = None,
    **given: Unpack[GivenSettings],
) -> AbstractAsyncContextManager[Storage]:
    """Open the storage that an address names, and close it on leaving (``async with``).

    The address is one of PostgreSQL, ``embedded:``, ``embedded:/folder`` or ``memory:``; without one
    STRONGROOM_DATABASE_URL, then DATABASE_URL, then the embedded server. The other settings (see Settings) are
    taken from keywords, then from STRONGROOM_<NAME>. Pending migrations are applied first, unless
    ``apply_migrations=False``: then a database that is not up to date raises. An embedded server that was started
    is stopped when nobody uses it any more.

    Raises SettingInvalid, StorageUnavailable, SchemaMismatch.
    """
    return open_with(Settings.read(database, **given), clock=clock, ids=ids)


@asynccontextmanager
async def open_with(
    settings: Settings, *, clock: Clock | None = None, ids: IdSource | None = None
) -> AsyncIterator[Storage]:
    """Open the storage that the settings name; see ``open_storage``."""
    if settings.kind == "memory":
        from strongroom.adapters.memory import MemoryStorage

        async with MemoryStorage(clock=clock, ids=ids) as twin:
            yield twin
        return
    from strongroom.adapters.postgres import PostgresSettings, open_postgres

    async with reachable(settings) as url:
        direct_url = settings.direct_url or url
        await _bring_up_to_date(settings, direct_url)
        pool = PostgresSettings(
            url=url,
            direct_url=direct_url,
            min_size=settings.min_size,
            max_size=settings.max_size,
            acquire_timeout=settings.acquire_timeout,
            connect_timeout=settings.connect_timeout,
            close_timeout=settings.close_timeout,
            statement_timeout=settings.statement_timeout,
            idle_in_transaction_timeout=settings.idle_in_transaction_timeout,
            application_name=settings.application_name,
            pooler="transaction" if settings.pooler == "transaction" else "session",
        )
        async with await open_postgres(pool, clock=clock, ids=ids) as storage:
            yield storage


@asynccontextmanager
async def reachable(settings: Settings) -> AsyncIterator[str]:
    """Give the address of the PostgreSQL that the settings name; an embedded one runs meanwhile, with its database."""
    if settings.kind != "embedded":
        yield settings.database_url
        return
    server = await asyncio.to_thread(_start, settings.embedded_folder)
    try:
        yield await server.ensure_database()
    finally:
        await asyncio.to_thread(_stop, server)


def _start(folder: Path | None) -> "EmbeddedServer":
    from strongroom.adapters.embedded import start_embedded

    with _opening:
        server = start_embedded(folder)
        _opened[server.folder] = _opened.get(server.folder, 0) + 1
    return server


def _stop(server: "EmbeddedServer") -> None:
    """Let go of the server with the last storage of this process that uses it; other processes count for themselves."""
    with _opening:
        _opened[server.folder] -= 1
        if not _opened[server.folder]:
            del _opened[server.folder]
            server.close()


async def _bring_up_to_date(settings: Settings, direct_url: str) -> None:
    from strongroom.adapters.postgres.migrator import Migrator

    migrator = Migrator(direct_url, connect_timeout=settings.connect_timeout)
    if settings.apply_migrations:
        await migrator.migrate()
    else:
        await migrator.require_up_to_date()
