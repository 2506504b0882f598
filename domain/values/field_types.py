"""The kinds of value that an entity's field may hold: each knows what is wrong with a value, in words.

A kind is the one truth on a field's values: construction of an entity checks with it, both adapters check
with it what they are handed, and a column's type and its range check are derived from it.
"""

import math
import re
from datetime import UTC, date, datetime
from decimal import ROUND_HALF_UP, Context, Decimal, InvalidOperation
from enum import Enum
from typing import Any, Final, Protocol
from uuid import UUID

import base58
from attrs import frozen

from .address import parse_evm_address, parse_solana_address

_ZERO: Final = Decimal(0)
_ONE: Final = Decimal(1)
DECIMAL_CONTEXT: Final = Context(prec=120, rounding=ROUND_HALF_UP)
"""Arithmetic wide enough for uint256 times a price; rounds half away from zero, as PostgreSQL's numeric does."""

MIN_TIMESTAMP: Final = datetime(1, 1, 2, tzinfo=UTC)
MAX_TIMESTAMP: Final = datetime(9999, 12, 30, tzinfo=UTC)
MAX_JSON_DIGITS: Final = 1000
MAX_DECIMAL_PLACES: Final = 16_383
"""The most digits after the point that PostgreSQL reads in a numeric, before it rounds."""


class FieldType(Protocol):
    """What all kinds of value answer."""

    def validate(self, value: Any) -> str | None:
        """Say what is wrong with a value, or None when it is acceptable as it stands."""
        ...

    def clean(self, value: Any) -> Any:
        """Return the value in the form that is stored; a value with a problem comes back as it is."""
        ...

    def __hash__(self) -> int:
        """Kinds are values: equal ones are one."""
        ...


def _wrong_type(value: object, expected: str) -> str:
    return f"{type(value).__name__} where {expected} is expected"


def text_error(value: str) -> str | None:
    """Say why PostgreSQL could not hold a text: a NUL character, or a surrogate without its other half."""
    if "\0" in value:
        return "a text cannot hold a NUL character (U+0000)"
    if not value.isascii():
        try:
            value.encode()
        except UnicodeEncodeError:
            return "a text cannot hold a lone surrogate"
    return None


class _StoredAsGiven:
    """A kind whose values are stored as they are given."""

    def clean(self, value: Any) -> Any:
        return value


@frozen
class Text(_StoredAsGiven):
    """Text without NUL, of ``shortest`` to ``longest`` characters (code points), or of any length."""

    min_length: int = 0
    max_length: int | None = None

    def validate(self, value: Any) -> str | None:
        if type(value) is not str:
            return _wrong_type(value, "text")
        if len(value) < self.min_length:
            return f"{len(value)} characters where at least {self.min_length} are expected"
        if self.max_length is not None and len(value) > self.max_length:
            return f"{len(value)} characters where at most {self.max_length} are expected"
        return text_error(value)


@frozen
class Hex:
    """``0x`` and the lower-case hex digits of so many bytes: hashes, and EVM addresses."""

    size: int
    address: bool = False

    @property
    def pattern(self) -> str:
        """The regular expression of the stored form."""
        return f"^0x[0-9a-f]{{{2 * self.size}}}$"

    def validate(self, value: Any) -> str | None:
        if type(value) is not str:
            return _wrong_type(value, "text")
        if text_error(value):
            return text_error(value)
        if re.fullmatch(self.pattern[1:-1], value):
            return None
        if self.address:
            try:
                parse_evm_address(value)
            except ValueError as error:
                return str(error)
        return f"{value!r} is not 0x and {2 * self.size} lower-case hex digits"

    def clean(self, value: Any) -> Any:
        if type(value) is not str:
            return value
        if self.address:
            try:
                return parse_evm_address(value)
            except ValueError:
                return value
        return value.lower()


