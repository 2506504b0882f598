"""The pool: opened with clear errors, given back without a round trip, closed within a deadline."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial
from typing import Any, Final

import asyncpg

from strongroom.ports.errors import PoolTimeout, StorageClosed, WrongEventLoop
from strongroom.ports.storage import Isolation

from .connection import (
    SAFE_SEARCH_PATH,
    SAFE_SETTINGS,
    explain_failure,
    require_postgres_url,
    require_safe_search_path,
    require_version,
    without_settings,
)
from .driver import ANSWER_GRACE_SECONDS, CANCEL_SECONDS, BoundedConnection, abort
from .encoding import encode_json, loads
from .pool_meter import PoolMeter
from .settings import PostgresSettings
from .slow_statements import log_slow_statement

STATEMENT_CACHE_SIZE: Final = 1000
CLOSE_GRACE_SECONDS: Final = 60.0
"""How often connections at hand go back to asyncpg's pool, which closes those that it sees unused for minutes."""


class PooledConnection(BoundedConnection):
    """A connection that takes no session state, and so needs no reset when it is given back.

    Whatever is open in it is rolled back all the same: asyncpg knows by itself whether a transaction is. It does not
    know that a statement was parsed and then given up: the server stays within that message, in a transaction of its
    own, until the next synchronization.
    """

    _is_given_up = False

    def note_given_up(self) -> None:
        """Have the connection synchronized before it is used again: its last call did not run to its end."""
        self._is_given_up = True

    def get_reset_query(self) -> str:
        """Return nothing to run, or a statement of the simple protocol, which synchronizes."""
        given_up, self._is_given_up = self._is_given_up, False
        return "SELECT 1" if given_up else ""


class UnpinnedConnection(PooledConnection):
    """A connection to a transaction pooler: each of its transactions meets another session of the server."""

    is_unpinned = True

    async def _introspect_types(self, typeoids: Any, timeout: float) -> Any:  # noqa: ASYNC109 - asyncpg's own
        """Look types up as asyncpg does, by bare names, under a search path of our own."""
        driver: Any = super()
        if self.is_in_transaction():
            return await driver._introspect_types(typeoids, timeout)  # noqa: SLF001 - it offers no other place
        await self.execute(f"BEGIN; SET LOCAL search_path = {SAFE_SEARCH_PATH}")
        try:
            return await driver._introspect_types(typeoids, timeout)  # noqa: SLF001
        finally:
            await self.execute("ROLLBACK")


