"""Hypothesis strategies for entities and their fields, derived from the kinds: every entity class has them for free."""

import random
import re
from collections.abc import Callable
from functools import cache
from typing import Any, Final

import base58
from hypothesis import strategies as st

from strongroom.adapters.mapping.columns import Column
from strongroom.adapters.mapping.table import Table
from strongroom.domain.errors import InvalidValue
from strongroom.domain.values.field_types import (
    DECIMAL_CONTEXT,
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

from .model_under_test import model_under_test
from .values import acceptable_values, numbered_uuid, refused_values

REDRAW_ATTEMPTS: Final = 60


@cache
def values(kind: FieldType) -> st.SearchStrategy[Any]:
    """Values that the kind accepts: the edges, and anything between."""
    return st.sampled_from(acceptable_values(kind)) | _BETWEEN[type(kind)](kind).filter(
        lambda value: kind.validate(value) is None
    )


def hostile_values(kind: FieldType) -> st.SearchStrategy[Any]:
    """Values that storage refuses in a field of the kind."""
    return st.sampled_from(refused_values(kind))


@st.composite
def entities(draw: st.DrawFn, /, entity: type[Any] | Table, **given: st.SearchStrategy[Any]) -> Any:
    """Entities that their class and their table's own checks accept; ``given`` says how to draw a field."""
    table = entity if isinstance(entity, Table) else model_under_test().table_of(entity)
    drawn = [
        draw(given[column.name] if column.name in given else _optional(values(column.kind), optional=column.optional))
        for column in table.columns
    ]
    fixed = frozenset(given)
    return build_entity(table, redraw_refused(table, drawn, fixed=fixed))


@cache
def choices(table: Table, column: Column) -> tuple[Any, ...]:
    """Return the few values of a column in a small world, where rows often meet and refer to each other."""
    for key in table.foreign_keys:
        if column.name in key.fields:
            target = model_under_test().table_named(key.target)
            return choices(target, target.column(key.target_fields[key.fields.index(column.name)]))
    if table.materialized and isinstance(column.kind, Uuid):
        target = model_under_test().table_named(column.name.removesuffix("_id"))
        return choices(target, target.column("id"))
    few = acceptable_values(column.kind)
    if isinstance(column.kind, Uuid):
        tables = model_under_test().tables
        realm = tables.index(table) if column.name in table.key else len(tables)
        return tuple(numbered_uuid(number, realm) for number in (1, 2, 3))
    if column.name == "version" and table.versioned:
        return (0, 1, 2)
    return few[:3] if column.name in table.key else few


@cache
@st.composite
def rows(draw: st.DrawFn, table: Table) -> Any:
    """Rows of a small world: most are sound, some break a rule that storage has to hold."""
    drawn = redraw_refused(table, list(draw(_small_world(table))))
    for position, value in draw(_break_row(table)):
        drawn[position] = value
    return build_entity(table, drawn)


def build_entity(table: Table, drawn: list[Any]) -> Any:
    """Build an entity from the values with its class, or without validation if the class refuses them."""
    try:
        return table.entity(**{column.name: value for column, value in zip(table.columns, drawn, strict=True)})
    except (InvalidValue, TypeError, ArithmeticError):
        return table.hydrate(drawn)


def redraw_refused(
    table: Table, drawn: list[Any], *, fixed: frozenset[str] = frozenset(), few_of: int | None = None
) -> list[Any]:
    """Return the values with those drawn again that the table's checks name and refuse, as far as luck goes."""
    luck = random.Random(repr(drawn))
    drawn = [column.kind.clean(value) for column, value in zip(table.columns, drawn, strict=True)]
    for _ in range(REDRAW_ATTEMPTS):
        row = table.hydrate(drawn)
        broken = next((check for check in table.checks if check.holds(row) is False), None)
        if broken is None:
            return drawn
        named = set(re.findall(r"\w+", broken.sql)) - fixed
        for position, column in enumerate(table.columns):
            if column.name in named:
                few = choices(table, column)[:few_of]
                drawn[position] = column.kind.clean(luck.choice((None, *few) if column.optional else few))
    return drawn


@cache
def parent_rows() -> tuple[tuple[Table, list[Any]], ...]:
    """Return rows that most others refer to: two of each table that other tables refer to, parents first."""
    tables = model_under_test().tables
    targets = {key.target for table in tables for key in table.foreign_keys}
    return tuple((table, [_plain(table, number) for number in (0, 1)]) for table in tables if table.name in targets)


def _plain(table: Table, number: int) -> Any:
    drawn = []
    for column in table.columns:
        few = choices(table, column)
        drawn.append(None if column.optional else few[number % len(few)])
    keys = {name for unique in table.uniques for name in unique.fields}
    keys |= {name for key in table.foreign_keys for name in key.fields if not table.column(name).optional}
    return build_entity(table, redraw_refused(table, drawn, fixed=frozenset(keys), few_of=2))


@cache
def _small_world(table: Table) -> st.SearchStrategy[tuple[Any, ...]]:
    columns = [(choices(table, column), column.optional) for column in table.columns]
    return st.tuples(
        *(st.sampled_from(((None,) * (len(few) // 2 + 1) + few) if optional else few) for few, optional in columns)
    )


@cache
def _break_row(table: Table) -> st.SearchStrategy[list[tuple[int, Any]]]:
    faults = [
        (position, value)
        for position, column in enumerate(table.columns)
        for value in (*(() if column.optional else (None,)), *refused_values(column.kind))
    ]
    one = st.lists(st.sampled_from(faults), min_size=1, max_size=3)
    return st.sampled_from((0, 0, 0, 0, 1)).flatmap(lambda some: one if some else st.just([]))


def _optional(strategy: st.SearchStrategy[Any], *, optional: bool) -> st.SearchStrategy[Any]:
    return st.none() | strategy if optional else strategy


def _json() -> st.SearchStrategy[dict[str, Any]]:
    plain = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text()
    nested = st.recursive(plain, lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner), max_leaves=8)
    return st.dictionaries(st.text(), nested, max_size=4)


def _bytes(size: int) -> st.SearchStrategy[str]:
    return st.binary(min_size=size, max_size=size).map(lambda octets: "0x" + octets.hex())


def _fixed(kind: FixedPoint) -> st.SearchStrategy[Any]:
    digits = st.integers(-(10**kind.digits) + 1, 10**kind.digits - 1)
    return digits.map(lambda number: DECIMAL_CONTEXT.scaleb(DECIMAL_CONTEXT.create_decimal(number), -kind.places))


def _timestamps(_kind: Any) -> st.SearchStrategy[Any]:
    naive = st.datetimes(MIN_TIMESTAMP.replace(tzinfo=None), MAX_TIMESTAMP.replace(tzinfo=None))
    return st.builds(lambda moment, zone: moment.replace(tzinfo=zone), naive, st.timezones())


_BETWEEN: Final[dict[type, Callable[[Any], st.SearchStrategy[Any]]]] = {
    Text: lambda kind: st.text(min_size=kind.min_length, max_size=40),
    Hex: lambda kind: _bytes(kind.size),
    AnyAddress: lambda _: _bytes(20),
    Base58: lambda kind: st.binary(min_size=kind.size, max_size=kind.size).map(
        lambda raw: base58.b58encode(raw).decode()
    ),
    Integer: lambda kind: st.integers(kind.low, kind.high),
    FixedPoint: _fixed,
    Timestamp: _timestamps,
    Date: lambda _: st.dates(MIN_TIMESTAMP.date(), MAX_TIMESTAMP.date()),
    Uuid: lambda _: st.uuids(),
    Boolean: lambda _: st.booleans(),
    Bytes: lambda _: st.binary(max_size=64),
    EnumMember: lambda kind: st.sampled_from(list(kind.enum)),
    JsonObject: lambda _: _json(),
}
