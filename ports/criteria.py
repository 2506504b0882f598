"""Describe a query as a value that adapters interpret: filters joined by AND, and an order.

A criteria holds the shape, never the values: it is built once, hashed once, and the values are given with each
call, in the order of the filters. ::

    OPEN_OF_USER = Criteria(where=(eq("user_id"), eq("status")), order=(desc("opened_at"),))
    await storage.positions.find(OPEN_OF_USER, user_id, PositionStatus.ACTIVE)

Every order is made total by the entity's key, ascending. NULL sorts last ascending and first descending;
text sorts by code point, an enumeration by the order of its members. A comparison with a NULL column is
never true. ``is_null`` and ``not_null`` take no value; ``in_`` takes a collection; ``eq`` with None raises.
"""

from enum import Enum
from typing import Any
from warnings import warn

from attrs import frozen


class Operator(Enum):
    """The comparison of a field with a given value."""

    EQ = "="
    LT = "<"
    LE = "<="
    GT = ">"
    GE = ">="
    IN = "in"
    IS_NULL = "is null"
    NOT_NULL = "is not null"

    @property
    def takes_value(self) -> bool:
        """Whether a value is given for a filter with this operator."""
        return self not in (Operator.IS_NULL, Operator.NOT_NULL)


@frozen
class Filter:
    """One condition on one field."""

    field: str
    operator: Operator


@frozen
class Order:
    """One field of an order."""

    field: str
    descending: bool = False


@frozen(cache_hash=True)
class Criteria:
    """Filters joined by AND, and the order of the result (by the key if none is given)."""

    where: tuple[Filter, ...] = ()
    order: tuple[Order, ...] = ()

    @property
    def arity(self) -> int:
        """The number of values that a call has to give."""
        return sum(condition.operator.takes_value for condition in self.where)


ALL = Criteria()
"""Every row, in the order of the key."""


def eq(field: str) -> Filter:
    """The field equals the value."""
    return Filter(field, Operator.EQ)


def lt(field: str) -> Filter:
    """The field is less than the value."""
    return Filter(field, Operator.LT)


def le(field: str) -> Filter:
    """The field is at most the value."""
    return Filter(field, Operator.LE)


def gt(field: str) -> Filter:
    """The field is more than the value."""
    return Filter(field, Operator.GT)


def ge(field: str) -> Filter:
    """The field is at least the value."""
    return Filter(field, Operator.GE)


def in_(field: str) -> Filter:
    """The field equals one of the values of a collection; an empty collection matches nothing."""
    return Filter(field, Operator.IN)


def among(field: str) -> Filter:
    """Make the filter of ``in_``, under its former name; deprecated."""
    warn("among() is called in_() now", DeprecationWarning, stacklevel=2)
    return in_(field)


def is_null(field: str) -> Filter:
    """The field is null; takes no value."""
    return Filter(field, Operator.IS_NULL)


def not_null(field: str) -> Filter:
    """The field is not null; takes no value."""
    return Filter(field, Operator.NOT_NULL)


def asc(field: str) -> Order:
    """Smallest first, nulls last."""
    return Order(field)


def desc(field: str) -> Order:
    """Largest first, nulls first."""
    return Order(field, descending=True)


Cursor = tuple[Any, ...]
"""Where a page ended: the values of the order's fields and of the key in its last row."""