class Pool:
    """An asyncpg pool with a deadline for whatever is waited for.

    A connection that is given back idle stays at hand for the next caller, without asyncpg's own giving back, which
    costs a task each time; one that is given back after an error goes through it, which makes it fit again or closes
    it.
    """

    def __init__(self, pool: "asyncpg.Pool[Any]", settings: PostgresSettings) -> None:
        self._pool = pool
        self.settings = settings
        self.answer_timeout = answer_timeout(settings)
        self._loop = asyncio.get_running_loop()
        self._closed = False
        self._is_shut = False
        self._free = asyncio.Semaphore(settings.max_size)
        self._at_hand: list[asyncpg.Connection[Any]] = []
        self._generations: dict[asyncpg.Connection[Any], int] = {}
        """The connections taken from asyncpg's pool, each with the generation in which it was."""
        self._generation = 0
        self._settling: asyncio.TimerHandle | None = None
        self._returning: asyncio.Task[None] | None = None
        self.meter = PoolMeter()

    async def acquire(self) -> "asyncpg.Connection[Any]":
        """Return a connection. Raises PoolTimeout, StorageClosed, StorageUnavailable."""
        self._require_usable()
        waited = 0.0
        if self._free.locked():
            waited = await self._wait_for_one()
        else:
            await self._free.acquire()
        try:
            self._require_open()
            connection = self._at_hand.pop() if self._at_hand else None
            if connection is None or not _is_idle(connection):
                connection = await self._replace(connection)
        except BaseException:
            self._free.release()
            raise
        self.meter.note_acquired(connection, self._loop, waited)
        return connection

    async def _replace(self, unfit: "asyncpg.Connection[Any] | None") -> "asyncpg.Connection[Any]":
        """Return a connection in place of an idle one that is unfit, or that there is not."""
        if unfit is not None:
            await self._return(unfit)
        while self._at_hand:
            connection = self._at_hand.pop()
            if _is_idle(connection):
                return connection
            await self._return(connection)
        return await self._take()

    async def release(
        self, connection: "asyncpg.Connection[Any]", *, is_idle: bool = False, error: BaseException | None = None
    ) -> bool:
        """Give a connection back, and return whether it is still of use; if not, it is replaced when next needed.

        ``is_idle`` says that its last statement was answered, and that no transaction is open; ``error`` is what the
        statement was left by.
        """
        self.meter.note_released(connection)
        try:
            if is_idle and not self._closed and self._generations.get(connection) == self._generation:
                self._at_hand.append(connection)
                if self._settling is None:
                    self._settling = asyncio.get_running_loop().call_later(CLOSE_GRACE_SECONDS, self._settle)
            else:
                return await self._return(connection, given_up=isinstance(error, TimeoutError | asyncio.CancelledError))
        finally:
            self._free.release()
        return True

    @asynccontextmanager
    async def connection(self) -> AsyncIterator["asyncpg.Connection[Any]"]:
        """Give a connection for the length of a context."""
        connection = await self.acquire()
        try:
            yield connection
        except BaseException as error:
            await self.release(connection, error=error)
            raise
        await self.release(connection, is_idle=_is_idle(connection))

    def begin(self, isolation: Isolation, *, read_only: bool = False) -> str:
        """Return the commands that begin a transaction; behind a pooler the settings hold for it alone."""
        begin = f"BEGIN ISOLATION LEVEL {isolation.value.upper()}{' READ ONLY' if read_only else ''}"
        if not self.settings.is_pooled:
            return begin
        limits = session_settings(self.settings)
        path = f"SET LOCAL search_path = {SAFE_SEARCH_PATH}"
        return "; ".join([begin, path, *(f"SET LOCAL {name} = '{value}'" for name, value in limits.items())])

    async def expire(self) -> None:
        """Have every connection replaced before its next use: what it prepared may be out of date."""
        self._generation += 1
        await self._pool.expire_connections()
        await self._return_all()

    async def close(self) -> None:
        """Close all connections; those still in use at the deadline, or if this is cancelled, are cut off."""
        if self._is_shut:
            return
        self._closed = self._is_shut = True
        if self._settling is not None:
            self._settling.cancel()
        try:
            async with asyncio.timeout(self.settings.close_timeout):
                await self._return_all()
                await self._pool.close()
        except Exception:  # noqa: BLE001 - a goodbye that fails ends the same
            self._pool.terminate()
        except BaseException:
            self._pool.terminate()
            raise

    def refuse(self) -> None:
        """Give no connection from now on: the storage is being closed. Raises WrongEventLoop."""
        self.require_loop()
        self._closed = True

    def require_loop(self) -> None:
        """Raise WrongEventLoop in another event loop than the one that the pool was opened in."""
        if asyncio.get_running_loop() is not self._loop:
            message = (
                "this storage belongs to another event loop, the one that it was opened in: open one in each loop. "
                'Under pytest-asyncio let fixtures and tests share a loop (loop_scope="session")'
            )
            raise WrongEventLoop(message)

    @property
    def size(self) -> tuple[int, int]:
        """How many connections are open, and how many of them are idle."""
        return self._pool.get_size(), self._pool.get_idle_size() + len(self._at_hand)

    def _require_usable(self) -> None:
        if asyncio.get_running_loop() is not self._loop:
            self.require_loop()
        self._require_open()

    def _require_open(self) -> None:
        if self._closed:
            raise StorageClosed("the storage was closed")

    async def _wait_for_one(self) -> float:
        """Wait for a connection to become free, and return for how long. Raises PoolTimeout at the deadline."""
        began = self._loop.time()
        self.meter.waiting += 1
        try:
            async with asyncio.timeout(self.settings.acquire_timeout):
                await self._free.acquire()
        except TimeoutError:
            message = (
                f"none of the {self.settings.max_size} connections became free within "
                f"{self.settings.acquire_timeout:g} s: is one kept too long, or is max_size too small? "
                f"Longest held: {self.meter.longest_holders(self._loop.time())}"
            )
            raise PoolTimeout(message) from None
        finally:
            self.meter.waiting -= 1
        return self._loop.time() - began

    async def _take(self) -> "asyncpg.Connection[Any]":
        """Take a connection from asyncpg's pool, which opens one where it has none."""
        generation = self._generation
        try:
            async with asyncio.timeout(self.settings.connect_timeout + ANSWER_GRACE_SECONDS):
                connection: asyncpg.Connection[Any] = await self._pool.acquire()  # type: ignore[assignment]
        except Exception as error:
            self._require_open()
            raise explain_failure(self.settings.url, error) from error
        self._generations[connection] = generation
        return connection

    async def _return(self, connection: "asyncpg.Connection[Any]", *, given_up: bool = False) -> bool:
        """Give a connection back to asyncpg's pool, and return whether that kept it; abort it if that takes too long.

        ``given_up`` says that its last call did not run to its end. If the server does not even acknowledge that, the
        idle connections are replaced, too.
        """
        self._generations.pop(connection, None)
        driver: Any = getattr(connection, "_con", None)
        if given_up and driver is not None:
            driver.note_given_up()
        try:
            await self._pool.release(connection, timeout=CANCEL_SECONDS)  # type: ignore[arg-type]
        except Exception:  # noqa: BLE001 - it is replaced, whatever was wrong with it
            abort(connection)
        is_kept = driver is not None and not driver.is_closed()
        if given_up and not is_kept:
            await self._drop_idle()
        return is_kept

    async def _drop_idle(self) -> None:
        """Abort the idle connections: the server, or the way to it, is silent, and they are no younger."""
        self._generation += 1
        await self._pool.expire_connections()
        while self._at_hand:
            connection = self._at_hand.pop()
            self._generations.pop(connection, None)
            abort(connection)

    async def _return_all(self) -> None:
        """Give all connections at hand back to asyncpg's pool."""
        while self._at_hand:
            await self._return(self._at_hand.pop())

    def _settle(self) -> None:
        self._settling = None
        self._returning = asyncio.get_running_loop().create_task(self._return_all())


