"""Whether two defaults are one to Prisma, however PostgreSQL has come to write them."""

import json
import re
from collections.abc import Callable
from decimal import Decimal
from typing import Any, Final

NOW: Final = frozenset({"CURRENT_TIMESTAMP", "now()"})
NUMBERS: Final = frozenset({"smallint", "integer", "bigint", "real", "double precision", "numeric", "money"})
_LITERAL: Final = r"E?'(?:[^']|'')*'|-?\d+(?:\.\d+)?(?:e[+-]?\d+)?|true|false"
_CAST: Final = r'(?:::(?:[\w. ]|"(?:[^"]|"")*")+(?:\(\d+(?:,\d+)?\))?(?:\[\])*)*'
_SINGLE: Final = re.compile(rf"(?:({_LITERAL})|\(({_LITERAL})\)){_CAST}")
_ARRAY: Final = re.compile(rf"\(?ARRAY\[(.*?)\]{_CAST}\)?{_CAST}", re.DOTALL)
_ELEMENTS: Final = re.compile(rf"(?:{_SINGLE.pattern})(?:,\s*|$)")
_WRITTEN_ELEMENTS: Final = re.compile(r'("(?:[^"\\]|\\.)*"|[^",{}]+)(?:,|$)')


def same_default(declared: str | None, found: str | None, type_: str) -> bool:
    """Say whether two defaults of a column of a type, as a catalogue shows them, fill it alike to Prisma.

    The transaction's time is one under both its names, and every sequence counts. Values are the same where their type
    deems them so: numbers, documents of JSON and lists in whatever spelling.
    """
    if declared == found:
        return True
    if declared is None or found is None:
        return False
    if {declared, found} <= NOW or all(text.startswith("nextval(") for text in (declared, found)):
        return True
    bare = re.sub(r"\(.*?\)|\[\]", "", type_)
    read = Decimal if bare in NUMBERS else json.loads if bare in {"json", "jsonb"} else str
    try:
        values = [_value(text, read, is_list=type_.endswith("[]")) for text in (declared, found)]
    except (ValueError, ArithmeticError):
        return False
    return None not in values and values[0] == values[1]


def _value(text: str, read: Callable[[str], Any], *, is_list: bool) -> Any:
    """Return the value that an expression is, within a tuple, or None where it is more than a value."""
    if is_list and (array := _ARRAY.fullmatch(text)):
        return _elements(array[1], read)
    single = _SINGLE.fullmatch(text)
    if single is None:
        return None
    plain = _plain(single[1] or single[2])
    return _written_elements(plain, read) if is_list else (read(plain),)


def _elements(text: str, read: Callable[[str], Any]) -> tuple[Any, ...] | None:
    found = list(_ELEMENTS.finditer(text))
    if "".join(match[0] for match in found) != text:
        return None
    return tuple(read(_plain(match[1] or match[2])) for match in found)


def _written_elements(text: str, read: Callable[[str], Any]) -> tuple[Any, ...] | None:
    """Return the elements of an array in the form that PostgreSQL's types write: {a,"b c"}."""
    if not (text.startswith("{") and text.endswith("}")):
        return None
    found = list(_WRITTEN_ELEMENTS.finditer(text[1:-1]))
    if "".join(match[0] for match in found) != text[1:-1]:
        return None
    return tuple(
        read(re.sub(r"\\(.)", r"\1", item[1:-1]) if item.startswith('"') else item) for item in (m[1] for m in found)
    )


def _plain(literal: str) -> str:
    if literal.startswith("E"):
        return literal[2:-1].replace("''", "'").replace("\\\\", "\\")
    return literal[1:-1].replace("''", "'") if literal.startswith("'") else literal
