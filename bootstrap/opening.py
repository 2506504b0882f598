"""Open a storage by its settings: the only place that chooses an adapter.

Importing this module imports neither an adapter nor attrs: services import ``open_storage`` long before they call it.
"""

from __future__ import annotations

import threading
from contextlib import asynccontextmanager, suppress
from typing import TYPE_CHECKING, Literal, NamedTuple, TypeVar, Unpack, cast, overload

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from contextlib import AbstractAsyncContextManager
    from pathlib import Path

    from strongroom.adapters.embedded import EmbeddedServer
    from strongroom.adapters.mapping.model import Model
    from strongroom.ports.clock import Clock, IdSource
    from strongroom.ports.storage import Storage

    from .settings import GivenSettings, Settings

S = TypeVar("S", bound="Storage")


class ServerAddresses(NamedTuple):
    """A server's addresses: the pool's, and the direct address past a pooler, unless only one is known."""

    url: str
    direct_url: str
    through_pooler: bool = False
    pooler: Literal["session", "transaction"] = "session"

    @property
    def session_url(self) -> str:
        """The address for what needs a session of its own. Raises StorageUnavailable if only a pooler's is known."""
        if self.through_pooler:
            from strongroom.ports.errors import StorageUnavailable

            message = (
                "this needs a session of its own, which a transaction pooler does not give: set direct_url "
                "(STRONGROOM_DIRECT_URL), an address that goes past it"
            )
            raise StorageUnavailable(message, retryable=False)
        return self.direct_url


_open_counts: dict[Path, int] = {}
"""The number of storages of this process that use the embedded server of a folder."""
_open_lock = threading.Lock()


@overload
def open_storage(
    database: str | Settings | None = None,
    *,
    storage: type[S],
    model: Model | None = None,
    clock: Clock | None = None,
    ids: IdSource | None = None,
    **given: Unpack[GivenSettings],
) -> AbstractAsyncContextManager[S]: ...


@overload
def open_storage(
    database: str | Settings | None = None,
    *,
    storage: None = None,
    model: Model | None = None,
    clock: Clock | None = None,
    ids: IdSource | None = None,
    **given: Unpack[GivenSettings],
) -> AbstractAsyncContextManager[Storage]: ...


def open_storage(
    database: str | Settings | None = None,
    *,
    storage: type[Storage] | None = None,
    model: Model | None = None,
    clock: Clock | None = None,
    ids: IdSource | None = None,
    **given: Unpack[GivenSettings],
) -> AbstractAsyncContextManager[Storage]:
    """Open the storage that an address or settings name, and close it on leaving (``async with``).

    The address is one of PostgreSQL, ``embedded:``, ``embedded:/folder`` or ``memory:``; without one
    STRONGROOM_DATABASE_URL, then DATABASE_URL, then the embedded server. The other settings (see Settings) are
    taken from keywords, then from STRONGROOM_<NAME>; where Settings are given, keywords replace some of them, and
    the environment is not asked. Pending migrations are applied first, unless
    ``apply_migrations=False``: then a database that is not up to date raises. An embedded server that was started
    is stopped when its last user closes. ``model`` are the tables that the storage holds, with their migrations:
    ``PLATFORM`` unless one is given. ``storage`` is a subclass of Storage whose annotations name repositories of the
    model (``price_alerts: PriceAlertRepository``): what is opened is one of it then, so that they are typed attributes.

    Raises SettingInvalid, StorageUnavailable, SchemaMismatch, ModelInvalid.
    """
    from .settings import Settings

    settings = database.changed(**given) if isinstance(database, Settings) else Settings.read(database, **given)
    opening = open_with(settings, model=model, clock=clock, ids=ids)
    return opening if storage is None else _open_as(storage, opening, model)


@asynccontextmanager
async def _open_as(
    storage: type[S], opening: AbstractAsyncContextManager[Storage], model: Model | None
) -> AsyncIterator[S]:
    """Open a storage as one of a subclass. Raises ModelInvalid for an attribute that is no repository of the model."""
    from strongroom.adapters.mapping.platform import PLATFORM
    from strongroom.ports.errors import ModelInvalid

    names = {table.repository for table in (PLATFORM if model is None else model).entities}
    for name in vars(storage).get("__annotations__", {}):
        if name not in names:
            message = f"{storage.__name__}.{name}: the model has no such repository; it has {', '.join(sorted(names))}"
            raise ModelInvalid(message)
    async with opening as opened:
        opened.__class__ = type(storage.__name__, (type(opened), storage), {})
        yield cast("S", opened)


