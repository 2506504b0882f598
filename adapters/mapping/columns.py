"""Columns: what a field's kind becomes in PostgreSQL, and the form in which PostgreSQL gives a value back."""

import json
import re
from collections.abc import Callable, Iterator, Mapping
from decimal import Decimal
from enum import Enum
from functools import cached_property
from typing import Any, Final

import attrs
from attrs import frozen

from strongroom.adapters.quoting import quote_literal
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
from strongroom.domain.values.fields import field_type_of

from .names import own_name, snake_case

_INTEGERS: Final = {16: "smallint", 32: "integer", 64: "bigint", 256: "numeric(78,0)"}
_TYPE_SQL: Final[dict[type, str]] = {
    Text: "text",
    Hex: "text",
    AnyAddress: "text",
    Base58: "text",
    Timestamp: "timestamp with time zone",
    Date: "date",
    Uuid: "uuid",
    Boolean: "boolean",
    Bytes: "bytea",
    JsonObject: "jsonb",
}

FINITE: Final = "finite_check"
_KEYWORDS: Final = ("smallint", "integer", "bigint", "numeric", "timestamp", "boolean")
"""Types that the grammar itself takes from pg_catalog; there is no way to write a schema before them."""


@frozen
class ColumnRule:
    """A rule on the values of one column: the suffix of its name, and the rule as SQL and as the kind that keeps it."""

    suffix: str
    sql: str
    kind: FieldType

    def holds(self, value: Any) -> bool | None:
        """Say whether a value that the column's type can hold meets the rule; None passes, as null does in SQL."""
        if value is None:
            return None
        if isinstance(self.kind, Hex | AnyAddress | Base58):
            return re.fullmatch(self.kind.pattern[1:-1], value) is not None
        if isinstance(self.kind, JsonObject):
            return type(value) is dict
        if isinstance(self.kind, FixedPoint) and self.suffix == FINITE:
            return bool(value.is_finite())
        return self.kind.validate(value) is None


