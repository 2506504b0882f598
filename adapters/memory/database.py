"""The committed rows of all tables, and the snapshots that are being read."""

from typing import Any

from strongroom.adapters.mapping.model import Model
from strongroom.adapters.mapping.table import ForeignKey, Table
from strongroom.ports.change_feed import Subscribers

from .layers import Layer
from .locks import Locks
from .rows import Rows
from .serializable import SerializableTransactions
from .transaction_state import LockMode, TransactionState


class Database:
    """What is committed; every write of it goes through ``apply``."""

    def __init__(self, model: Model) -> None:
        self.model = model
        self.locks = Locks()
        self.serializable = SerializableTransactions(self.rows)
        self.subscribers = Subscribers()
        self._rows = {table.name: Rows(table) for table in (*model.entities, *model.own_tables)}
        self._snapshots: dict[TransactionState, dict[str, Layer]] = {}
        self._referring: dict[str, list[tuple[Table, ForeignKey]]] = {name: [] for name in self._rows}
        for table in model.creation_order:
            for foreign_key in table.foreign_keys:
                self._referring[foreign_key.target].append((table, foreign_key))

    def rows(self, table: Table) -> Rows:
        """Return the committed rows of a table."""
        return self._rows[table.name]

    def table(self, name: str) -> Table:
        """Return the mapping of a table."""
        return self._rows[name].table

    def referring_to(self, table: Table) -> list[tuple[Table, ForeignKey]]:
        """Return the foreign keys that refer to a table, in the order of their creation."""
        return self._referring[table.name]

    def take_snapshot(self, unit: TransactionState) -> dict[str, Layer]:
        """Return a snapshot for a unit: layers in which later commits keep the rows as they are now."""
        snapshot: dict[str, Layer] = {}
        self._snapshots[unit] = snapshot
        self.serializable.begin(unit)
        return snapshot

    def apply(self, written: dict[str, Layer], *, by: TransactionState) -> None:
        """Commit a unit's layers: snapshots of others keep what is replaced."""
        others = [(unit, snapshot) for unit, snapshot in self._snapshots.items() if unit is not by]
        for name, layer in written.items():
            rows = self._rows[name]
            for key in layer.hidden:
                entity = layer.rows.by_key.get(key)
                before = rows.by_key.get(key)
                if entity is before:
                    continue
                for unit, snapshot in others:
                    _keep(snapshot, rows.table, key, before)
                    if self.locks.mode(by, (name, key)) is LockMode.UPDATE:
                        unit.rekeyed.add((name, key))
                if entity is None:
                    rows.discard(key)
                else:
                    rows.put(key, entity)

    def clear(self) -> None:
        """Take all committed rows away."""
        for rows in self._rows.values():
            rows.clear()

    def forget(self, unit: TransactionState) -> None:
        """Drop a unit's snapshot."""
        self._snapshots.pop(unit, None)
        self.serializable.end(unit)


def _keep(snapshot: dict[str, Layer], table: Table, key: Any, before: Any | None) -> None:
    layer = snapshot.get(table.name)
    if layer is None:
        layer = snapshot[table.name] = Layer(table)
    if key not in layer.hidden:
        layer.write(key, before)
