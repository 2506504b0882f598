"""Rows for the rules of tables: values at and beyond every border that a statement can still carry to a column."""

import json
import re
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from enum import Enum
from typing import Any, Final
from uuid import UUID

from hypothesis import strategies as st

from strongroom.adapters.mapping.columns import Column
from strongroom.adapters.mapping.table import Table
from strongroom.domain.values.field_types import (
    MAX_TIMESTAMP,
    MIN_TIMESTAMP,
    AnyAddress,
    Base58,
    EnumMember,
    FixedPoint,
    Hex,
    Integer,
    Text,
)
from strongroom.testing.values import acceptable_values

TEXTS: Final = st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=8)
NEW_YEAR: Final = datetime(2026, 1, 1, tzinfo=UTC)
PLAIN: Final[dict[str, st.SearchStrategy[Any]]] = {
    "uuid": st.sampled_from([UUID(int=number) for number in range(3)]),
    "text": TEXTS,
    "boolean": st.booleans(),
    "timestamp with time zone": st.sampled_from(
        [
            limit + timedelta(microseconds=step)
            for limit in (NEW_YEAR, MIN_TIMESTAMP, MAX_TIMESTAMP)
            for step in (-1, 0, 1)
        ]
    ),
    "date": st.sampled_from(
        [
            limit.date() + timedelta(days=step)
            for limit in (NEW_YEAR, MIN_TIMESTAMP, MAX_TIMESTAMP)
            for step in (-1, 0, 1)
        ]
    ),
    "jsonb": st.sampled_from([{}, {"a": [1]}, [], [{}], "a", 1, True]),
}
PIECES: Final = ("0x", "0X", "a", "A", "f", "g", "1", "0", "l", "é", "\n", "$", "")
LETTERS: Final = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"


def columns_in(table: Table, sql: str) -> list[Column]:
    """Return the columns that an SQL expression names."""
    return [column for column in table.columns if re.search(rf"\b{column.name}\b", sql)]


def rows(table: Table, sql: str) -> st.SearchStrategy[Any]:
    """Rows of a table as unchecked entities; the columns that the SQL does not name are None."""
    named = columns_in(table, sql)
    return st.tuples(*(_carried(column, sql) if column in named else st.none() for column in table.columns)).map(
        table.hydrate
    )


def given_rows(table: Table, columns: Sequence[Column], entities: Sequence[Any]) -> tuple[str, list[list[Any]]]:
    """Return a FROM item of rows, named ``given``, and its arguments; columns have the table's types and collation.

    The column ``place`` holds a row's place in the list.
    """
    values, types, arrays = [], [], []
    for number, column in enumerate(columns, 1):
        arrays.append(f"${number}::{column.type.split('(')[0]}[]")
        types.append(f'"{column.name}"::{column.type}{_collation(column)} AS "{column.name}"')
        values.append([_sent(column, getattr(entity, column.name)) for entity in entities])
    names = ", ".join(f'"{column.name}"' for column in columns)
    source = f"unnest({', '.join(arrays)}) WITH ORDINALITY AS sent ({names}, place)"
    selected = f"SELECT {', '.join(types)}, place FROM {source}"
    return f"({selected}) AS given", values


def _collation(column: Column) -> str:
    return ' COLLATE "C"' if column.is_text else ""


def _sent(column: Column, value: Any) -> Any:
    if column.type == "jsonb":
        return None if value is None else json.dumps(value)
    return value.value if isinstance(value, Enum) else value


def _carried(column: Column, sql: str) -> st.SearchStrategy[Any]:
    kind = column.kind
    values: st.SearchStrategy[Any]
    if isinstance(kind, Integer):
        limit = 10**78 if kind.bits == 256 else 2 ** (kind.bits - 1)
        lowest = 1 - limit if kind.bits == 256 else -limit
        borders = {value + step for value in (kind.low, kind.high, 0) for step in (-1, 0, 1)} | {lowest, limit - 1}
        within = sorted(value for value in borders if lowest <= value < limit)
        values = st.sampled_from(within) | st.integers(lowest, limit - 1)
    elif isinstance(kind, FixedPoint):
        step = Decimal(1).scaleb(-kind.places)
        borders_of_zero = [Decimal(0), Decimal("-0"), step, -step, step / 2, -step / 2, step * 2 / 5, -step * 2 / 5]
        values = st.sampled_from(borders_of_zero) | st.decimals(-(10**9), 10**9, places=kind.places + 1)
        if sql == f"{column.name} <> 'NaN'":  # no other rule meets NaN: entities refuse it before
            values |= st.just(Decimal("NaN"))
    elif isinstance(kind, Hex | AnyAddress):
        digits = 2 * kind.size if isinstance(kind, Hex) else 40
        whole = st.from_regex(re.compile(kind.pattern[1:-1], re.ASCII), fullmatch=True)
        hexes = st.text("0123456789abcdefABCDEFg", min_size=digits - 1, max_size=digits + 1).map("0x".__add__)
        others = st.text(LETTERS, min_size=31, max_size=45) | st.lists(st.sampled_from(PIECES)).map("".join)
        values = whole | whole.map(lambda text: f"{text}\n") | hexes | others
    elif isinstance(kind, Base58):
        longest = max(len(digits) for digits in acceptable_values(kind))
        values = st.text(LETTERS, min_size=kind.size - 1, max_size=longest + 1) | st.sampled_from(
            acceptable_values(kind)
        )
    elif isinstance(kind, Text) and kind.max_length:
        sizes = st.sampled_from((0, 1, kind.max_length, kind.max_length + 1))
        values = TEXTS | st.builds(lambda letter, size: letter * size, st.sampled_from("a\U0001d518"), sizes)
    elif isinstance(kind, EnumMember):
        values = st.sampled_from(kind.enum)
    else:
        values = PLAIN[column.type]
    return st.none() | values if column.optional else values