@asynccontextmanager
async def open_with(
    settings: Settings, *, model: Model | None = None, clock: Clock | None = None, ids: IdSource | None = None
) -> AsyncIterator[Storage]:
    """Open the storage that the settings name; see ``open_storage``."""
    if settings.kind == "memory":
        from strongroom.adapters.memory import MemoryStorage

        async with MemoryStorage(model=model, clock=clock, ids=ids) as twin:
            yield twin
        return
    async with server_addresses(settings) as server:
        from strongroom.adapters.mapping.platform import PLATFORM
        from strongroom.adapters.postgres import PostgresSettings, open_postgres
        from strongroom.adapters.schema.schema_baseline import check_schema_baseline

        model = PLATFORM if model is None else model
        await _apply_migrations(settings, server, model)
        await check_schema_baseline(
            server.direct_url,
            settings.schema_check,
            model=model,
            connect_timeout=settings.connect_timeout,
            through_pooler=server.through_pooler,
        )
        pool = PostgresSettings(
            url=server.url,
            direct_url=None if server.through_pooler else server.direct_url,
            pooler=server.pooler,
            **settings.pool,
        )
        async with await open_postgres(pool, model=model, clock=clock, ids=ids) as storage:
            yield storage


@asynccontextmanager
async def server_addresses(settings: Settings) -> AsyncIterator[ServerAddresses]:
    """Give the addresses of the PostgreSQL that the settings name; an embedded one runs meanwhile, with its database.

    Without a direct address that is the pool's own, too.
    """
    if settings.kind != "embedded":
        pooler = await _find_pooler(settings)
        direct = settings.direct_server_url
        through_pooler = direct is None and pooler == "transaction"
        yield ServerAddresses(settings.server_url, direct or settings.server_url, through_pooler, pooler)
        return
    import asyncio

    server = await _start_server(settings.embedded_folder)
    try:
        url = await server.ensure_database()
        mode: Literal["session", "transaction"] = "transaction" if settings.pooler == "transaction" else "session"
        yield ServerAddresses(url, settings.direct_server_url or url, pooler=mode)
    finally:
        await asyncio.to_thread(_stop, server)


async def _find_pooler(settings: Settings) -> Literal["session", "transaction"]:
    """Return the pooler that the settings name; ``auto`` asks who answers at the address."""
    if settings.pooler != "auto":
        return settings.pooler
    from strongroom.adapters.postgres.pooler import is_behind_pooler

    behind = await is_behind_pooler(settings.server_url, connect_timeout=settings.connect_timeout)
    return "transaction" if behind else "session"


async def _start_server(folder: Path | None) -> EmbeddedServer:
    """Start the server in a thread; where that is cancelled, the server is stopped as soon as it has started."""
    import asyncio

    from strongroom.ports.errors import StorageUnavailable

    starting = asyncio.create_task(asyncio.to_thread(_start, folder))
    try:
        await asyncio.sleep(0)
        # The imports that opening needs next take about as long as the server, which starts in another process.
        import strongroom.adapters.schema.schema_baseline  # noqa: F401

        return await asyncio.shield(starting)
    except asyncio.CancelledError:
        with suppress(StorageUnavailable):
            await asyncio.to_thread(_stop, await starting)
        raise


def _start(folder: Path | None) -> EmbeddedServer:
    from strongroom.adapters.embedded import start_embedded

    with _open_lock:
        server = start_embedded(folder)
        _open_counts[server.folder] = _open_counts.get(server.folder, 0) + 1
    return server


def _stop(server: EmbeddedServer) -> None:
    """Let go of the server with the last storage of this process that uses it; other processes count for themselves."""
    with _open_lock:
        _open_counts[server.folder] -= 1
        if not _open_counts[server.folder]:
            del _open_counts[server.folder]
            server.close()


def sides_of(settings: Settings, model: Model) -> tuple[str, ...] | None:
    """Return the histories of which pending migrations are applied; None for all of them. Raises SettingInvalid."""
    from strongroom.adapters.postgres.migrator.files import MigrationFolders, Side

    from .settings import SettingInvalid

    if settings.migrates == "both":
        return None
    histories = {side.name.lower(): side.value for side in Side}
    histories.update({name: name for name in MigrationFolders.of(model).extensions})
    if settings.migrates not in histories:
        reason = f"{settings.migrates!r} is none of both, {', '.join(histories)}"
        raise SettingInvalid("migrates", reason)
    return (histories[settings.migrates],)


async def _apply_migrations(settings: Settings, server: ServerAddresses, model: Model) -> None:
    from strongroom.adapters.postgres.migrator import Migrator
    from strongroom.adapters.postgres.migrator.files import Side

    # A frontend that is ahead is judged by what it changed, where the schema is looked at.
    ahead = () if settings.schema_check == "off" else (Side.FRONTEND,)
    migrator = Migrator(
        server.direct_url,
        model=model,
        sides=sides_of(settings, model),
        may_be_ahead=ahead,
        connect_timeout=settings.connect_timeout,
        through_pooler=server.through_pooler,
    )
    if settings.apply_migrations:
        await migrator.migrate()
    else:
        await migrator.require_up_to_date()
