"""Reads values as files write them into the kinds of value that entities' fields hold.

Whole numbers may be JSON numbers or texts, of any size, also ``198133.0``; decimals are read exactly from numbers and
texts. A time is ISO 8601 (without a zone: UTC), also with a blank for the ``T``, or whole seconds since 1970, also
``1717281407.0``; a number that is a day of a spreadsheet, such as 45658, is none. Bytes are
``0x`` and hex digits, or base64 (which must not start with ``0x`` then). An enumeration is written by its value, a day
in ISO 8601, a flag as true or false.
"""

import binascii
import re
from base64 import b64decode
from collections.abc import Callable, Iterable
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any, Final
from uuid import UUID

from strongroom.domain.values.field_types import (
    Boolean,
    Bytes,
    Date,
    EnumMember,
    FieldType,
    FixedPoint,
    Integer,
    JsonObject,
    Timestamp,
    Uuid,
)

_WHOLE: Final = re.compile(r"[+-]?[0-9]{1,100}(\.0{0,100})?")
_DECIMAL: Final = re.compile(r"[+-]?([0-9]{1,100}(\.[0-9]{0,200})?|\.[0-9]{1,200})([eE][+-]?[0-9]{1,3})?")
_SECONDS: Final = re.compile(r"-?[0-9]{1,15}(\.[0-9]{0,20})?")
_SPREADSHEET_DAYS: Final = range(10_000, 100_000)
"""Days since 1899-12-30, as spreadsheets number them, of the years 1927 to 2173."""
_FIRST_SPREADSHEET_DAY: Final = date(1899, 12, 30)
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MAX_DIGITS: Final = 100
_NAMES_SHOWN: Final = 5
_FLAGS: Final = {"true": True, "false": False, "True": True, "False": False}


def read_value(kind: FieldType, value: Any) -> Any:
    """Return a value in the form that a field of the kind holds. Raises ValueError saying what is wrong with it."""
    read = _READERS.get(type(kind))
    result = kind.clean(value if read is None else read(kind, value))
    problem = kind.validate(result)
    if problem:
        raise ValueError(problem)
    return result


def shorten_value(value: Any) -> str:
    """Return a value as an error message shows it: shortened, on one line."""
    text = repr(value[:101] if isinstance(value, str) else value)
    return text if len(text) <= 100 else text[:100] + "…"


def some(names: Iterable[str]) -> str:
    """Return names as an error message lists them: the first few, and how many there are beside."""
    listed = list(names)
    rest = len(listed) - _NAMES_SHOWN
    first = ", ".join(map(shorten_value, listed[:_NAMES_SHOWN]))
    return f"{first} and {rest:,} more" if rest > 0 else first


def _integer(_kind: Any, value: Any) -> Any:
    if type(value) is str:
        if not _WHOLE.fullmatch(value):
            message = f"{shorten_value(value)} is not a whole number"
            raise ValueError(message)
        return int(value.partition(".")[0])
    if type(value) is Decimal:
        if value.adjusted() > _MAX_DIGITS or value != value.to_integral_value():
            message = f"{shorten_value(str(value))} is not a whole number"
            raise ValueError(message)
        return int(value)
    return value


def _decimal(_kind: Any, value: Any) -> Any:
    if type(value) is int:
        return Decimal(value)
    if type(value) is str:
        if not _DECIMAL.fullmatch(value):
            message = f"{shorten_value(value)} is not a decimal number"
            raise ValueError(message)
        return Decimal(value)
    return value


def _timestamp(_kind: Any, value: Any) -> Any:
    number = _number(value)
    if number is not None:
        if int(number) in _SPREADSHEET_DAYS:
            day = _FIRST_SPREADSHEET_DAY + timedelta(days=int(number))
            message = f"{shorten_value(value)} is a spreadsheet's number of the day {day}: write dates as {day}"
            raise ValueError(message)
        if number != int(number):
            message = f"{shorten_value(value)} seconds since 1970 are no whole number"
            raise ValueError(message)
        try:
            return _EPOCH + timedelta(seconds=int(number))
        except OverflowError:
            message = f"{shorten_value(value)} seconds since 1970 are not in the years 1 to 9999"
            raise ValueError(message) from None
    if type(value) is not str:
        return value
    try:
        moment = datetime.fromisoformat(value.removesuffix(" UTC"))
    except ValueError:
        message = f"{shorten_value(value)} is not a time: ISO 8601 or seconds since 1970 are expected"
        raise ValueError(message) from None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _number(value: Any) -> Decimal | None:
    """Return a time that is written as a number, or None for one that is not."""
    if type(value) is str:
        return Decimal(value) if _SECONDS.fullmatch(value) else None
    if type(value) is int:
        return Decimal(value)
    return value if type(value) is Decimal and value.adjusted() < _MAX_DIGITS else None


def _date(_kind: Any, value: Any) -> Any:
    if type(value) is not str:
        return value
    try:
        return date.fromisoformat(value)
    except ValueError:
        message = f"{shorten_value(value)} is not a day: ISO 8601 is expected"
        raise ValueError(message) from None


def _uuid(_kind: Any, value: Any) -> Any:
    if type(value) is not str:
        return value
    try:
        return UUID(value)
    except ValueError:
        message = f"{shorten_value(value)} is not a UUID"
        raise ValueError(message) from None


def _boolean(_kind: Any, value: Any) -> Any:
    return _FLAGS.get(value, value) if type(value) is str else value


def _bytes(_kind: Any, value: Any) -> Any:
    if type(value) is not str:
        return value
    try:
        return bytes.fromhex(value[2:]) if value.startswith("0x") else b64decode(value, validate=True)
    except (binascii.Error, ValueError):
        message = f"{shorten_value(value)} is neither 0x with hex digits nor base64"
        raise ValueError(message) from None


def _enum_member(kind: Any, value: Any) -> Any:
    return next((member for member in kind.enum if member.value == value), value)


def _json(_kind: Any, value: Any) -> Any:
    if type(value) is Decimal:
        return float(value)
    if type(value) is list:
        return [_json(_kind, item) for item in value]
    if type(value) is dict:
        return {key: _json(_kind, item) for key, item in value.items()}
    return value


_READERS: Final[dict[type, Callable[[Any, Any], Any]]] = {
    Integer: _integer,
    FixedPoint: _decimal,
    Timestamp: _timestamp,
    Date: _date,
    Uuid: _uuid,
    Boolean: _boolean,
    Bytes: _bytes,
    EnumMember: _enum_member,
    JsonObject: _json,
}
