"""Criteria held against a table: what both adapters must agree on before either interprets them."""

from collections.abc import Sequence
from datetime import timedelta
from types import NoneType
from typing import Any, Final

from attrs import frozen

from strongroom.domain.errors import InvalidValue
from strongroom.ports.criteria import Criteria, Cursor, Filter, Operator, Order
from strongroom.ports.errors import UnknownField

from .columns import Column
from .table import Table

MAX_FILTERS: Final = 1000
MAX_ROWS: Final = 2**31 - 1
"""More rows than any one answer holds: the most that PostgreSQL's protocol can ask for."""


@frozen(eq=False)
class Query:
    """Criteria whose fields a table has: each filter with its column, and the order made total by the key."""

    table: Table
    where: tuple[tuple[Filter, Column], ...]
    order: tuple[tuple[Order, Column], ...]

    parameter_filters: tuple[tuple[Column, bool], ...]
    """The columns of the filters that take a value, and whether it is a collection."""

    def values(self, given: Sequence[Any]) -> list[Any]:
        """Return the values given for the filters that take one, cleaned.

        Raises TypeError for a wrong number of them, and InvalidValue for one that its field cannot hold.
        """
        if len(given) != len(self.parameter_filters):
            message = f"the criteria take {len(self.parameter_filters)} values, {len(given)} were given"
            raise TypeError(message)
        checked = self.table.checked_value
        return [
            [checked(column, item) for item in value] if is_collection else checked(column, value)
            for (column, is_collection), value in zip(self.parameter_filters, given, strict=True)
        ]

    def cursor_of(self, entity: Any) -> Cursor:
        """Return the cursor of the page that ends with an entity."""
        return tuple(getattr(entity, column.name) for _, column in self.order)

    def check_cursor(self, cursor: Cursor) -> Cursor:
        """Return a cursor, cleaned. Raises InvalidValue where it does not fit the order."""
        if type(cursor) is not tuple or len(cursor) != len(self.order):
            fields = ", ".join(column.name for _, column in self.order)
            raise InvalidValue(self.table.label, reason=f"the cursor of this order is ({fields}), not {cursor!r}")
        return tuple(
            None if value is None and column.optional else self.table.checked_value(column, value)
            for (_, column), value in zip(self.order, cursor, strict=True)
        )


def require_type(name: str, value: object, *expected: type) -> None:
    """Raise TypeError for an argument of a class that is none of those expected, nor derived from one."""
    if type(value) in expected or (isinstance(value, expected) and not isinstance(value, bool)):
        return
    names = " or ".join("None" if kind is NoneType else kind.__name__ for kind in expected)
    message = f"{name} is {names}, not {type(value).__name__}"
    raise TypeError(message)


def require_max_age(max_age: object) -> None:
    """Raise TypeError for an age that is neither a timedelta nor None."""
    require_type("max_age", max_age, timedelta, NoneType)


def resolve(table: Table, criteria: Criteria) -> Query:
    """Hold criteria against a table. Raises UnknownField for a field that it does not have or that has no order.

    Raises ValueError for more filters than a statement can take values.
    """
    if len(criteria.where) > MAX_FILTERS:
        message = f"criteria hold at most {MAX_FILTERS} filters, not {len(criteria.where)}"
        raise ValueError(message)
    ordered = {order.field for order in criteria.order}
    total = criteria.order + tuple(Order(name) for name in table.key if name not in ordered)
    where = tuple((condition, _comparable_column(table, condition.field)) for condition in criteria.where)
    return Query(
        table=table,
        where=where,
        parameter_filters=tuple(
            (column, condition.operator is Operator.IN) for condition, column in where if condition.operator.takes_value
        ),
        order=tuple((order, _comparable_column(table, order.field)) for order in total),
    )


def require_limit(limit: int) -> None:
    """Raise TypeError for a page limit or a batch that is no whole number, ValueError for one below 1."""
    require_type("limit", limit, int)
    if limit < 1:
        message = f"a page holds at least 1 row, not {limit}"
        raise ValueError(message)


def check_limit(limit: int | None) -> int | None:
    """Return a finder's limit, at most MAX_ROWS; None is no limit. Raises ValueError for a limit below 1."""
    if limit is None:
        return None
    require_limit(limit)
    return min(limit, MAX_ROWS)


def _comparable_column(table: Table, name: str) -> Column:
    column = table.column(name)
    if not column.is_comparable:
        message = f"{table.label}.{name} is JSON: it can be neither filtered nor ordered by"
        raise UnknownField(message, entity=table.label)
    return column
