"""Where statements run: each in a unit of its own outside a transaction, all in one unit within it."""

import asyncio
from collections.abc import Callable
from typing import Protocol, TypeVar

from strongroom.adapters.mapping.table import Table
from strongroom.ports.clock import Clock, IdSource
from strongroom.ports.errors import (
    Conflict,
    InvalidValue,
    NotFound,
    StaleVersion,
    StorageClosed,
    StorageError,
    TransactionAborted,
    TransactionClosed,
)
from strongroom.ports.storage import Isolation

from .database import Database
from .layers import TableView
from .locks import MustWait
from .serializable import Predicate
from .unit_of_work import UnitOfWork

T = TypeVar("T")


class Session(Protocol):
    """What repositories do their statements through."""

    clock: Clock
    ids: IdSource

    def committed(self, table: Table) -> TableView | None:
        """Return the committed rows of a table where every statement sees just those, or None. Raises StorageClosed."""
        ...

    async def view(self, table: Table, matches: Callable[[], Predicate]) -> TableView:
        """Return what a statement that reads the rows of a table sees; ``matches`` says which rows it reads."""
        ...

    async def write(self, table: Table, statement: Callable[[UnitOfWork], T]) -> T:
        """Run a statement that writes to a table, waiting where it must."""
        ...


class StorageSession:
    """Statements outside a transaction: each is kept as soon as it is done."""

    def __init__(self, database: Database, clock: Clock, ids: IdSource) -> None:
        self.database = database
        self.clock = clock
        self.ids = ids
        self.closed = False
        model = database.model
        self._committed = {
            table.name: TableView(database.rows(table), ()) for table in (*model.entities, *model.own_tables)
        }

    def require_open(self) -> None:
        """Raise StorageClosed after ``close``."""
        if self.closed:
            message = "the storage was closed"
            raise StorageClosed(message)

    def committed(self, table: Table) -> TableView:
        if self.closed:
            self.require_open()
        return self._committed[table.name]

    async def view(self, table: Table, matches: Callable[[], Predicate]) -> TableView:  # noqa: ARG002 - sees all that is committed
        return self.committed(table)

    async def write(self, table: Table, statement: Callable[[UnitOfWork], T]) -> T:
        self.require_open()
        unit = UnitOfWork(self.database, Isolation.READ_COMMITTED)
        try:
            result = await run_statement(unit, table, statement)
        except BaseException:
            unit.roll_back()
            raise
        unit.commit()
        return result


class TransactionSession:
    """Statements of one transaction, one at a time; it is aborted by a statement that the tables refuse."""

    def __init__(self, unit: UnitOfWork, parent: StorageSession) -> None:
        self.unit = unit
        self.clock = parent.clock
        self.ids = parent.ids
        self.aborted = False
        self.savepoints = [unit.savepoint()]
        self._turn = asyncio.Lock()

    async def view(self, table: Table, matches: Callable[[], Predicate]) -> TableView:
        async with self._turn:
            self.require_usable()
            self.unit.begin_statement()
            if self.unit.isolation is Isolation.SERIALIZABLE:
                self.unit.note_read(table, matches())
            return self.unit.visible(table)

    async def write(self, table: Table, statement: Callable[[UnitOfWork], T]) -> T:
        async with self._turn:
            self.require_usable()
            try:
                self.unit.require_writable(table)
                return await run_statement(self.unit, table, statement)
            except (NotFound, StaleVersion):
                raise
            except (StorageError, InvalidValue, asyncio.CancelledError):
                self._abort()
                raise

    def _abort(self) -> None:
        """Undo what was done since the innermost savepoint: its locks are free before it is left, as in PostgreSQL."""
        self.aborted = True
        self.unit.roll_back_to(self.savepoints[-1])

    def require_usable(self) -> None:
        """Raise TransactionAborted after a statement was refused."""
        if self.aborted:
            message = "an earlier statement of this transaction failed: leave it, or the savepoint around the failure"
            raise TransactionAborted(message)


class Scope:
    """A transaction, or a savepoint in it, as its repositories see it: usable until it is left."""

    def __init__(self, session: TransactionSession) -> None:
        self.session = session
        self.clock = session.clock
        self.ids = session.ids
        self.closed = False

    def committed(self, table: Table) -> None:
        """Return None: a transaction sees its own writes too."""

    async def view(self, table: Table, matches: Callable[[], Predicate]) -> TableView:
        self.require_open()
        return await self.session.view(table, matches)

    async def write(self, table: Table, statement: Callable[[UnitOfWork], T]) -> T:
        self.require_open()
        return await self.session.write(table, statement)

    def require_open(self) -> None:
        """Raise TransactionClosed after the transaction or savepoint was left."""
        if self.closed:
            message = "the transaction has ended: open another"
            raise TransactionClosed(message)


async def run_statement(unit: UnitOfWork, table: Table, statement: Callable[[UnitOfWork], T]) -> T:
    """Run a statement on a table to its end; if it must wait it is then undone, keeping its locks, and run again.

    While it waits what it has done stands, unseen but waited for, as in PostgreSQL.
    """
    start = unit.savepoint()
    unit.gone.clear()
    try:
        while True:
            unit.begin_statement()
            try:
                return statement(unit)
            except MustWait as wait:
                try:
                    await unit.database.locks.wait(unit, wait.holder)
                finally:
                    unit.replacing = None
                unit.undo_to(start.undo)
                if wait.row is not None:
                    unit.require_unchanged(*wait.row)
                    if wait.row in wait.holder.replaced:
                        unit.gone.add(wait.row)
    except Conflict as conflict:
        conflict.entity = table.label
        raise