async def open_pool(settings: PostgresSettings) -> Pool:
    """Open a pool of ``min_size`` connections. Raises StorageUnavailable and, for too old a server, SchemaMismatch."""
    require_postgres_url(settings.url)

    async def prepare(connection: "asyncpg.Connection[Any]") -> None:
        await _set_codecs(connection)
        if settings.slow_statement:
            connection.add_query_logger(partial(log_slow_statement, settings.slow_statement))

    session = {} if settings.is_pooled else {**SAFE_SETTINGS, **session_settings(settings)}
    try:
        async with asyncio.timeout(settings.connect_timeout + 5):
            pool = await asyncpg.create_pool(
                without_settings(settings.url, SAFE_SETTINGS),
                min_size=settings.min_size,
                max_size=settings.max_size,
                connection_class=UnpinnedConnection if settings.is_pooled else PooledConnection,
                init=prepare,
                timeout=settings.connect_timeout,
                command_timeout=answer_timeout(settings),
                statement_cache_size=0 if settings.is_pooled else STATEMENT_CACHE_SIZE,
                max_cached_statement_lifetime=0,
                server_settings={"application_name": settings.application_name, **session},
            )
    except Exception as error:  # noqa: BLE001 - sorted out by what it means
        raise explain_failure(settings.url, error) from None
    opened = Pool(pool, settings)
    try:
        async with opened.connection() as connection:
            require_version(settings.url, connection.get_server_version().major)
            if not settings.is_pooled:
                await require_safe_search_path(connection)
    except BaseException:
        await opened.close()
        raise
    return opened


def session_settings(settings: PostgresSettings) -> dict[str, str]:
    """Return the settings of every session, as PostgreSQL's start-up parameters; times in milliseconds."""
    return {
        "statement_timeout": str(round(settings.statement_timeout * 1000)),
        "idle_in_transaction_session_timeout": str(round(settings.idle_in_transaction_timeout * 1000)),
        "TimeZone": "UTC",
        "plan_cache_mode": "force_generic_plan",
    }


def answer_timeout(settings: PostgresSettings) -> float | None:
    """Return how many seconds an answer may take: a little longer than the server's own limit; None without one."""
    return settings.statement_timeout + ANSWER_GRACE_SECONDS if settings.statement_timeout else None


def _is_idle(connection: "asyncpg.Connection[Any]") -> bool:
    """Say whether a connection is open, and no transaction is open in it."""
    try:
        return not (connection.is_closed() or connection.is_in_transaction())
    except asyncpg.InterfaceError:  # asyncpg took it back by itself, for the server or the pool closed it
        return False


async def _set_codecs(connection: "asyncpg.Connection[Any]") -> None:
    """Set how values travel: numerics as text, which the hydrators make int or Decimal of; JSON as objects."""
    try:
        await connection.set_type_codec("numeric", encoder=str, decoder=str, schema="pg_catalog", format="text")
        await connection.set_type_codec("jsonb", encoder=encode_json, decoder=loads, schema="pg_catalog", format="text")
    except BaseException:
        abort(connection)
        raise
