"""The storage over PostgreSQL: the Storage port through asyncpg."""

import asyncio
import itertools
import time
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager, suppress
from typing import Any, Final, Self

import asyncpg

from strongroom.adapters.mapping.model import Model
from strongroom.adapters.mapping.queries import require_type
from strongroom.ports.backoff import backoff_seconds
from strongroom.ports.clock import Clock, IdSource, SystemClock, Uuid7Source
from strongroom.ports.errors import CommitUnknown, StorageError
from strongroom.ports.stats import StorageStats
from strongroom.ports.storage import Isolation, R, Repositories, Storage, Transaction

from .change_feed import PostgresChangeFeed
from .connection import connected
from .errors import raise_translated
from .executor import Executor, PoolExecutor, Scope, TransactionExecutor
from .pool import Pool, open_pool
from .repositories import repository_classes
from .settings import PostgresSettings

COMMIT_WAIT_SECONDS: Final = 60.0
"""How long a transaction is waited for that is still in progress, if statements have no limit."""
_TRANSACTION_STATUS: Final = "SELECT pg_catalog.pg_xact_status($1::pg_catalog.text::pg_catalog.xid8)"


class _PostgresRepositories(Repositories):
    """Repositories over an executor, each made when it is first asked for."""

    model: Model
    """The tables that the storage holds."""
    _classes: dict[str, type[Any]]
    _executor: Executor

    def __getattr__(self, name: str) -> Any:
        repository = self._classes.get(name)
        if repository is None:
            message = f"{type(self).__name__!r} has no attribute {name!r}"
            raise AttributeError(message)
        made = self.__dict__[name] = repository(self._executor)
        return made

    def repository(self, port: Callable[..., R]) -> R:
        """Return the repository of a port."""
        found: R = getattr(self, self.model.table_behind(port).repository)
        return found


class PostgresTransaction(_PostgresRepositories, Transaction):
    """A unit of work on one connection, or a savepoint in one."""

    def __init__(self, scope: Scope, parent: _PostgresRepositories) -> None:
        self.model, self._classes = parent.model, parent._classes  # noqa: SLF001 - of the same family
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
            yield PostgresTransaction(scope, self)
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

    def __init__(self, pool: Pool, *, model: Model, clock: Clock, ids: IdSource) -> None:
        self.pool = pool
        self.model, self._classes = model, repository_classes(model)
        self.changes = self._feed = PostgresChangeFeed(pool.settings)
        self._executor = self._root = PoolExecutor(pool, model, clock, ids)
        self._closing: asyncio.Task[None] | None = None

    @asynccontextmanager
    async def _unit_of_work(self, isolation: Isolation, *, read_only: bool) -> AsyncIterator[Transaction]:
        async with self.pool.connection() as connection:
            executor = TransactionExecutor(
                connection,
                self.model,
                self._root.clock,
                self._root.ids,
                pool=self.pool,
                read_only=read_only,
            )
            scope = Scope(executor)
            try:
                await executor.command(self.pool.begin(isolation, read_only=read_only))
                yield PostgresTransaction(scope, self)
                await executor.commit()
            except BaseException as error:
                self.pool.meter.note_error(error)
                await executor.roll_back()
                raise
            finally:
                scope.closed = True

    def transaction(
        self, *, isolation: Isolation = Isolation.READ_COMMITTED, read_only: bool = False
    ) -> AbstractAsyncContextManager[Transaction]:
        """Open a unit of work."""
        require_type("isolation", isolation, Isolation)
        require_type("read_only", read_only, bool)
        return self._unit_of_work(isolation, read_only=read_only)

    async def committed(self, error: StorageError) -> bool | None:
        """Ask PostgreSQL what became of the transaction whose COMMIT was not answered (pg_xact_status)."""
        if error.applied != "unknown":
            return error.applied == "yes"
        number = error.transaction_id if isinstance(error, CommitUnknown) else None
        if number is None:
            return None
        deadline = time.monotonic() + (self.pool.answer_timeout or COMMIT_WAIT_SECONDS)
        for attempt in itertools.count():
            status = await self._status_of(number)
            if status != "in progress":
                return None if status is None else status == "committed"
            if time.monotonic() > deadline:
                return None
            await asyncio.sleep(backoff_seconds(attempt))
        return None

    async def _status_of(self, transaction_id: int) -> str | None:
        async with self.pool.connection() as connection:
            try:
                return await connection.fetchval(_TRANSACTION_STATUS, str(transaction_id))  # type: ignore[no-any-return]
            except asyncpg.InvalidParameterValueError:  # a server that has not come that far, after a failover
                return None
            except Exception as failure:  # noqa: BLE001 - sorted out by what it means
                raise_translated(failure, None)

    async def ping(self, *, fresh: bool = False) -> None:
        """Make one round trip to the server. Raises StorageUnavailable."""
        if fresh:
            settings = self.pool.settings
            limits = {"timeout": settings.connect_timeout, "command_timeout": settings.connect_timeout}
            async with connected(settings.url, through_pooler=settings.is_pooled, **limits) as single:
                await single.execute("SELECT 1")
            return
        async with self.pool.connection() as connection:
            try:
                await connection.fetchval("SELECT 1")
            except Exception as error:  # noqa: BLE001 - sorted out by what it means
                raise_translated(error, None)

    def stats(self) -> StorageStats:
        """Return the numbers of the pool and the feed."""
        meter, (opened, _) = self.pool.meter, self.pool.size
        return StorageStats(
            max_connections=self.pool.settings.max_size,
            open_connections=opened,
            in_use=meter.in_use,
            waiting=meter.waiting,
            acquired=meter.acquired,
            wait_p50=meter.wait_quantile(0.5),
            wait_p99=meter.wait_quantile(0.99),
            statements=meter.statements,
            retries=self.retries,
            errors=dict(meter.errors),
            feed=self._feed.state,
        )

    async def close(self) -> None:
        """Close the change feed and the pool; closing twice is closing once.

        If the caller is cancelled the closing goes on: no connection is left open for good.
        """
        if self._closing is None:
            self.pool.refuse()
            self._closing = asyncio.get_running_loop().create_task(self._close())
        await asyncio.shield(self._closing)

    async def _close(self) -> None:
        try:
            await self._feed.close()
        finally:
            await self.pool.close()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_exception: object) -> None:
        await self.close()


async def open_postgres(
    settings: PostgresSettings,
    *,
    model: Model | None = None,
    clock: Clock | None = None,
    ids: IdSource | None = None,
) -> PostgresStorage:
    """Open a storage over PostgreSQL, of the platform's tables unless a model is given; migrations are not looked at.

    ``async with await open_postgres(…) as storage`` closes it. Raises StorageUnavailable, SchemaMismatch, ModelInvalid.
    """
    if model is None:
        from strongroom.adapters.mapping.platform import PLATFORM

        model = PLATFORM
    repository_classes(model)
    return PostgresStorage(
        await open_pool(settings), model=model, clock=clock or SystemClock(), ids=ids or Uuid7Source()
    )
