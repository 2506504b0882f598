"""What a unit of work sees of a table: layers of changed rows above the committed ones."""

from collections.abc import Iterator
from typing import Any

from strongroom.adapters.mapping.table import Table

from .rows import Bucket, Fields, Rows


class Layer:
    """Rows that stand in place of those below: ``hidden`` names every key that the layer answers for."""

    __slots__ = ("hidden", "rows")

    def __init__(self, table: Table) -> None:
        self.hidden: set[Any] = set()
        self.rows = Rows(table)

    def write(self, key: Any, entity: Any | None) -> tuple[bool, Any | None]:
        """Set the row of a key (None: there is none), and return what ``restore`` needs to undo it."""
        before = key in self.hidden, self.rows.by_key.get(key)
        self.hidden.add(key)
        if entity is None:
            self.rows.discard(key)
        else:
            self.rows.put(key, entity)
        return before

    def restore(self, key: Any, before: tuple[bool, Any | None]) -> None:
        """Undo a write."""
        was_hidden, entity = before
        if entity is None:
            self.rows.discard(key)
        else:
            self.rows.put(key, entity)
        if not was_hidden:
            self.hidden.discard(key)


class _Removed:
    """The key of a row that is removed, apart from that of the row that took its place."""

    __slots__ = ("key",)

    def __init__(self, key: Any) -> None:
        self.key = key


class TableView:
    """The committed rows of a table under layers, the topmost last."""

    __slots__ = ("base", "layers")

    def __init__(self, base: Rows, layers: tuple[Layer, ...]) -> None:
        self.base = base
        self.layers = layers

    def get(self, key: Any) -> Any | None:
        """Return the row of a key, or None."""
        if not self.layers:
            return self.base.by_key.get(key)
        for layer in self.layers:
            row = layer.rows.by_key.get(key)
            if row is not None:  # of a snapshot's row and the unit's own under its key, the older
                return row
        if any(key in layer.hidden for layer in self.layers):
            return None
        return self.base.by_key.get(key)

    def bucket(self, fields: Fields, values: Any) -> Bucket:
        """Return the rows whose fields have the values: the base's own bucket where no layer has a say."""
        if not self.layers:
            return self.base.bucket(fields, values)
        merged = Bucket()
        for rows, above in self._levels():
            found = rows.bucket(fields, values).rows
            if above:
                found = {key: row for key, row in found.items() if not any(key in layer.hidden for layer in above)}
            merged.rows.update(found)
        if len(self.layers) > 1 and not self.layers[0].hidden.isdisjoint(self.layers[-1].hidden):
            return self._with_removed_rows(merged, fields, values)
        return merged

    def _with_removed_rows(self, merged: Bucket, fields: Fields, values: Any) -> Bucket:
        """Add the rows of a snapshot that others have removed since, and under whose keys the unit inserted others.

        As in PostgreSQL, which shows both: rows of one key, the older first.
        """
        snapshot, own = self.layers[0], self.layers[-1]
        both = Bucket()
        both.rows.update(
            (_Removed(key), row) for key, row in snapshot.rows.bucket(fields, values).rows.items() if key in own.hidden
        )
        both.rows.update(merged.rows)
        return both

    def all(self) -> Iterator[Any]:
        """Yield all rows, in no order."""
        yield from self.bucket((), ()).rows.values()

    def key_of_unique(self, position: int, value: Any) -> Any | None:
        """Return the key of the row with a unique value, or None."""
        for rows, above in self._levels():
            key = rows.key_of_unique(position, value)
            if key is not None and not any(key in layer.hidden for layer in above):
                return key
        return None

    def _levels(self) -> Iterator[tuple[Rows, tuple[Layer, ...]]]:
        yield self.base, self.layers
        for depth, layer in enumerate(self.layers, 1):
            yield layer.rows, self.layers[depth:]