@frozen
class AnyAddress:
    """An address of either family: EVM in lower case, or Solana base58 with its case kept."""

    pattern: str = "^(0x[0-9a-f]{40}|[1-9A-HJ-NP-Za-km-z]{32,44})$"

    def validate(self, value: Any) -> str | None:
        if type(value) is not str:
            return _wrong_type(value, "text")
        if text_error(value):
            return text_error(value)
        if re.fullmatch(self.pattern[1:-1], value) and value.startswith("0x"):
            return None
        try:
            (parse_evm_address if value.startswith("0x") else parse_solana_address)(value)
        except ValueError as error:
            return str(error)
        return "an EVM address is stored in lower case" if value.startswith("0x") else None

    def clean(self, value: Any) -> Any:
        if type(value) is not str or not value.startswith("0x"):
            return value
        try:
            return parse_evm_address(value)
        except ValueError:
            return value


@frozen
class Base58(_StoredAsGiven):
    """The base58 of so many bytes, case kept: Solana's addresses (32) and signatures (64)."""

    size: int

    @property
    def pattern(self) -> str:
        """The regular expression of the stored form, which bounds the length only as base58 itself does."""
        longest = math.ceil(self.size * math.log(256, 58))
        return f"^[1-9A-HJ-NP-Za-km-z]{{{self.size},{longest}}}$"

    def validate(self, value: Any) -> str | None:
        if type(value) is not str:
            return _wrong_type(value, "text")
        if text_error(value):
            return text_error(value)
        if not re.fullmatch(self.pattern[1:-1], value):
            return f"{value!r} is not the base58 of {self.size} bytes"
        decoded = len(base58.b58decode(value))
        return None if decoded == self.size else f"{value!r} is {decoded} bytes where {self.size} are expected"


@frozen
class Integer(_StoredAsGiven):
    """A whole number in ``low..high``, held in so many bits (256: a numeric of 78 digits)."""

    low: int
    high: int
    bits: int
    nonzero: bool = False

    def validate(self, value: Any) -> str | None:
        if type(value) is not int:
            return _wrong_type(value, "int")
        if not self.low <= value <= self.high:
            return f"{_range_text(value)} is not in {_range_text(self.low)}..{_range_text(self.high)}"
        return "0 where a change is expected" if self.nonzero and value == 0 else None


def _range_text(value: int) -> str:
    for power in (255, 256):
        for offset in (-1, 0):
            for sign in (1, -1):
                if value == sign * 2**power + sign * offset:
                    return f"{'-' if sign < 0 else ''}2^{power}{'-1' if offset else ''}"
    return str(value) if value.bit_length() < 512 else f"a number of {value.bit_length()} bits"


@frozen
class FixedPoint(_StoredAsGiven):
    """A Decimal of so many digits, ``places`` of them after the point; more places round half away from zero."""

    digits: int
    places: int
    low: Decimal | None = None
    above: Decimal | None = None

    def validate(self, value: Any) -> str | None:
        if type(value) is not Decimal:
            return _wrong_type(value, "Decimal")
        if not value.is_finite():
            return f"{value} is not a finite number"
        stored = self.stored(value)
        if stored is None:
            is_long = int(value.as_tuple().exponent) < -MAX_DECIMAL_PLACES
            limit = f"{MAX_DECIMAL_PLACES} digits after" if is_long else f"{self.digits - self.places} digits before"
            return f"{value:.3e} has more than {limit} the point"
        if self.low is not None and stored < self.low:
            return f"{value} is less than {self.low}"
        if self.above is not None and stored <= self.above:
            return f"{value} is not more than {self.above}"
        return None

    def stored(self, value: Decimal) -> Decimal | None:
        """Return a finite value as it is stored; None when it has more digits than PostgreSQL reads, or the type holds.

        It is rounded to the places, and written in one way: no zeros at the end after the point, no exponent above 0,
        no -0.
        """
        if value.adjusted() > self.digits - self.places:
            return None
        exponent = value.as_tuple().exponent
        if not isinstance(exponent, int) or exponent < -MAX_DECIMAL_PLACES:
            return None
        if exponent < -self.places:
            try:
                value = value.quantize(Decimal(1).scaleb(-self.places), context=DECIMAL_CONTEXT)
            except InvalidOperation:
                return None
        if value and value.adjusted() >= self.digits - self.places:
            return None
        return shortest(value)


