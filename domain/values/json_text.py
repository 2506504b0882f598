"""Read JSON that comes from outside, within bounds: its depth, its number of values, the length of its numbers."""

import json
import re
from collections.abc import Callable
from decimal import Decimal
from typing import Any, Final

MAX_DEPTH: Final = 128
"""The fields of entities hold JSON that is up to 100 deep."""
MAX_VALUES: Final = 250_000
"""Each value is an object in memory, some twenty times as large as its text."""
_MARK: Final = re.compile(r'\\.|["\[\]{}]', re.DOTALL)


def read_json(text: str, *, integer: Callable[[str], Any] = int, decimal: Callable[[str], Any] = Decimal) -> Any:
    """Return what a text of JSON says; ``integer`` and ``decimal`` read numbers without and with point or exponent.

    Raises ValueError for what is no JSON (its subclass JSONDecodeError, if it is no JSON at a character), NaN and
    infinity, and for what exceeds a bound.
    """
    opened = text.count("[") + text.count("{")
    if opened + text.count(",") > MAX_VALUES:
        message = f"it holds more than {MAX_VALUES:,} values"
        raise ValueError(message)
    if opened > MAX_DEPTH and _depth(text) > MAX_DEPTH:
        message = f"it is nested more than {MAX_DEPTH} deep"
        raise ValueError(message)
    try:
        return json.loads(text, parse_float=decimal, parse_int=integer, parse_constant=_refuse_constant)
    except ArithmeticError:
        message = "it holds a number whose exponent is out of range"
        raise ValueError(message) from None


def _depth(text: str) -> int:
    """Return how deep brackets outside strings are nested."""
    deepest = depth = 0
    quoted = False
    for match in _MARK.finditer(text):
        mark = match[0]
        if mark == '"':
            quoted = not quoted
        elif not quoted and mark in "[{":
            depth += 1
            deepest = max(deepest, depth)
        elif not quoted and mark in "]}":
            depth -= 1
    return deepest


def _refuse_constant(name: str) -> None:
    message = f"{name} is no number of JSON"
    raise ValueError(message)
