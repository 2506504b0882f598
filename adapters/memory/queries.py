"""Criteria interpreted in memory: equality through an index, the rest row by row, sorted as PostgreSQL sorts."""

import operator
from collections.abc import Callable, Iterable, Iterator
from enum import Enum
from typing import Any, Final

from strongroom.adapters.mapping.columns import Column
from strongroom.adapters.mapping.queries import Query, resolve
from strongroom.adapters.mapping.table import Table
from strongroom.domain.values.field_types import EnumMember
from strongroom.ports.criteria import Criteria, Cursor, Operator

from .layers import TableView

_COMPARE: Final[dict[Operator, Callable[[Any, Any], bool]]] = {
    Operator.LT: operator.lt,
    Operator.LE: operator.le,
    Operator.GT: operator.gt,
    Operator.GE: operator.ge,
}

Condition = Callable[[Any], bool]


def sort_key_of(column: Column) -> Callable[[Any], Any]:
    """Return the function from an entity to its column's value in a form that sorts as PostgreSQL sorts it."""
    name = column.name
    if isinstance(column.kind, EnumMember):
        ranks: dict[Enum | None, int] = {member: rank for rank, member in enumerate(column.kind.enum)}
        if not column.optional:
            return lambda entity: ranks[getattr(entity, name)]
        return lambda entity: (getattr(entity, name) is None, ranks.get(getattr(entity, name), 0))
    if not column.optional:
        return operator.attrgetter(name)
    return lambda entity: (getattr(entity, name) is None, _null_safe(getattr(entity, name)))


def _null_safe(value: Any) -> Any:
    return 0 if value is None else value


class QueryPlan:
    """How one criteria is answered over one table."""

    def __init__(self, table: Table, criteria: Criteria) -> None:
        self.query: Query = resolve(table, criteria)
        self.order_key = criteria.order
        self._ranks = [(sort_key_of(column), order.descending) for order, column in self.query.order]
        taken = 0
        equal: list[tuple[str, int]] = []
        self._rest: list[tuple[Column, Operator, int]] = []
        for condition, column in self.query.where:
            if condition.operator is Operator.EQ and column.name not in dict(equal):
                equal.append((column.name, taken))
            else:
                self._rest.append((column, condition.operator, taken))
            taken += condition.operator.takes_value
        self.fields = tuple(name for name, _ in equal)
        self._positions = [position for _, position in equal]

    def sort(self, rows: Iterable[Any]) -> list[Any]:
        """Return rows in the criteria's order: by the last field first, each sort being stable."""
        result = list(rows)
        if len(result) > 1:
            for rank, descending in reversed(self._ranks):
                result.sort(key=rank, reverse=descending)
        return result

    def rows(self, view: TableView, values: list[Any]) -> Iterable[Any]:
        """Return the rows of a view that match, in order."""
        if len(self._positions) == 1:
            wanted = values[self._positions[0]]
        else:
            wanted = tuple(values[position] for position in self._positions)
        found = view.bucket(self.fields, wanted).sorted_by(self.order_key, self.sort)
        if not self._rest:
            return found
        conditions = [_make_condition(column, kind, values, position) for column, kind, position in self._rest]
        return (row for row in found if all(condition(row) for condition in conditions))

    def matches(self, values: list[Any]) -> Condition:
        """Return whether a row matches, as a function."""
        equal = list(zip(self.fields, self._positions, strict=True))
        conditions = [_make_condition(column, kind, values, position) for column, kind, position in self._rest]
        return lambda row: (
            all(getattr(row, name) == values[position] for name, position in equal)
            and all(condition(row) for condition in conditions)
        )

    def after(self, rows: Iterable[Any], cursor: Cursor) -> Iterator[Any]:
        """Yield the rows that follow a cursor in the order."""
        names = [column.name for _, column in self.query.order]
        edge = _CursorRow(dict(zip(names, cursor, strict=True)))
        for row in rows:
            for rank, descending in self._ranks:
                here, there = rank(row), rank(edge)
                if here != there:
                    if (here < there) == descending:
                        yield row
                    break


class _CursorRow:
    """The values of a cursor, read as an entity's are."""

    def __init__(self, values: dict[str, Any]) -> None:
        self.__dict__.update(values)


def _make_condition(column: Column, kind: Operator, values: list[Any], position: int) -> Condition:
    name = column.name
    if kind is Operator.IS_NULL:
        return lambda row: getattr(row, name) is None
    if kind is Operator.NOT_NULL:
        return lambda row: getattr(row, name) is not None
    value = values[position]
    if kind is Operator.EQ:
        return lambda row: getattr(row, name) == value
    if kind is Operator.IN:
        wanted = set(value)
        return lambda row: getattr(row, name) in wanted
    compare, rank = _COMPARE[kind], sort_key_of(column)
    edge = rank(_CursorRow({name: value}))
    return lambda row: getattr(row, name) is not None and compare(rank(row), edge)
