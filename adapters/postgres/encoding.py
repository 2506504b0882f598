"""From an entity to the values of a statement: checked and converted by code that is generated once per table.

A value that plainly fits its column costs one comparison; any other has the whole entity go through ``Table.check``,
which says what is wrong, or that nothing is.
"""

import json
from collections.abc import Callable
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any, Final
from uuid import UUID

from strongroom.adapters.generated_code import run_generated
from strongroom.adapters.mapping.columns import Column
from strongroom.adapters.mapping.table import Table
from strongroom.domain.values.field_types import (
    MAX_TIMESTAMP,
    MIN_TIMESTAMP,
    AnyAddress,
    Boolean,
    Bytes,
    Date,
    EnumMember,
    FixedPoint,
    Hex,
    Integer,
    JsonObject,
    Text,
    Timestamp,
    Uuid,
)

_TYPE_CHECKS: Final[dict[type, str]] = {
    Uuid: "isinstance({value}, UUID)",
    Timestamp: "(type({value}) is datetime and {value}.tzinfo is UTC and EARLIEST <= {value} <= LATEST)",
    Date: "(type({value}) is date and FIRST_DAY <= {value} <= LAST_DAY)",
    Boolean: "type({value}) is bool",
    Bytes: "type({value}) is bytes",
    **dict.fromkeys((Text, Hex, AnyAddress), "(type({value}) is str and {value}.isascii() and '\\0' not in {value})"),
}
"""Conditions that only a value which a statement can carry meets; not every such value does."""


def compile_encoder(table: Table) -> Callable[[Any], tuple[Any, ...]]:
    """Generate the function from an entity to the values of its columns, as asyncpg takes them in a statement.

    It raises what ``Table.check`` raises.
    """
    return _compile(table, "encoder", lambda column: "{value}._value_" if isinstance(column.kind, EnumMember) else None)


def compile_stager(table: Table) -> Callable[[Any], tuple[Any, ...]]:
    """Generate the same for binary COPY into a stage: what ``is_staged_as_text`` says is text.

    It raises what ``Table.check`` raises.
    """
    return _compile(table, "stager", _staged_value)


def is_staged_as_text(column: Column) -> bool:
    """Say whether binary COPY cannot carry a column's values: JSON, and numerics with a text codec.

    An enumeration travels as one: a cast from text is the type's owner's, if that creates one.
    """
    return _staged_value(column) is not None and not isinstance(column.kind, EnumMember)


def _staged_value(column: Column) -> str | None:
    if isinstance(column.kind, EnumMember):
        return "{value}._value_"
    if isinstance(column.kind, JsonObject):
        return "dumps({value})"
    return "str({value})" if column.type.startswith("numeric") else None


def _compile(table: Table, what: str, conversion: Callable[[Column], str | None]) -> Callable[[Any], tuple[Any, ...]]:
    namespace: dict[str, Any] = {
        "Entity": table.entity,
        "check": table.check,
        "dumps": encode_json,
        **{item.__name__: item for item in (UUID, datetime, date, Decimal)},
        "UTC": UTC,
        "EARLIEST": MIN_TIMESTAMP,
        "LATEST": MAX_TIMESTAMP,
        "FIRST_DAY": MIN_TIMESTAMP.date(),
        "LAST_DAY": MAX_TIMESTAMP.date(),
    }
    conditions, results, reads = [], [], []
    for number, column in enumerate(table.columns):
        value = f"v{number}"
        reads.append(f"    {value} = e.{column.name}")
        fits = _check_code(column, namespace, number).format(value=value)
        if column.name in table.max_bytes:
            fits = f"({fits} and len({value}) <= {table.max_bytes[column.name]})"
        conditions.append(f"({value} is None or {fits})" if column.optional else fits)
        converted = conversion(column)
        results.append(f"None if {value} is None else {converted.format(value=value)}" if converted else value)
    source = "\n".join(
        (
            "def encode(e):",
            "    if type(e) is not Entity:",
            "        check(e)",
            *reads,
            f"    if not ({' and '.join(conditions)}):",
            "        check(e)",
            f"    return ({', '.join(results)},)",
        )
    )
    run_generated(source, f"{what} of {table.name}", namespace)
    encode: Callable[[Any], tuple[Any, ...]] = namespace["encode"]
    return encode


def _check_code(column: Column, namespace: dict[str, Any], number: int) -> str:
    kind = column.kind
    if isinstance(kind, Integer):
        limit = 10**78 if kind.bits == 256 else 2 ** (kind.bits - 1)
        return f"(type({{value}}) is int and {-limit} < {{value}} < {limit})"
    if isinstance(kind, FixedPoint):
        whole_digits = kind.digits - kind.places
        return (
            f"(type({{value}}) is Decimal and {{value}}.is_finite() and -10_000 < {{value}}.adjusted() < "
            f"{whole_digits - 1} and {{value}}.__sizeof__() < 2_000)"  # fewer digits than PostgreSQL reads
        )
    if isinstance(kind, EnumMember):
        namespace[f"choice_{number}"] = kind.enum
        return f"type({{value}}) is choice_{number}"
    if isinstance(kind, Text) and (kind.min_length or kind.max_length is not None):
        return "False"
    return _TYPE_CHECKS.get(type(kind), "False")


def encode_json(value: object) -> str:
    """Write JSON as PostgreSQL takes it: no NaN, and characters as they are."""
    return json.dumps(value, ensure_ascii=False, allow_nan=False)


def loads(text: str) -> Any:
    """Return a stored JSON value. Raises ValueError for one that others stored and Python cannot hold exactly.

    That is JSON nested deeper than Python reads it, and numbers of too many digits.
    """
    try:
        return json.loads(text) if "." not in text else _EXACT.decode(text)
    except InexactNumber:
        raise
    except RecursionError:
        message = "it is nested too deep"
    except ValueError:
        message = "it holds a number of too many digits"
    raise ValueError(message)


class InexactNumber(ValueError):
    """A JSON number has more digits than a float holds."""


def _exact_float(text: str) -> float:
    """Return the number that a text writes. Raises ValueError if a float holds only another one."""
    value = float(text)
    if len(text) > _EXACT_DIGITS and Decimal(repr(value)) != Decimal(text):
        message = f"it holds {text[:40]}, a number of more digits than a float holds"
        raise InexactNumber(message)
    return value


_EXACT_DIGITS: Final = 15
"""Every decimal of so many digits is told from all others by a float."""
_EXACT: Final = json.JSONDecoder(parse_float=_exact_float)