@frozen
class Column:
    """One column: the field's name and kind, whether it may be null, and its DEFAULT as an SQL expression."""

    name: str
    kind: FieldType
    optional: bool
    default: str | None
    enum_name: str | None = None

    @property
    def type(self) -> str:
        """The type as PostgreSQL's format_type writes it."""
        if isinstance(self.kind, Integer):
            return _INTEGERS[self.kind.bits]
        if isinstance(self.kind, FixedPoint):
            return f"numeric({self.kind.digits},{self.kind.places})"
        if isinstance(self.kind, EnumMember):
            return str(self.enum_name)
        return _TYPE_SQL[type(self.kind)]

    @property
    def sql_type(self) -> str:
        """The type as a statement names it, with its schema."""
        if isinstance(self.kind, EnumMember):
            return own_name(self.type)
        return self.type if self.type.startswith(_KEYWORDS) else f"pg_catalog.{self.type}"

    @property
    def is_text(self) -> bool:
        """Whether the column is text, and so sorts by code point."""
        return self.type == "text"

    @property
    def is_comparable(self) -> bool:
        """Whether a filter or an order may name the column."""
        return not isinstance(self.kind, JsonObject)

    def validate(self, value: Any) -> str | None:
        """Say what is wrong with a value for this column, or None."""
        if value is None:
            return None if self.optional else "null where a value is required"
        return self.kind.validate(value)

    def encoding_error(self, value: Any) -> str | None:
        """Say why no statement could carry a value to this column at all, or None.

        Nulls and ranges are not judged here: the table's NOT NULL and checks refuse those, by name.
        """
        return None if value is None else self._carried.validate(value)

    @cached_property
    def _carried(self) -> FieldType:
        """The kind of everything that the column's type alone can hold."""
        kind = self.kind
        if isinstance(kind, Integer):
            limit = 10**78 if kind.bits == 256 else 2 ** (kind.bits - 1)
            return Integer(1 - limit if kind.bits == 256 else -limit, limit - 1, kind.bits)
        if isinstance(kind, FixedPoint):
            return FixedPoint(kind.digits, kind.places)
        return Text() if self.is_text else kind

    def rules(self) -> Iterator["ColumnRule"]:
        """Yield the rules that the kind puts on the column beyond its type: what no entity can hold breaks one.

        PostgreSQL's types hold more than Python's: infinite times, years beyond 9999, NaN, JSON of any type.
        """
        name, kind = self.name, self.kind
        if isinstance(kind, Timestamp | Date):
            zone = " 00:00:00+00" if isinstance(kind, Timestamp) else ""
            first, last = (f"'{limit.date()}{zone}'" for limit in (MIN_TIMESTAMP, MAX_TIMESTAMP))
            yield ColumnRule("range_check", f"{name} >= {first} AND {name} <= {last}", kind)
        elif isinstance(kind, FixedPoint):
            yield ColumnRule(FINITE, f"{name} <> 'NaN'", kind)
        elif isinstance(kind, JsonObject):
            yield ColumnRule("object_check", f"jsonb_typeof({name}) = 'object'", kind)
        limits = self._limits()
        if limits is not None:
            yield ColumnRule("check", limits, kind)

    def _limits(self) -> str | None:
        """Return the condition on length, form or size that the kind puts on the column, as SQL, or None."""
        name, kind = self.name, self.kind
        if isinstance(kind, Hex | AnyAddress | Base58):
            return f"{name} ~ '{kind.pattern}'"
        if isinstance(kind, Text) and (kind.min_length or kind.max_length is not None):
            length = f"char_length({name})"
            return (
                f"{length} >= {kind.min_length}"
                if kind.max_length is None
                else f"{length} >= {kind.min_length} AND {length} <= {kind.max_length}"
            )
        if isinstance(kind, FixedPoint):
            if kind.low is not None:
                return f"{name} >= {kind.low}"
            return f"{name} > {kind.above}" if kind.above is not None else None
        if isinstance(kind, Integer):
            natural = (0, 0) if kind.bits == 256 else (-(2 ** (kind.bits - 1)), 2 ** (kind.bits - 1) - 1)
            parts = [f"{name} >= {kind.low}"] if kind.low != natural[0] or kind.bits == 256 else []
            parts += [f"{name} <= {kind.high}"] if kind.high != natural[1] else []
            parts += [f"{name} <> 0"] if kind.nonzero else []
            return " AND ".join(parts) or None
        return None

    def stored_form(self) -> Callable[[Any], Any] | None:
        """Return the function from an acceptable value to what PostgreSQL gives back, or None where they are equal."""
        if isinstance(self.kind, FixedPoint):
            return self.kind.stored
        if isinstance(self.kind, Timestamp):
            return self.kind.clean
        if isinstance(self.kind, JsonObject):
            return normalize_json
        return None


def columns_of(entity: type, enums: Mapping[type[Enum], str], defaults: Mapping[str, str]) -> tuple[Column, ...]:
    """Derive the columns of an attrs class; ``defaults`` adds DEFAULT expressions to those of attrs defaults.

    An enumeration without a name in ``enums`` is named after its class.
    """
    columns = []
    for field in attrs.fields(entity):
        kind, optional = field_type_of(field.type)
        default = defaults.get(field.name)
        if default is None and field.default is not attrs.NOTHING and field.default is not None:
            default = _literal(field.default)
        enum_name = (enums.get(kind.enum) or snake_case(kind.enum.__name__)) if isinstance(kind, EnumMember) else None
        columns.append(Column(field.name, kind, optional, default, enum_name))
    return tuple(columns)


def _literal(value: Any) -> str:
    if isinstance(value, Enum):
        return quote_literal(value.value)
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | Decimal):
        return str(value)
    if isinstance(value, str):
        return quote_literal(value)
    message = f"no DEFAULT is known for {value!r}"
    raise TypeError(message)


def normalize_json(value: Any) -> Any:
    """Return a JSON value as jsonb gives it back, in a copy.

    Keys are sorted by their length in bytes, then by their bytes; numbers are written as numeric writes them.
    """
    if type(value) is dict:
        return {key: normalize_json(value[key]) for key in sorted(value, key=_jsonb_order)}
    if type(value) is list:
        return [normalize_json(item) for item in value]
    if type(value) is float:
        return json.loads(format(Decimal(repr(value + 0.0)), "f"))  # -0.0 + 0.0 is 0.0
    return value


def _jsonb_order(key: str) -> tuple[int, bytes]:
    written = key.encode()
    return len(written), written
