"""Where statements run: each on a connection of the pool outside a transaction, all on one within it."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Sequence
from contextlib import AbstractAsyncContextManager, aclosing, asynccontextmanager
from typing import Any, Final, Protocol

import asyncpg

from strongroom.adapters.mapping.model import Model
from strongroom.adapters.mapping.table import Table
from strongroom.ports.clock import Clock, IdSource
from strongroom.ports.errors import StatementTimeout, TransactionClosed
from strongroom.ports.storage import Isolation

from .driver import is_lost
from .errors import is_client_error, is_unanswered, raise_translated, transaction_aborted
from .pool import Pool
from .statement_runner import Records, StatementRunner, roll_back

TOO_SLOW: Final = "the statement took longer than statement_timeout, and was cancelled"


class Executor(Protocol):
    """What repositories run their statements through."""

    clock: Clock
    ids: IdSource

    async def fetch(self, table: Table, sql: str, *values: Any, removing: bool = False, key: Any = None) -> Records:
        """Run one statement and return its rows. Raises the port's errors."""
        ...

    def runner(self, table: Table) -> AbstractAsyncContextManager[StatementRunner]:
        """Open a context whose statements are kept together, or not at all."""
        ...

    def stream(self, table: Table, sql: str, values: Sequence[Any], batch: int) -> AsyncGenerator[Records, None]:
        """Yield the rows of a query by batches, from one snapshot."""
        ...


class PoolExecutor:
    """Statements outside a transaction: one round trip each, kept as soon as they are done."""

    def __init__(self, pool: Pool, model: Model, clock: Clock, ids: IdSource) -> None:
        self.pool = pool
        self.model = model
        self.clock = clock
        self.ids = ids

    async def fetch(self, table: Table, sql: str, *values: Any, removing: bool = False, key: Any = None) -> Records:
        connection = await self.pool.acquire()
        self.pool.meter.statements += 1
        try:
            rows = await connection.fetch(sql, *values, timeout=self.pool.answer_timeout)
        except BaseException as error:
            lost = is_lost(connection)
            unknown = isinstance(error, Exception) and is_unanswered(error, connection) and not _is_read(sql)
            is_kept = await self.pool.release(connection, error=error)
            if not isinstance(error, Exception):
                raise
            with self.pool.meter.counting_errors():
                if isinstance(error, TimeoutError) and is_kept and not unknown:
                    raise StatementTimeout(TOO_SLOW, entity=table.label) from error
                raise_translated(error, table, model=self.model, removing=removing, key=key, lost=lost, unknown=unknown)
        await self.pool.release(connection, is_idle=True)
        return rows

    @asynccontextmanager
    async def runner(
        self, table: Table, isolation: Isolation = Isolation.READ_COMMITTED, *, read_only: bool = False
    ) -> AsyncIterator[StatementRunner]:
        async with self.pool.connection() as connection:
            runner = StatementRunner(connection, table, model=self.model, read_only=read_only)
            self.pool.meter.statements += 1
            try:
                await runner.execute(self.pool.begin(isolation, read_only=read_only))
                yield runner
                await runner.commit(wrote=not read_only)
            except BaseException as error:
                self.pool.meter.note_error(error)
                await roll_back(connection)
                raise

    async def stream(self, table: Table, sql: str, values: Sequence[Any], batch: int) -> AsyncGenerator[Records, None]:
        async with self.runner(table, Isolation.REPEATABLE_READ, read_only=True) as runner:
            cursor = await runner.cursor(sql, values)
            while rows := await runner.rows(cursor, batch):
                yield rows


