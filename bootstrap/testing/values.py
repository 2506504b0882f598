"""Generate values for every kind of field: valid edge cases, and values that storage must refuse."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any, Final
from uuid import UUID
from zoneinfo import ZoneInfo

import base58

from strongroom.domain.values.field_types import (
    MAX_TIMESTAMP,
    MIN_TIMESTAMP,
    AnyAddress,
    Base58,
    Boolean,
    Bytes,
    Date,
    EnumMember,
    FieldType,
    FixedPoint,
    Hex,
    Integer,
    JsonObject,
    Text,
    Timestamp,
    Uuid,
)

START: Final = datetime(2026, 1, 31, 23, 59, 59, 999_999, tzinfo=UTC)
"""The last microsecond of a month: the next one lies in another partition."""
USDC: Final = "0xA0b86991c6218b36c1d19D4a2e9Eb0cE3606eB48"
"""A contract's address with its correct EIP-55 checksum."""
USDC_WRONG: Final = "0xa0b86991c6218b36c1d19D4a2e9Eb0cE3606eB48"
"""The same with one letter's case turned."""
WRAPPED_SOL: Final = "So11111111111111111111111111111111111111112"
BERLIN: Final = ZoneInfo("Europe/Berlin")


def acceptable_values(kind: FieldType) -> tuple[Any, ...]:
    """Return values that the kind accepts, few enough that two draws often meet, the plainest first."""
    return _ACCEPTABLE[type(kind)](kind)


def refused_values(kind: FieldType) -> tuple[Any, ...]:
    """Return values that storage refuses in a field of the kind, before or by the table's own rules."""
    values: tuple[Any, ...] = (*_REFUSED[type(kind)](kind), object())
    return tuple(value for value in values if kind.validate(kind.clean(value)))


def _texts(kind: Text) -> tuple[Any, ...]:
    wanted = (
        "a@b",
        "",
        "A@B",
        "ä",
        "Ä",
        "z",
        "Z",
        "é",
        "e\u0301",
        "ﬀ",
        "\U0001d518",
        "￿",
        " a",
        "a ",
        "'; --",
        "%",
        "\\",
        "I",
        "\u0131",
        *(("\U0001d518" * kind.max_length,) if kind.max_length else ()),
    )
    return tuple(value for value in wanted if kind.validate(value) is None)


def _hexes(kind: Hex) -> tuple[Any, ...]:
    if kind.address:
        return (USDC.lower(), "0x" + "0" * 40, "0x" + "f" * 40, USDC, USDC.upper().replace("X", "x"))
    return tuple("0x" + digit * 2 * kind.size for digit in "1aF0")


def _addresses(_kind: Any) -> tuple[Any, ...]:
    return (USDC.lower(), WRAPPED_SOL, USDC, "1" * 32, "0x" + "0" * 40)


def _base58(kind: Base58) -> tuple[Any, ...]:
    numbers = (b"\0" * kind.size, b"\xff" * kind.size, bytes(range(kind.size)))
    return tuple(base58.b58encode(number).decode() for number in numbers)


def _numbers(kind: Integer) -> tuple[Any, ...]:
    wanted = (1, 0, 2, kind.high, kind.low, -1, kind.high - 1, 10**18)
    return tuple(dict.fromkeys(value for value in wanted if kind.validate(value) is None))


def _decimals(kind: FixedPoint) -> tuple[Any, ...]:
    step = Decimal(1).scaleb(-kind.places)
    largest = Decimal(10) ** (kind.digits - kind.places) - step
    half = step / 2
    wanted = (
        Decimal(1),
        Decimal(0),
        Decimal("-0"),
        Decimal("1.10"),
        Decimal("1E+3"),
        step,
        half,
        -half,
        -3 * half,
        largest,
        -largest,
        Decimal("6418.09"),
        Decimal("-0.5"),
    )
    return tuple(value for value in wanted if kind.validate(value) is None)


def _timestamps(_kind: Any) -> tuple[Any, ...]:
    return (
        START,
        START + timedelta(microseconds=1),
        START + timedelta(days=1),
        START.astimezone(timezone(timedelta(hours=5, minutes=30))),
        datetime(2024, 10, 27, 2, 30, tzinfo=BERLIN),
        datetime(2024, 10, 27, 2, 30, fold=1, tzinfo=BERLIN),
        MIN_TIMESTAMP,
        MAX_TIMESTAMP,
        datetime(1969, 12, 31, 23, 59, 59, 1, tzinfo=UTC),
    )


