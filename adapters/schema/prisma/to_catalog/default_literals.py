"""Defaults as PostgreSQL writes them once it holds them; the rules are those of its ruleutils.c, tried on 16."""

import json
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from strongroom.adapters.schema.prisma.literal_values import base64_bytes, decimal, document, timestamp
from strongroom.adapters.schema.prisma.model.schema import Enum
from strongroom.adapters.schema.prisma.quoting import quote_catalog_literal
from strongroom.adapters.schema.prisma.syntax.nodes import Call, Constant, Expression, List, Number, Text

from .column_types import ColumnType

INTEGER = 2**31
BIGINT = 2**63


def default_sql(value: Expression, scalar: str, type_: ColumnType, enum: Enum | None) -> str | None:
    """Return the default of a column as the catalog shows it; None where Prisma leaves it to the client.

    The expression of dbgenerated("…") stays as it is written, since only a server can say how it writes it.
    """
    match value:
        case Call(name="now"):
            return "CURRENT_TIMESTAMP"
        case Call(name="dbgenerated", arguments=(argument,)) if isinstance(argument.value, Text):
            return argument.value.value
        case Call():
            return None
        case List(items=()):
            plain = f"ARRAY[]::{type_.bare}[]"
            return f"({plain})::{type_}[]" if type_.modifiers else plain
        case List(items=items):
            return f"ARRAY[{', '.join(_element(item, scalar, type_, enum) for item in items)}]"
    return _number(value)[0] if _is_number(value, scalar) else _typed_literal(value, scalar, type_.bare, enum)


def _element(item: Expression, scalar: str, type_: ColumnType, enum: Enum | None) -> str:
    if not _is_number(item, scalar):
        return _typed_literal(item, scalar, str(type_), enum)
    text, kind = _number(item)
    if kind != type_.name:
        return f"({text})::{type_}"
    return text.removesuffix("::numeric") + f"::{type_}" if type_.modifiers else text


def _is_number(item: Expression, scalar: str) -> bool:
    return isinstance(item, Number) or (isinstance(item, Text) and scalar == "Decimal")


def _number(item: Expression) -> tuple[str, str]:
    """Return a number and the type that PostgreSQL's scanner gives it; what has a sign or is large gets a label."""
    written = item.text if isinstance(item, Number) else item.value if isinstance(item, Text) else ""
    number = decimal(written)
    text = f"{number:f}"
    if "." in written or "." in text:
        return (text if number >= 0 else f"'{text}'::numeric"), "numeric"
    kind = next((name for name, end in (("integer", INTEGER), ("bigint", BIGINT)) if -end <= number < end), "numeric")
    return (text if number >= 0 and kind == "integer" else f"'{text}'::{kind}"), kind


def _typed_literal(item: Expression, scalar: str, label: str, enum: Enum | None) -> str:
    match item:
        case Constant(name=name) if enum is not None:
            return f"{quote_catalog_literal(enum.value(name).label)}::{label}"
        case Constant(name=name):
            return name
        case Text(value=text):
            return f"{quote_catalog_literal(_canonical_text(text, scalar, label))}::{label}"
    raise TypeError(item)


def _canonical_text(text: str, scalar: str, label: str) -> str:
    """Return a string as the output function of its type writes it."""
    if scalar == "Bytes":
        return "\\x" + base64_bytes(text).hex()
    if scalar == "DateTime":
        return _timestamp_text(timestamp(text), label)
    if label == "jsonb":
        return _jsonb_text(document(text))
    return text.lower() if label == "uuid" else text


def _timestamp_text(value: datetime, label: str) -> str:
    """Return a time: a type without time zone drops the offset, a timestamp with one is shown at UTC."""
    stamped, zoned = label.startswith("timestamp"), label.endswith("with time zone")
    if stamped and zoned:
        value = value.astimezone(UTC)
    day, clock = value.date().isoformat(), value.strftime("%H:%M:%S.%f").rstrip("0").rstrip(".")
    if label == "date":
        return day
    offset = value.strftime("%z")
    shown = (offset[:3] + (f":{offset[3:5]}" if offset[3:5] != "00" else "")) if zoned else ""
    return (f"{day} {clock}" if stamped else clock) + shown


def _jsonb_text(value: Any) -> str:
    """Return JSON as jsonb writes it: keys by length, then by bytes, the last of equal ones kept."""
    if isinstance(value, dict):
        keys = sorted(value, key=lambda key: (len(key.encode()), key.encode()))
        return "{" + ", ".join(f"{_jsonb_text(key)}: {_jsonb_text(value[key])}" for key in keys) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(_jsonb_text, value)) + "]"
    return f"{value:f}" if isinstance(value, Decimal) else json.dumps(value, ensure_ascii=False)