class TransactionExecutor:
    """Statements of one transaction, one at a time; it is aborted by a statement that the database refuses."""

    def __init__(  # noqa: PLR0913 - what a transaction is made of
        self,
        connection: "asyncpg.Connection[Any]",
        model: Model,
        clock: Clock,
        ids: IdSource,
        *,
        pool: Pool,
        read_only: bool = False,
    ) -> None:
        self.connection = connection
        self.model = model
        self._pool = pool
        self.read_only = read_only
        self.clock = clock
        self.ids = ids
        self.aborted = False
        self.depth = 0
        self._ended = False
        self._wrote = False
        self._turn = asyncio.Lock()

    def require_usable(self) -> None:
        """Raise TransactionAborted after a statement was refused, TransactionClosed after the end."""
        if self._ended:
            raise transaction_closed()
        if self.aborted:
            raise transaction_aborted()

    async def fetch(self, table: Table, sql: str, *values: Any, removing: bool = False, key: Any = None) -> Records:
        async with self._turn:
            self.require_usable()
            self._wrote = self._wrote or not _is_read(sql)
            self._pool.meter.statements += 1
            try:
                return await self.connection.fetch(sql, *values, timeout=self._pool.answer_timeout)
            except BaseException as error:
                self._note(error)
                if isinstance(error, Exception):
                    raise_translated(
                        error,
                        table,
                        model=self.model,
                        removing=removing,
                        key=key,
                        read_only=self.read_only,
                        lost=is_lost(self.connection),
                    )
                raise

    async def command(self, sql: str) -> str:
        """Run a command of the transaction itself and return its tag."""
        async with self._turn:
            return await self._runner(None).execute(sql)

    async def commit(self) -> None:
        """Commit. Raises TransactionAborted when a statement had failed, or PostgreSQL rolled back instead."""
        async with self._turn:
            self.require_usable()
            tag = await self._runner(None).commit(wrote=self._wrote and not self.read_only)
            self._ended = True
        if tag != "COMMIT":
            raise transaction_aborted()

    async def roll_back(self) -> None:
        """Undo what the transaction did; calls that still wait for their turn find it ended."""
        async with self._turn:
            self._ended = True
            await roll_back(self.connection)

    @asynccontextmanager
    async def runner(self, table: Table) -> AsyncIterator[StatementRunner]:
        async with self._turn:
            self.require_usable()
            self._wrote = True
            yield self._runner(table)

    async def stream(self, table: Table, sql: str, values: Sequence[Any], batch: int) -> AsyncGenerator[Records, None]:
        async with self.runner(table) as runner:
            cursor = await runner.cursor(sql, values)
        try:
            while True:
                async with self.runner(table) as runner:
                    rows = await runner.rows(cursor, batch)
                if not rows:
                    return
                yield rows
        finally:
            if not (self.aborted or self._ended):
                async with self.runner(table) as runner:
                    await runner.close(cursor)

    def _runner(self, table: Table | None) -> StatementRunner:
        return StatementRunner(self.connection, table, self._note, model=self.model, read_only=self.read_only)

    def _note(self, error: BaseException) -> None:
        """Note that the transaction is aborted, but for an error that never reached the database."""
        self.aborted = self.aborted or not is_client_error(error)


class Scope:
    """A transaction, or a savepoint in it, as its repositories see it: usable until it is left."""

    def __init__(self, executor: TransactionExecutor) -> None:
        self.executor = executor
        self.clock = executor.clock
        self.ids = executor.ids
        self.closed = False

    def require_open(self) -> None:
        """Raise TransactionClosed after the transaction or savepoint was left."""
        if self.closed:
            raise transaction_closed()

    async def fetch(self, table: Table, sql: str, *values: Any, removing: bool = False, key: Any = None) -> Records:
        self.require_open()
        return await self.executor.fetch(table, sql, *values, removing=removing, key=key)

    def runner(self, table: Table) -> AbstractAsyncContextManager[StatementRunner]:
        self.require_open()
        return self.executor.runner(table)

    async def stream(self, table: Table, sql: str, values: Sequence[Any], batch: int) -> AsyncGenerator[Records, None]:
        self.require_open()
        async with aclosing(self.executor.stream(table, sql, values, batch)) as batches:
            async for rows in batches:
                self.require_open()
                yield rows


def _is_read(sql: str) -> bool:
    """Return whether a statement of ours only reads: those that write begin with their command, or with WITH."""
    return sql.lstrip().startswith("SELECT")


def transaction_closed() -> TransactionClosed:
    """Return the error of whatever is tried in a transaction or savepoint that was left."""
    return TransactionClosed("the transaction has ended: open another")
