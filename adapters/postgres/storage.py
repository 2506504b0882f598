"""The storage over PostgreSQL: the Storage port through asyncpg."""

from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager, suppress
from typing import Any, Self

from strongroom.ports.clock import Clock, IdSource, SystemClock, Uuid7Source
from strongroom.ports.errors import StorageError
from strongroom.ports.storage import Isolation, Repositories, Storage, Transaction

from .change_feed import PostgresChangeFeed
from .errors import raise_translated
from .executor import Executor, PoolExecutor, Scope, TransactionExecutor
from .pool import Pool, open_pool
from .registry import REPOSITORIES
from .settings import PostgresSettings


class _PostgresRepositories(Repositories):
    """Repositories over an executor, each made when it is first asked for."""

    _executor: Executor

    def __getattr__(self, name: str) -> Any:
        repository = REPOSITORIES.get(name)
        if repository is None:
            message = f"{type(self).__name__!r} has no attribute {name!r}"
            raise AttributeError(message)
        made = self.__dict__[name] = repository(self._executor)
        return made


class PostgresTransaction(_PostgresRepositories, Transaction):
    """A unit of work on one connection, or a savepoint in one."""

    def __init__(self, scope: Scope) -> None:
        self._executor = self._scope = scope

    @asynccontextmanager
    async def _savepoint(self) -> AsyncIterator[Transaction]:
        self._scope.require_open()
        executor = self._scope.executor
        executor.require_usable()
        executor.depth += 1
        name = f"strongroom_{executor.depth}"
        scope = Scope(executor)
        try:
            await executor.command(f"SAVEPOINT {name}")
            yield PostgresTransaction(scope)
            executor.require_usable()
            await executor.command(f"RELEASE SAVEPOINT {name}")
        except BaseException:
            with suppress(StorageError):
                await executor.command(f"ROLLBACK TO SAVEPOINT {name}; RELEASE SAVEPOINT {name}")
                executor.aborted = False
            raise
        finally:
            executor.depth -= 1
            scope.closed = True

    def transaction(self) -> AbstractAsyncContextManager[Transaction]:
        """Open a savepoint."""
        return self._savepoint()


class PostgresStorage(_PostgresRepositories, Storage):
    """A storage over a pool of connections; made by ``open_postgres``."""

    def __init__(self, pool: Pool, *, clock: Clock, ids: IdSource) -> None:
        self.pool = pool
        self.changes = self._feed = PostgresChangeFeed(pool.settings)
        self._executor = self._root = PoolExecutor(pool, clock, ids)

    @asynccontextmanager
    async def _unit_of_work(self, isolation: Isolation, *, read_only: bool) -> AsyncIterator[Transaction]:
        async with self.pool.connection() as connection:
            executor = TransactionExecutor(connection, self._root.clock, self._root.ids)
            scope = Scope(executor)
            try:
                await executor.command(self.pool.begin(isolation, read_only=read_only))
                yield PostgresTransaction(scope)
                await executor.commit()
            except BaseException:
                await executor.roll_back()
                raise
            finally:
                scope.closed = True

    def transaction(
        self, *, isolation: Isolation = Isolation.READ_COMMITTED, read_only: bool = False
    ) -> AbstractAsyncContextManager[Transaction]:
        """Open a unit of work."""
        return self._unit_of_work(isolation, read_only=read_only)

    async def ping(self) -> None:
        """Make one round trip to the server. Raises StorageUnavailable."""
        async with self.pool.connection() as connection:
            try:
                await connection.fetchval("SELECT 1")
            except Exception as error:  # noqa: BLE001 - sorted out by what it means
                raise_translated(error, None)

    async def close(self) -> None:
        """Close the change feed and the pool; closing twice is closing once."""
        try:
            await self._feed.close()
        finally:
            await self.pool.close()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_exception: object) -> None:
        await self.close()


async def open_postgres(
    settings: PostgresSettings, *, clock: Clock | None = None, ids: IdSource | None = None
) -> PostgresStorage:
    """Open a storage over PostgreSQL; migrations are not looked at here.

    ``async with await open_postgres(…) as storage`` closes it. Raises StorageUnavailable, SchemaMismatch.
    """
    return PostgresStorage(await open_pool(settings), clock=clock or SystemClock(), ids=ids or Uuid7Source())