def _dates(_kind: Any) -> tuple[Any, ...]:
    return (date(2024, 2, 29), date(2024, 3, 1), date(1969, 12, 31), MIN_TIMESTAMP.date(), MAX_TIMESTAMP.date())


def numbered_uuid(number: int, realm: int = 0) -> UUID:
    """Return the identity with a number within a realm (one for each table, say)."""
    return UUID(int=(realm << 96) | (7 << 76) | (2 << 62) | number)


def _json(_kind: Any) -> tuple[Any, ...]:
    return (
        {},
        {"b": 1, "a": [1, "x", None, True, {"deep": {}}]},
        {"": "", "é": "\U0001d518", "a": 0.1, "tiny": 1e-7, "huge": 1e21, "zero": -0.0, "whole": 2.0},
        {"wei": 2**256 - 1, "text": 'line\nbreak \\u0000 "quoted"'},
    )


_ACCEPTABLE: Final[dict[type, Callable[[Any], tuple[Any, ...]]]] = {
    Text: _texts,
    Hex: _hexes,
    AnyAddress: _addresses,
    Base58: _base58,
    Integer: _numbers,
    FixedPoint: _decimals,
    Timestamp: _timestamps,
    Date: _dates,
    Uuid: lambda _kind: tuple(numbered_uuid(number) for number in (1, 2, 3)),
    Boolean: lambda _kind: (False, True),
    Bytes: lambda _kind: (b"", b"\x00\xff", b"0x", b"\xa0" * 40),
    EnumMember: lambda kind: tuple(kind.enum),
    JsonObject: _json,
}

_NOT_TEXT: Final = ("nul\0", "\ud800", b"a", 7)
_REFUSED: Final[dict[type, Callable[[Any], tuple[Any, ...]]]] = {
    Text: lambda kind: (*_NOT_TEXT, "", "a" * ((kind.max_length or 0) + 1)),
    Hex: lambda kind: (*_NOT_TEXT, "", "0x", USDC_WRONG, "0x" + "g" * 2 * kind.size, "1" * 44, USDC.lower() + "\n"),
    AnyAddress: lambda _kind: (*_NOT_TEXT, "", "1" * 44, "0" * 32, "1" * 31, USDC_WRONG, "0X" + "a" * 40, USDC[:-1]),
    Base58: lambda kind: (*_NOT_TEXT, "", "1" * (kind.size - 1), "0" * kind.size, "1" * kind.size + "\n", "z" * 88),
    Integer: lambda kind: (kind.high + 1, kind.low - 1, 0, 10**78, -(10**78), 2**63, True, 1.0, "1", Decimal(1)),
    FixedPoint: lambda kind: (
        Decimal(10) ** (kind.digits - kind.places),
        Decimal(10) ** (kind.digits - kind.places) - Decimal(1).scaleb(-kind.places) / 2,
        Decimal(-1),
        Decimal(0),
        Decimal(1).scaleb(-kind.places) / -1,
        Decimal("NaN"),
        Decimal("sNaN"),
        Decimal("Infinity"),
        Decimal("1E+999999"),
        1,
        1.0,
    ),
    Timestamp: lambda _kind: (
        datetime(2024, 1, 1),  # noqa: DTZ001 - a time without a zone is what must be refused
        datetime.min.replace(tzinfo=UTC),
        datetime.max.replace(tzinfo=timezone(timedelta(hours=-14))),
        date(2024, 1, 1),
        "2024-01-01",
    ),
    Date: lambda _kind: (date.min, date.max, START, "2024-01-01"),
    Uuid: lambda _kind: (str(numbered_uuid(1)), 1, b"\0" * 16),
    Boolean: lambda _kind: (0, 1, "true"),
    Bytes: lambda _kind: ("", bytearray(b"a"), 1),
    EnumMember: lambda kind: (next(iter(kind.enum)).value, "nonsense", 0),
    JsonObject: lambda _kind: (
        {"a": "nul\0"},
        {"nul\0": 1},
        {"a": ["\ud800"]},
        {"a": float("nan")},
        {1: 2},
        {"a": (1,)},
        {"a": Decimal(1)},
        [],
        "{}",
        {"a": 10**1000},
    ),
}
