"""Serializable units of work: a unit that would close a dangerous structure does not commit.

After Cahill, Röhm and Fekete, "Serializable Isolation for Snapshot Databases" (2008), as PostgreSQL implements it:
where one unit read what a second, concurrent one overwrote, and that one read what a third overwrote which committed
first, the pivot (or, when it has committed, the first) fails. PostgreSQL tracks pages and may refuse more; never less.
"""

from collections.abc import Callable
from itertools import count
from typing import Any

from attrs import define, field

from strongroom.adapters.mapping.table import Table
from strongroom.ports.errors import Conflict
from strongroom.ports.storage import Isolation

from .rows import Rows
from .transaction_state import TransactionState

Predicate = Callable[[Any], bool]
Change = tuple[str, Any | None, Any | None]


@define(eq=False)
class _TransactionRecord:
    began: int
    read_only: bool
    reads: list[tuple[str, Predicate]] = field(factory=list)
    changes: list[Change] = field(factory=list)
    committed: int | None = None
    first_committed_after: int | None = None
    """When the earliest-committed unit committed that overwrote something this one read, if any did."""

    def overwritten_by(self, other: "_TransactionRecord") -> bool:
        """Say whether the other changed something that this one read."""
        return any(
            table == changed and any(row is not None and matches(row) for row in (before, after))
            for table, matches in self.reads
            for changed, before, after in other.changes
        )


class SerializableTransactions:
    """What the serializable units under way, and those that ran beside them, have read and changed."""

    def __init__(self, committed: Callable[[Table], Rows]) -> None:
        self._committed = committed
        self._clock = count(1)
        self._active: dict[TransactionState, _TransactionRecord] = {}
        self._ended: list[_TransactionRecord] = []

    def begin(self, unit: TransactionState) -> None:
        """Start to watch a unit, when it is serializable."""
        if unit.isolation is Isolation.SERIALIZABLE:
            self._active[unit] = _TransactionRecord(next(self._clock), unit.read_only)

    def note_read(self, unit: TransactionState, table: Table, matches: Predicate) -> None:
        """Remember that a unit read the rows that match."""
        record = self._active.get(unit)
        if record is not None:
            record.reads.append((table.name, matches))

    def check(self, unit: TransactionState) -> None:
        """Raise Conflict when the unit's commit could contradict every serial order; else count it as committed."""
        record = self._active.get(unit)
        if record is None:
            return
        for other_unit, other in self._active.items():
            other.changes = self._changes(other_unit)
        concurrent = [other for other in self._active.values() if other is not record]
        concurrent += [other for other in self._ended if (other.committed or 0) > record.began]
        overwrote = [other for other in concurrent if record.overwritten_by(other)]
        record.first_committed_after = min(
            (other.committed for other in overwrote if other.committed is not None), default=None
        )
        is_pivot = record.first_committed_after is not None and any(
            other.overwritten_by(record) for other in concurrent
        )
        if is_pivot or any(_completes_dangerous_structure(record, other) for other in overwrote):
            message = "the transaction reads and writes across concurrent ones: run it again"
            raise Conflict(message)
        record.committed = next(self._clock)
        self._ended.append(record)

    def end(self, unit: TransactionState) -> None:
        """Stop to watch a unit, and forget what no unit under way ran beside."""
        if self._active.pop(unit, None) is None:
            return
        oldest = min((record.began for record in self._active.values()), default=None)
        self._ended = [record for record in self._ended if oldest is not None and (record.committed or 0) > oldest]

    def _changes(self, unit: TransactionState) -> list[Change]:
        return [
            (name, self._committed(layer.rows.table).by_key.get(key), layer.rows.by_key.get(key))
            for name, layer in unit.written.items()
            for key in layer.hidden
        ]


def _completes_dangerous_structure(first: _TransactionRecord, pivot: _TransactionRecord) -> bool:
    """Say whether a committed pivot that the first unit read behind itself read behind one that committed before."""
    third = pivot.first_committed_after
    if pivot.committed is None or third is None or third > pivot.committed:
        return False
    return third < first.began if first.read_only else True
