"""The values that literals of a schema.prisma stand for, within what Prisma reads and PostgreSQL holds."""

import base64
import json
import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any, Final

from strongroom.domain.values.json_text import read_json

MAX_DIGITS: Final = 131072
MAX_DECIMALS: Final = 16383
"""The most digits that PostgreSQL's numeric has before and after the point."""
MAX_DOUBLE_EXPONENT: Final = 308
MAX_INTEGER_DIGITS: Final = 19
_DECIMAL: Final = re.compile(r"[+-]?[0-9_]*(?:\.[0-9_]*)?(?:[eE][+-]?[0-9]{1,7})?")
_TIMESTAMP: Final = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}[Tt ][0-9]{2}:[0-9]{2}:[0-9]{2}(?:\.[0-9]+)?(?:[Zz]|[+-][0-9]{2}:[0-9]{2})"
)


class InvalidLiteral(ValueError):
    """A text is no literal of its type."""


def integer(text: str) -> int | None:
    """Return the integer of a text of digits with or without a minus; None for a number of over 64 bits."""
    digits = text.removeprefix("-").lstrip("0") or "0"
    number = int(digits) if len(digits) <= MAX_INTEGER_DIGITS else None
    number = -number if number is not None and text.startswith("-") else number
    return number if number is not None and -(2**63) <= number < 2**63 else None


def decimal(text: str) -> Decimal:
    """Return the exact number of a text. Raises InvalidLiteral if it is none, or if numeric cannot hold it."""
    number = None
    if _DECIMAL.fullmatch(text):
        try:
            number = Decimal(text)
        except ArithmeticError:
            number = None
    if number is None or not _fits_numeric(number):
        raise InvalidLiteral
    return number or abs(number)


def timestamp(text: str) -> datetime:
    """Return the time of a text as RFC 3339 has it, digits beyond microseconds cut. Raises InvalidLiteral."""
    if not _TIMESTAMP.fullmatch(text):
        raise InvalidLiteral
    try:
        moment = datetime.fromisoformat(text.upper())
        moment.astimezone(UTC)
    except (ValueError, OverflowError):
        raise InvalidLiteral from None
    return moment


def base64_bytes(text: str) -> bytes:
    """Return the bytes of a text in base64, which is padded. Raises InvalidLiteral."""
    try:
        return base64.b64decode(text, validate=True)
    except ValueError:
        raise InvalidLiteral from None


def document(text: str) -> Any:
    """Return the value of a text of JSON, its numbers exact. Raises InvalidLiteral."""
    try:
        value = read_json(text, integer=_json_number, decimal=_json_number)
        json.dumps(value, ensure_ascii=False, default=str).encode()  # half a character is no text
    except (ValueError, RecursionError):
        raise InvalidLiteral from None
    return value


CHECKED: Final[Mapping[str, tuple[Callable[[str], Any], str]]] = {
    "Decimal": (decimal, "a number, of as many digits as PostgreSQL holds"),
    "DateTime": (timestamp, "a time as in 2030-01-31T12:00:00Z"),
    "Bytes": (base64_bytes, "bytes in base64, padded"),
    "Json": (document, "a text of JSON"),
}
"""How the text of a literal is read, by the scalar that it is for, and what it has to be."""


def _fits_numeric(number: Decimal) -> bool:
    exponent = number.as_tuple().exponent
    return isinstance(exponent, int) and exponent >= -MAX_DECIMALS and number.adjusted() < MAX_DIGITS


def _json_number(text: str) -> Decimal:
    number = decimal(text)
    if number.adjusted() > MAX_DOUBLE_EXPONENT:
        raise InvalidLiteral
    return number
