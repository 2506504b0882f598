"""Compare two defaults as Prisma does, however PostgreSQL has come to write them, in time linear in their length."""

import re
from collections.abc import Callable
from decimal import Decimal
from typing import Any, Final

from ..values.json_text import read_json

NOW: Final = frozenset({"CURRENT_TIMESTAMP", "now()"})
NUMBERS: Final = frozenset({"smallint", "integer", "bigint", "real", "double precision", "numeric", "money"})
MAX_LENGTH: Final = 2**20
"""Longer defaults are the same only if they are written alike."""
_LITERAL: Final = re.compile(r"E?'[^']*(?:''[^']*)*'(?!')|-?\d+(?:\.\d+)?(?:e[+-]?\d+)?|true|false")
_CAST: Final = re.compile(r'::(?:[\w. ]++|"[^"]*+"){1,16}(?:\(\d+(?:,\d+)?\))?(?:\[\])*')
"""A doubled quote within a name in quotes reads as two names beside each other, so that a text matches in one way."""
_SEPARATOR: Final = re.compile(r",\s*")
_WRITTEN_ELEMENT: Final = re.compile(r'("[^"\\]*(?:\\.[^"\\]*)*"|[^",{}]+)(?:,|\Z)')
_MODIFIER: Final = re.compile(r"\([^()]*\)|\[\]")


def are_equivalent_defaults(declared: str | None, found: str | None, type_: str) -> bool:
    """Say whether two defaults of a column of a type, as a catalog shows them, fill it alike to Prisma.

    The transaction's time is one under both its names, and every sequence counts. Values are the same where their type
    deems them so: numbers, documents of JSON and lists in whatever spelling.
    """
    if declared == found:
        return True
    if declared is None or found is None or max(len(declared), len(found)) > MAX_LENGTH:
        return False
    if {declared, found} <= NOW or all(text.startswith("nextval(") for text in (declared, found)):
        return True
    bare = _MODIFIER.sub("", type_)
    read = Decimal if bare in NUMBERS else _document if bare in {"json", "jsonb"} else str
    try:
        values = [_value(text, read, is_list=type_.endswith("[]")) for text in (declared, found)]
    except (ValueError, ArithmeticError):
        return False
    return None not in values and values[0] == values[1]


def _document(text: str) -> Any:
    """Return a document of JSON whose numbers compare by value, and never as the booleans of Python."""
    return read_json(text, integer=_number, decimal=_number)


def _number(digits: str) -> tuple[str, Decimal]:
    return "number", Decimal(digits)


def _value(text: str, read: Callable[[str], Any], *, is_list: bool) -> Any:
    """Return the value that an expression is, within a tuple, or None where it is more than a value."""
    start = int(text.startswith("("))
    if is_list and text.startswith("ARRAY[", start):
        return _array(text, start + len("ARRAY["), read)
    found = _literal_at(text, 0)
    if found is None or _after_casts(text, found[1]) != len(text):
        return None
    return _written_elements(found[0], read) if is_list else (read(found[0]),)


def _array(text: str, position: int, read: Callable[[str], Any]) -> tuple[Any, ...] | None:
    """Return the elements of ARRAY[…], from behind its bracket to the end of the text."""
    values: list[Any] = []
    while not text.startswith("]", position):
        found = _literal_at(text, position)
        if found is None:
            return None
        values.append(read(found[0]))
        position = _after_casts(text, found[1])
        separator = _SEPARATOR.match(text, position)
        if separator is None and not text.startswith("]", position):
            return None
        position = separator.end() if separator else position
    position = _after_casts(text, position + 1)
    position = _after_casts(text, position + text.startswith(")", position))
    return tuple(values) if position == len(text) else None


def _literal_at(text: str, position: int) -> tuple[str, int] | None:
    """Return the literal at a position, with or without parentheses, and where it ends; None if there is none."""
    opened = text.startswith("(", position)
    match = _LITERAL.match(text, position + opened)
    if match is None or (opened and not text.startswith(")", match.end())):
        return None
    return _unquote(match[0]), match.end() + opened


def _after_casts(text: str, position: int) -> int:
    while match := _CAST.match(text, position):
        position = match.end()
    return position


def _written_elements(text: str, read: Callable[[str], Any]) -> tuple[Any, ...] | None:
    """Return the elements of an array in the form that PostgreSQL's types write: {a,"b c"}."""
    if not (text.startswith("{") and text.endswith("}")):
        return None
    inner, position, values = text[1:-1], 0, []
    while match := _WRITTEN_ELEMENT.match(inner, position):
        item, position = match[1], match.end()
        values.append(read(re.sub(r"\\(.)", r"\1", item[1:-1]) if item.startswith('"') else item))
    return tuple(values) if position == len(inner) else None


def _unquote(literal: str) -> str:
    if literal.startswith("E"):
        return literal[2:-1].replace("''", "'").replace("\\\\", "\\")
    return literal[1:-1].replace("''", "'") if literal.startswith("'") else literal
