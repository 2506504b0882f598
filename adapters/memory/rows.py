"""The rows of one table, found by key, by unique value, and by equality on any fields."""

from collections.abc import Callable, Hashable, Iterable
from operator import attrgetter
from typing import Any

from strongroom.adapters.mapping.table import Table, Unique

Fields = tuple[str, ...]


def unique_key_value(unique: Unique, entity: Any) -> Hashable | None:
    """Return what must be unique of an entity, or None where the unique key does not concern it."""
    if unique.applies is not None and not unique.applies(entity):
        return None
    values = tuple(getattr(entity, name) for name in unique.fields)
    if unique.nulls_distinct and None in values:
        return None
    return unique.transform(*values) if unique.transform else values


class Bucket:
    """The rows that agree on an index's fields, and the orders in which they were asked for."""

    __slots__ = ("ordered", "rows")

    def __init__(self) -> None:
        self.rows: dict[Any, Any] = {}
        self.ordered: dict[Any, list[Any]] = {}

    def sorted_by(self, order: Any, sort: Callable[[Iterable[Any]], list[Any]]) -> list[Any]:
        """Return the rows in an order, sorted at most once between two writes; the list must not be changed."""
        rows = self.ordered.get(order)
        if rows is None:
            rows = self.ordered[order] = sort(self.rows.values())
        return rows


EMPTY = Bucket()


class Rows:
    """The rows of a table: every write keeps the unique keys and the indexes asked for so far."""

    __slots__ = ("_indexes", "_uniques", "by_key", "table")

    def __init__(self, table: Table) -> None:
        self.table = table
        self.by_key: dict[Any, Any] = {}
        self._uniques: tuple[dict[Hashable, Any], ...] = tuple({} for _ in table.uniques)
        self._indexes: dict[Fields, tuple[Callable[[Any], Any], dict[Any, Bucket]]] = {}

    def put(self, key: Any, entity: Any) -> None:
        """Set the row of a key."""
        self.discard(key)
        self.by_key[key] = entity
        for unique, keys in zip(self.table.uniques, self._uniques, strict=True):
            value = unique_key_value(unique, entity)
            if value is not None:
                keys[value] = key
        for values_of, buckets in self._indexes.values():
            _insert(buckets, values_of(entity), key, entity)

    def discard(self, key: Any) -> None:
        """Take the row of a key away, if there is one."""
        entity = self.by_key.pop(key, None)
        if entity is None:
            return
        for unique, keys in zip(self.table.uniques, self._uniques, strict=True):
            value = unique_key_value(unique, entity)
            if value is not None and keys.get(value) == key:
                del keys[value]
        for values_of, buckets in self._indexes.values():
            values = values_of(entity)
            bucket = buckets[values]
            del bucket.rows[key]
            bucket.ordered.clear()
            if not bucket.rows:
                del buckets[values]

    def clear(self) -> None:
        """Take all rows away."""
        self.by_key.clear()
        self._indexes.clear()
        for keys in self._uniques:
            keys.clear()

    def key_of_unique(self, position: int, value: Hashable) -> Any | None:
        """Return the key of the row with a value of the unique key at a position of the table's, or None."""
        return self._uniques[position].get(value)

    def bucket(self, fields: Fields, values: Any) -> Bucket:
        """Return the rows whose fields have the values (one value bare, several as a tuple)."""
        index = self._indexes.get(fields)
        if index is None:
            index = self._build(fields)
        return index[1].get(values, EMPTY)

    def _build(self, fields: Fields) -> tuple[Callable[[Any], Any], dict[Any, Bucket]]:
        values_of = attrgetter(*fields) if fields else _no_fields
        buckets: dict[Any, Bucket] = {}
        for key, entity in self.by_key.items():
            _insert(buckets, values_of(entity), key, entity)
        self._indexes[fields] = values_of, buckets
        return values_of, buckets


def _no_fields(_entity: Any) -> Any:
    return ()


def _insert(buckets: dict[Any, Bucket], values: Any, key: Any, entity: Any) -> None:
    bucket = buckets.get(values)
    if bucket is None:
        bucket = buckets[values] = Bucket()
    bucket.rows[key] = entity
    if bucket.ordered:
        bucket.ordered.clear()
