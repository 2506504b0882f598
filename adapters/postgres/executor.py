"""Where statements run: each on a connection of the pool outside a transaction, all on one within it."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager, suppress
from typing import Any, Protocol

import asyncpg

from strongroom.adapters.mapping.table import Table
from strongroom.ports.clock import Clock, IdSource
from strongroom.ports.errors import TransactionClosed

from .errors import aborted, translated
from .pool import Pool

Records = list[asyncpg.Record]


class Executor(Protocol):
    """What repositories run their statements through."""

    clock: Clock
    ids: IdSource

    async def fetch(self, table: Table, sql: str, *values: Any, removing: bool = False, key: Any = None) -> Records:
        """Run one statement and return its rows. Raises the port's errors."""
        ...

    def unit(self, table: Table) -> AbstractAsyncContextManager["asyncpg.Connection[Any]"]:
        """Return several statements as one atomic unit: a context that gives the connection."""
        ...

    def stream(self, table: Table, sql: str, values: Sequence[Any], batch: int) -> AsyncIterator[Records]:
        """Yield the rows of a query by batches, from one snapshot."""
        ...


class PoolExecutor:
    """Statements outside a transaction: one round trip each, kept as soon as they are done."""

    def __init__(self, pool: Pool, clock: Clock, ids: IdSource) -> None:
        self.pool = pool
        self.clock = clock
        self.ids = ids

    async def fetch(self, table: Table, sql: str, *values: Any, removing: bool = False, key: Any = None) -> Records:
        connection = await self.pool.acquire()
        try:
            return await connection.fetch(sql, *values)
        except Exception as error:
            raise translated(error, table, removing=removing, key=key) from error
        finally:
            await self.pool.release(connection)

    @asynccontextmanager
    async def unit(self, table: Table) -> AsyncIterator["asyncpg.Connection[Any]"]:
        async with self.pool.connection() as connection:
            try:
                await connection.execute("BEGIN")
                yield connection
                await connection.execute("COMMIT")
            except Exception as error:
                with suppress(asyncpg.PostgresError, asyncpg.InterfaceError, OSError):
                    await connection.execute("ROLLBACK")
                raise translated(error, table) from error

    async def stream(self, table: Table, sql: str, values: Sequence[Any], batch: int) -> AsyncIterator[Records]:
        async with self.pool.connection() as connection:
            try:
                async with connection.transaction(isolation="repeatable_read", readonly=True):
                    cursor = await connection.cursor(sql, *values)
                    while rows := await cursor.fetch(batch):
                        yield rows
            except Exception as error:
                raise translated(error, table) from error


class TransactionExecutor:
    """Statements of one transaction, one at a time; it is aborted by a statement that the database refuses."""

    def __init__(self, connection: "asyncpg.Connection[Any]", clock: Clock, ids: IdSource) -> None:
        self.connection = connection
        self.clock = clock
        self.ids = ids
        self.aborted = False
        self.depth = 0
        self._turn = asyncio.Lock()

    def require_usable(self) -> None:
        """Raise TransactionAborted after a statement was refused."""
        if self.aborted:
            raise aborted()

    async def fetch(self, table: Table, sql: str, *values: Any, removing: bool = False, key: Any = None) -> Records:
        async with self._turn:
            self.require_usable()
            try:
                return await self.connection.fetch(sql, *values)
            except BaseException as error:
                self.aborted = True
                if isinstance(error, Exception):
                    raise translated(error, table, removing=removing, key=key) from error
                raise

    async def command(self, sql: str) -> str:
        """Run a command of the transaction itself and return its tag."""
        async with self._turn:
            try:
                return await self.connection.execute(sql)
            except BaseException as error:
                self.aborted = True
                if isinstance(error, Exception):
                    raise translated(error, None) from error
                raise

    async def commit(self) -> None:
        """Commit. Raises TransactionAborted when PostgreSQL rolled back instead."""
        if await self.command("COMMIT") != "COMMIT":
            raise aborted()

    @asynccontextmanager
    async def unit(self, table: Table) -> AsyncIterator["asyncpg.Connection[Any]"]:
        async with self._turn:
            self.require_usable()
            try:
                yield self.connection
            except BaseException as error:
                if isinstance(error, asyncpg.PostgresError) or not isinstance(error, Exception):
                    self.aborted = True
                if isinstance(error, Exception):
                    raise translated(error, table) from error
                raise

    async def stream(self, table: Table, sql: str, values: Sequence[Any], batch: int) -> AsyncIterator[Records]:
        async with self.unit(table) as connection:
            cursor = await connection.cursor(sql, *values)
        while True:
            async with self.unit(table):
                rows = await cursor.fetch(batch)
            if not rows:
                return
            yield rows


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
            message = "the transaction has ended: open another"
            raise TransactionClosed(message)

    async def fetch(self, table: Table, sql: str, *values: Any, removing: bool = False, key: Any = None) -> Records:
        self.require_open()
        return await self.executor.fetch(table, sql, *values, removing=removing, key=key)

    def unit(self, table: Table) -> AbstractAsyncContextManager["asyncpg.Connection[Any]"]:
        self.require_open()
        return self.executor.unit(table)

    async def stream(self, table: Table, sql: str, values: Sequence[Any], batch: int) -> AsyncIterator[Records]:
        self.require_open()
        async for rows in self.executor.stream(table, sql, values, batch):
            self.require_open()
            yield rows
