"""Rows on their way in and out: what is generated for speed answers as the plain way does."""

from decimal import Decimal
from enum import Enum
from typing import Any

import asyncpg
import pytest
from hypothesis import given
from hypothesis import strategies as st

from strongroom import open_storage
from strongroom.adapters.mapping.columns import Column
from strongroom.adapters.mapping.platform import PLATFORM
from strongroom.adapters.mapping.table import Table
from strongroom.adapters.postgres.encoding import compile_encoder, compile_stager, is_staged_as_text
from strongroom.adapters.postgres.sql import table_statements
from strongroom.domain.pricing.coin_data import CoinData
from strongroom.domain.values.field_types import FixedPoint
from strongroom.ports.errors import StorageError
from strongroom.testing.comparison import exact_form
from strongroom.testing.contract.property_settings import few
from strongroom.testing.factory import World
from strongroom.testing.strategies import rows

EVERY_TABLE = pytest.mark.parametrize("table", PLATFORM.tables, ids=lambda table: table.name)


def refusal(call: Any, entity: Any) -> tuple[type[Exception], str] | None:
    """Return what a call says against an entity, or None."""
    try:
        call(entity)
    except Exception as error:  # noqa: BLE001 - whatever it is, both must raise it
        return type(error), str(error)
    return None


def can_be_stored(table: Table, entity: Any) -> bool:
    """Say whether a row could come back from the table: nothing is refused, and no null where none may be."""
    missing = (getattr(entity, column.name) is None for column in table.columns if not column.optional)
    return refusal(table.check, entity) is None and not any(missing)


def plain(column: Column, value: Any, *, staged: bool) -> Any:
    """Return a value as a statement, or a stage, takes it."""
    if isinstance(value, Enum):
        return value.value
    if staged and value is not None and column.type.startswith("numeric"):
        return str(value)
    return value


def in_record(column: Column, value: Any, *, padded: bool) -> Any:
    """Return a value as the driver gives it: a numeric as text, padded with zeros if the column has a scale."""
    if isinstance(value, Decimal) and isinstance(column.kind, FixedPoint):
        return f"{value:.{column.kind.places}f}" if padded else f"{value:f}"
    return plain(column, value, staged=True)


@EVERY_TABLE
@few(20)
@given(data=st.data())
def test_an_entity_is_encoded_or_refused_as_the_table_says(table: Table, data: st.DataObject) -> None:
    """The encoders refuse exactly what ``Table.check`` refuses, in its words, and change nothing but the form."""
    entity = data.draw(rows(table))
    said = refusal(table.check, entity)
    for compiled, staged in ((compile_encoder(table), False), (compile_stager(table), True)):
        assert refusal(compiled, entity) == said
        if said is None:
            encoded = compiled(entity)
            for column, given_value, value in zip(table.columns, table.values_of(entity), encoded, strict=True):
                if not (staged and column.type == "jsonb"):
                    assert exact_form(value) == exact_form(plain(column, given_value, staged=staged))
                if staged and is_staged_as_text(column):
                    assert value is None or type(value) is str


@EVERY_TABLE
@pytest.mark.parametrize("padded", [True, False], ids=["padded", "unpadded"])
@few(20)
@given(data=st.data())
def test_a_record_becomes_the_entity_that_was_stored(table: Table, data: st.DataObject, *, padded: bool) -> None:
    """One by one or in a batch, a row becomes the entity, frozen and equal, also if a numeric column has no scale."""
    entity = table.stored(data.draw(rows(table).filter(lambda row: can_be_stored(table, row))))
    statements = table_statements(table)
    record = [
        in_record(column, value, padded=padded)
        for column, value in zip(table.columns, table.values_of(entity), strict=True)
    ]
    one, (first, second) = statements.hydrate(record), statements.hydrate_all([record, record])
    assert exact_form(one) == exact_form(first) == exact_form(second) == exact_form(entity)
    assert type(one) is type(first) is table.entity
    with pytest.raises(AttributeError):
        setattr(one, table.columns[0].name, None)
    with pytest.raises(AttributeError):
        delattr(first, table.columns[0].name)


@EVERY_TABLE
def test_another_class_is_refused(table: Table) -> None:
    """Whatever is not the table's entity raises TypeError."""
    for compiled in (compile_encoder(table), compile_stager(table)):
        with pytest.raises(TypeError):
            compiled(object())


@pytest.mark.parametrize("stored", ["[" * 5_000 + "]" * 5_000, "9" * 5_000])
async def test_json_that_others_stored_beyond_bounds_is_a_typed_error(database: str, stored: str) -> None:
    """Nested deeper than Python reads it, or with a number of too many digits; the next statement works."""
    async with open_storage(database) as storage:
        data = await World(storage).added(CoinData)
        connection = await asyncpg.connect(database)
        await connection.execute("UPDATE coin_data SET links = $1::text::jsonb", f'{{"a": {stored}}}')
        await connection.close()
        with pytest.raises(
            StorageError,
            match=r"coin_data .* cannot be read: links",
        ):
            await storage.coin_data.get(data.coin_id)
        assert (await storage.coins.get(data.coin_id)).id == data.coin_id
