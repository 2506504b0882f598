"""Instants: every time that enters the domain is converted to UTC at its edge.

Python subtracts, adds and compares two times of one zone by the wall clock, which is wrong by an hour around a change
to or from daylight saving. In UTC the wall clock and the elapsed time agree.
"""

from collections.abc import Callable
from datetime import UTC, datetime
from functools import wraps
from inspect import signature
from typing import Any, Final, ParamSpec, TypeVar, get_type_hints, overload

from ..errors import InvalidValue

P = ParamSpec("P")
R = TypeVar("R")

_TIME_ANNOTATIONS: Final = (datetime, datetime | None)


@overload
def as_utc(at: datetime) -> datetime: ...


@overload
def as_utc(at: None) -> None: ...


def as_utc(at: datetime | None) -> datetime | None:
    """Return a time as the same instant in UTC; None stays None.

    Raises InvalidValue for a time without a zone, and for one beyond the calendar in UTC.
    """
    if at is None or at.tzinfo is UTC:
        return at
    if at.utcoffset() is None:
        reason = f"{at.isoformat()} has no time zone: give an aware datetime"
        raise InvalidValue(None, field="at", reason=reason)
    try:
        return at.astimezone(UTC)
    except OverflowError:
        reason = f"{at.isoformat()} is beyond the calendar in UTC"
        raise InvalidValue(None, field="at", reason=reason) from None


def utc_times(function: Callable[P, R]) -> Callable[P, R]:
    """Convert the times among a function's arguments to UTC before it runs: those annotated as datetime.

    The decorated function raises InvalidValue for a time without a zone.
    """
    hints = get_type_hints(function)
    names = [name for name in signature(function).parameters if hints.get(name) in _TIME_ANNOTATIONS]
    places = [place for place, name in enumerate(signature(function).parameters) if name in names]

    @wraps(function)
    def convert(*args: P.args, **kwargs: P.kwargs) -> R:
        call: Callable[..., R] = function
        given: list[Any] = list(args)
        for place in places:
            if place < len(given):
                given[place] = as_utc(given[place])
        for name in names:
            if name in kwargs:
                kwargs[name] = as_utc(kwargs[name])  # type: ignore[call-overload] # a datetime by its annotation
        return call(*given, **kwargs)

    return convert
