"""A unit of work: the rows it has written, what it sees, and how it ends.

A read-committed unit sees what is committed at each statement; one of a higher isolation sees what was committed at its
first. Rolling back costs what the unit changed, never what is stored.
"""

from collections.abc import Iterator
from typing import Any

from attrs import define

from strongroom.adapters.mapping.announcements import ANNOUNCEMENTS
from strongroom.adapters.mapping.table import Table
from strongroom.ports.change_feed import RowChange
from strongroom.ports.errors import Conflict, ReadOnlyViolation
from strongroom.ports.storage import Isolation

from .database import Database
from .layers import Layer, TableView
from .serializable import Predicate
from .transaction_state import LockMode, TransactionState


@define
class SavepointState:
    """How far a unit had come when the savepoint was set."""

    undo: int
    rows: int
    values: int


class UnitOfWork(TransactionState):
    """One transaction over a database."""

    def __init__(self, database: Database, isolation: Isolation, *, read_only: bool = False) -> None:
        super().__init__(isolation, read_only=read_only)
        self.database = database
        self._undo: list[tuple[str, Any, tuple[bool, Any | None], Any | None]] = []

    @property
    def has_snapshot(self) -> bool:
        """Whether every statement sees the same committed rows."""
        return self.isolation is not Isolation.READ_COMMITTED

    def begin_statement(self) -> None:
        """Take the snapshot, at the first statement of a unit that keeps one."""
        if self.has_snapshot and self.snapshot is None:
            self.snapshot = self.database.take_snapshot(self)

    def note_read(self, table: Table, matches: Predicate) -> None:
        """Remember, where the unit is serializable, that it looked for the rows that match."""
        if self.isolation is Isolation.SERIALIZABLE:
            self.database.serializable.note_read(self, table, matches)

    def visible(self, table: Table) -> TableView:
        """Return what the unit's statements see of a table."""
        own = self.written.get(table.name)
        old = self.snapshot.get(table.name) if self.snapshot else None
        return TableView(self.database.rows(table), tuple(layer for layer in (old, own) if layer is not None))

    def read_row(self, table: Table, key: Any) -> Any | None:
        """Return the row that the statement under way sees under a key, or None."""
        return None if (table.name, key) in self.gone else self.visible(table).get(key)

    def current(self, table: Table) -> TableView:
        """Return the newest committed rows under the unit's own: what unique and foreign keys are held against."""
        own = self.written.get(table.name)
        return TableView(self.database.rows(table), (own,) if own is not None else ())

    def changed_since_snapshot(self, table: Table, key: Any) -> bool:
        """Say whether another unit committed a change of a row after this unit's snapshot."""
        old = self.snapshot.get(table.name) if self.snapshot else None
        return old is not None and key in old.hidden

    def lock(self, table: Table, key: Any, mode: LockMode) -> None:
        """Lock a row to write it. Raises MustWait, and Conflict when it changed after the snapshot."""
        self.database.locks.lock(self, (table.name, key), mode)
        if not self.has_written(table, key) or self.sees_two_rows(table, key):
            self.require_unchanged(table.name, key)

    def has_written(self, table: Table, key: Any) -> bool:
        """Say whether the unit itself has inserted, changed or removed the row of a key."""
        own = self.written.get(table.name)
        return own is not None and key in own.hidden

    def sees_two_rows(self, table: Table, key: Any) -> bool:
        """Say whether the unit sees a row that others removed after its snapshot, beside its own under the key."""
        old = self.snapshot.get(table.name) if self.snapshot else None
        return old is not None and old.rows.by_key.get(key) is not None and self.has_written(table, key)

    def require_unchanged(self, name: str, key: Any) -> None:
        """Raise Conflict when another unit committed a change of a table's row after this unit's snapshot."""
        old = self.snapshot.get(name) if self.snapshot else None
        if old is not None and key in old.hidden:
            message = "a row was changed by a concurrent transaction: run the transaction again"
            raise Conflict(message)

    def write(self, table: Table, key: Any, entity: Any | None) -> None:
        """Set a row (None: remove it) as far as this unit is concerned."""
        layer = self.written.get(table.name)
        if layer is None:
            layer = self.written[table.name] = Layer(table)
        self._undo.append((table.name, key, layer.write(key, entity), entity))

    def require_writable(self, table: Table) -> None:
        """Raise ReadOnlyViolation in a read-only unit."""
        if self.read_only:
            message = "a write was tried in a read-only transaction"
            raise ReadOnlyViolation(message, entity=table.label)

    def savepoint(self) -> SavepointState:
        """Return a mark to roll back to."""
        return SavepointState(len(self._undo), len(self.held_rows), len(self.held_values))

    def undo_to(self, undo: int) -> None:
        """Undo the writes after the first so many; locks stay."""
        while len(self._undo) > undo:
            name, key, before, _ = self._undo.pop()
            self.written[name].restore(key, before)

    def roll_back_to(self, savepoint: SavepointState) -> None:
        """Undo the writes since a savepoint and give back the locks taken since."""
        self.undo_to(savepoint.undo)
        self.database.locks.release(self, savepoint.rows, savepoint.values)

    def commit(self) -> None:
        """Make the unit's writes the committed ones and tell of new rows.

        Raises Conflict where serializable units would contradict.
        """
        try:
            self.database.serializable.check(self)
            facts = list(self._facts()) if self.database.subscribers else []
            removed = {(name, key) for name, key, _, entity in self._undo if entity is None}
            self.replaced = {
                (name, key) for name, key in removed if self.written[name].rows.by_key.get(key) is not None
            }
            self.database.apply(self.written, by=self)
        finally:
            self._end()
        for fact in facts:
            self.database.subscribers.publish(fact)

    def roll_back(self) -> None:
        """Forget the unit's writes."""
        self._end()

    def _facts(self) -> Iterator[RowChange]:
        """Yield what is told of the rows that were inserted, in that order, before they are committed."""
        for name, key, (was_written, before), entity in self._undo:
            announcement = ANNOUNCEMENTS.get(name)
            if announcement is None or entity is None or before is not None:
                continue
            if was_written or key not in self.database.rows(self.written[name].rows.table).by_key:
                yield announcement.from_row(entity)

    def _end(self) -> None:
        self.database.forget(self)
        self.written = {}
        self.database.locks.release(self)