def shortest(value: Decimal) -> Decimal:
    """Return a finite Decimal with the fewest digits after the point: 1234.50 as 1234.5, 1E+2 as 100.

    Equal values come back with equal digits, and so with one text; exact for up to 120 digits.
    """
    if not value:
        return value if value.same_quantum(_ZERO) and not value.is_signed() else _ZERO
    short = DECIMAL_CONTEXT.normalize(value)
    if int(short.as_tuple().exponent) > 0:
        short = short.quantize(_ONE, context=DECIMAL_CONTEXT)
    return value if short.same_quantum(value) else short


@frozen
class Timestamp:
    """A point in time: an aware datetime, in UTC, to the microsecond."""

    def validate(self, value: Any) -> str | None:
        if not isinstance(value, datetime):
            return _wrong_type(value, "datetime")
        if value.utcoffset() is None:
            return f"{value.isoformat()} has no time zone: give an aware datetime"
        if not MIN_TIMESTAMP <= value <= MAX_TIMESTAMP:
            return f"{value.isoformat()} is not from {MIN_TIMESTAMP.date()} to {MAX_TIMESTAMP.date()}"
        return None

    def clean(self, value: Any) -> Any:
        if type(value) is datetime and value.tzinfo is UTC and not value.fold:
            return value
        if self.validate(value):
            return value
        at = value.astimezone(UTC)
        return datetime(at.year, at.month, at.day, at.hour, at.minute, at.second, at.microsecond, UTC)


@frozen
class Date(_StoredAsGiven):
    """A calendar day."""

    def validate(self, value: Any) -> str | None:
        if type(value) is not date:
            return _wrong_type(value, "date")
        if not MIN_TIMESTAMP.date() <= value <= MAX_TIMESTAMP.date():
            return f"{value.isoformat()} is not from {MIN_TIMESTAMP.date()} to {MAX_TIMESTAMP.date()}"
        return None


@frozen
class Uuid(_StoredAsGiven):
    """A UUID."""

    def validate(self, value: Any) -> str | None:
        return None if isinstance(value, UUID) else _wrong_type(value, "UUID")


@frozen
class Boolean(_StoredAsGiven):
    """True or false."""

    def validate(self, value: Any) -> str | None:
        return None if type(value) is bool else _wrong_type(value, "bool")


@frozen
class Bytes(_StoredAsGiven):
    """Bytes of any length."""

    def validate(self, value: Any) -> str | None:
        return None if type(value) is bytes else _wrong_type(value, "bytes")


@frozen
class EnumMember(_StoredAsGiven):
    """A member of an enumeration."""

    enum: type[Enum]

    def validate(self, value: Any) -> str | None:
        if type(value) is self.enum:
            return None
        return f"{value!r} is not one of {', '.join(member.value for member in self.enum)}"


@frozen
class JsonObject(_StoredAsGiven):
    """A JSON object: text keys; text, finite numbers, booleans, null, lists and objects as values."""

    def validate(self, value: Any) -> str | None:
        if type(value) is not dict:
            return _wrong_type(value, "a JSON object (dict)")
        return _json_error(value, depth=0)


def _json_error(value: object, *, depth: int) -> str | None:  # noqa: PLR0911 - one answer for each type of JSON
    if depth > 100:
        return "JSON nested more than 100 deep"
    if value is None or type(value) is bool:
        return None
    if type(value) is str:
        return text_error(value)
    if type(value) is int:
        return None if value.bit_length() < 3 * MAX_JSON_DIGITS else "a JSON number of more than 900 digits"
    if type(value) is float:
        return None if math.isfinite(value) else f"{value} is not a JSON number"
    if type(value) is list:
        problems = (_json_error(item, depth=depth + 1) for item in value)
        return next((problem for problem in problems if problem), None)
    if type(value) is dict:
        for key, item in value.items():
            problem = _wrong_type(key, "a text key") if type(key) is not str else text_error(key)
            problem = problem or _json_error(item, depth=depth + 1)
            if problem:
                return problem
        return None
    return _wrong_type(value, "JSON")
