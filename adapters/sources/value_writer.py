r"""Writes the values of entities' fields as ``values`` reads them: what is written is read back to the last digit.

Amounts of 256 bits and decimals are texts, since few readers of JSON hold them as numbers; times are ISO 8601 in UTC,
to the microsecond, bytes ``0x`` and hex digits, enumerations their values. In CSV an empty cell is None, JSON stands as
its text, and in texts a backslash is doubled, line ends are ``\n`` and ``\r``, and the empty text is ``\e``.
"""

import json
import re
from collections.abc import Callable
from datetime import UTC, date, datetime
from decimal import Decimal
from enum import Enum
from typing import Any, Final
from uuid import UUID

from strongroom.adapters.mapping.columns import Column
from strongroom.domain.values.field_types import FieldType, FixedPoint, Integer, JsonObject, Text
from strongroom.domain.values.json_text import read_json

_ESCAPES: Final = {"\\": "\\\\", "\n": "\\n", "\r": "\\r"}
_UNESCAPED: Final = {"\\": "\\", "n": "\n", "r": "\r", "e": ""}
EMPTY_TEXT: Final = "\\e"
_FORMULA: Final = r"(?=[=+\-@\t\r\uff1d\uff0b\uff0d\uff20])"
"""What a spreadsheet may execute: the wide forms too, which it reads as the plain ones in East Asian locales."""
_START_OF_FORMULA: Final = re.compile(rf"(^|[;\t])('*){_FORMULA}")
"""At a cell's start, and after what other locales separate cells by; any apostrophes before it are kept."""
_ESCAPED_FORMULA: Final = re.compile(rf"(^|[;\t])'('*){_FORMULA}")
_NUMBER: Final = re.compile(r"-?\d+(\.\d+)?")


def for_json(kind: FieldType) -> Callable[[Any], Any]:
    """Return the function from a field's value to what its JSON says."""
    if isinstance(kind, FixedPoint) or (isinstance(kind, Integer) and kind.bits == 256):
        return lambda value: None if value is None else plain_text(value)
    if isinstance(kind, Integer | JsonObject):
        return lambda value: value
    return _plain_value


def for_csv(column: Column) -> Callable[[Any], str]:
    """Return the function from a column's value to its cell."""
    if isinstance(column.kind, Text):
        return lambda value: "" if value is None else escape_cell(value)
    if isinstance(column.kind, JsonObject):
        return lambda value: "" if value is None else json.dumps(value, ensure_ascii=False)
    return lambda value: "" if value is None else plain_text(value)


def from_cell(kind: FieldType, cell: str) -> Any:
    """Return what ``read_value`` takes for a cell of CSV that is not empty. Raises ValueError for a wrong escape."""
    if isinstance(kind, Text):
        return unescape_cell(cell)
    if isinstance(kind, JsonObject):
        try:
            return read_json(cell)
        except ValueError:
            message = f"{cell[:100]!r} is not JSON"
            raise ValueError(message) from None
    return cell


def escape_cell(text: str) -> str:
    """Return a text as a cell: on one line, and not empty."""
    return re.sub(r"[\\\n\r]", lambda found: _ESCAPES[found[0]], text) or EMPTY_TEXT


def escape_formulas(cell: str) -> str:
    """Return a cell with an apostrophe before whatever a spreadsheet would execute; numbers stay numbers."""
    return cell if _NUMBER.fullmatch(cell) else _START_OF_FORMULA.sub(r"\1'\2", cell)


def unescape_formulas(cell: str) -> str:
    """Undo ``escape_formulas``."""
    return _ESCAPED_FORMULA.sub(r"\1\2", cell)


def unescape_cell(cell: str) -> str:
    """Return the text of a cell. Raises ValueError for a backslash that starts no known escape."""

    def meant(found: re.Match[str]) -> str:
        if found[1] not in _UNESCAPED:
            message = f"{found[0]!r} is no escape: \\\\ is a backslash, \\n and \\r are line ends, \\e is an empty text"
            raise ValueError(message)
        return _UNESCAPED[found[1]]

    return re.sub(r"\\(.?)", meant, cell)


def _plain_value(value: Any) -> Any:
    if value is None or type(value) is bool or type(value) is str:
        return value
    return plain_text(value)


def plain_text(value: Any) -> str:  # noqa: PLR0911 - one answer for each type
    """Return a value that is neither None nor JSON as the text that files hold."""
    if isinstance(value, Enum):
        return str(value.value)
    if isinstance(value, Decimal):
        return f"{value:f}"
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat(timespec="microseconds")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, bytes):
        return f"0x{value.hex()}"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, UUID | int):
        return str(value)
    return str(value)
