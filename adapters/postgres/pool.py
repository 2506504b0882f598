"""The pool: opened with clear errors, given back without a round trip, closed within a deadline."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, Final

import asyncpg

from strongroom.ports.errors import PoolTimeout, StorageClosed, StorageUnavailable

from .connecting import connection_problem, redacted, require_postgres_url, require_version
from .settings import PostgresSettings

STATEMENTS_CACHED: Final = 1000


class PooledConnection(asyncpg.Connection):
    """A connection that takes no session state, and so needs no reset when it is given back.

    Whatever is open in it is rolled back all the same: asyncpg knows by itself whether a transaction is.
    """

    def get_reset_query(self) -> str:
        """Return nothing to run."""
        return ""


class Pool:
    """An asyncpg pool with a deadline for whatever is waited for."""

    def __init__(self, pool: "asyncpg.Pool[Any]", settings: PostgresSettings) -> None:
        self._pool = pool
        self.settings = settings
        self._closed = False
        self._free = asyncio.Semaphore(settings.max_size)

    async def acquire(self) -> "asyncpg.Connection[Any]":
        """Return a connection. Raises PoolTimeout, StorageClosed, StorageUnavailable."""
        if self._closed:
            message = "the storage was closed"
            raise StorageClosed(message)
        if self._free.locked():
            await self._wait_for_one()
        else:
            await self._free.acquire()
        try:
            return await self._pool.acquire()  # type: ignore[return-value]
        except BaseException as error:
            self._free.release()
            if isinstance(error, Exception):
                raise connection_problem(self.settings.url, error) from error
            raise

    async def release(self, connection: "asyncpg.Connection[Any]") -> None:
        """Give a connection back; one that is broken is replaced when it is next needed."""
        try:
            await self._pool.release(connection)  # type: ignore[arg-type]
        except (asyncpg.PostgresError, asyncpg.InterfaceError, OSError):
            pass
        finally:
            self._free.release()

    @asynccontextmanager
    async def connection(self) -> AsyncIterator["asyncpg.Connection[Any]"]:
        """Give a connection for the length of a context."""
        connection = await self.acquire()
        try:
            yield connection
        finally:
            await self.release(connection)

    async def expire(self) -> None:
        """Have every connection replaced before its next use: what it prepared may be out of date."""
        await self._pool.expire_connections()

    async def close(self) -> None:
        """Close all connections; those still in use at the deadline are cut off."""
        if self._closed:
            return
        self._closed = True
        try:
            await asyncio.wait_for(self._pool.close(), self.settings.close_timeout)
        except TimeoutError:
            self._pool.terminate()

    async def _wait_for_one(self) -> None:
        """Wait for a connection to become free. Raises PoolTimeout at the deadline."""
        try:
            async with asyncio.timeout(self.settings.acquire_timeout):
                await self._free.acquire()
        except TimeoutError:
            message = (
                f"none of the {self.settings.max_size} connections became free within "
                f"{self.settings.acquire_timeout:g} s: is one kept too long, or is max_size too small?"
            )
            raise PoolTimeout(message) from None

    @property
    def size(self) -> tuple[int, int]:
        """How many connections are open, and how many of them are idle."""
        return self._pool.get_size(), self._pool.get_idle_size()


async def open_pool(settings: PostgresSettings) -> Pool:
    """Open a pool. Raises StorageUnavailable and, for a server that is too old, SchemaMismatch."""
    require_postgres_url(settings.url)
    session = {} if settings.is_pooled else session_settings(settings)
    try:
        pool = await asyncio.wait_for(
            asyncpg.create_pool(
                settings.url,
                min_size=min(1, settings.min_size),
                max_size=settings.max_size,
                connection_class=PooledConnection,
                init=_prepare,
                timeout=settings.connect_timeout,
                statement_cache_size=0 if settings.is_pooled else STATEMENTS_CACHED,
                max_cached_statement_lifetime=0,
                server_settings={"application_name": settings.application_name, **session},
            ),
            settings.connect_timeout + 5,
        )
    except Exception as error:  # noqa: BLE001 - sorted out by what it means
        raise connection_problem(settings.url, error) from None
    opened = Pool(pool, settings)
    try:
        await _warm_up(opened, settings)
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


async def _warm_up(pool: Pool, settings: PostgresSettings) -> None:
    """Open the least number of connections, at once, and look at the server's version."""
    opened = await asyncio.gather(*(pool.acquire() for _ in range(max(1, settings.min_size))), return_exceptions=True)
    for connection in opened:
        if not isinstance(connection, BaseException):
            version = connection.get_server_version()
            await pool.release(connection)
            require_version(settings.url, version.major)
    failures = [failure for failure in opened if isinstance(failure, BaseException)]
    if failures:
        message = f"{redacted(settings.url)} does not give the {settings.min_size} connections of min_size"
        raise StorageUnavailable(message) from failures[0]


async def _prepare(connection: "asyncpg.Connection[Any]") -> None:
    """Set how values travel: numerics as text, which is exact and faster than asyncpg's binary form; JSON too."""
    await connection.set_type_codec("numeric", encoder=str, decoder=str, schema="pg_catalog", format="text")
    await connection.set_type_codec("jsonb", encoder=_dumps, decoder=json.loads, schema="pg_catalog", format="text")


def _dumps(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, allow_nan=False)
