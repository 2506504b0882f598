"""Adding: what is stored, and in which order a row that breaks several rules is judged."""

import itertools
import re
from typing import Any, Final

import pytest

from strongroom.adapters.mapping.columns import Column
from strongroom.adapters.mapping.table import Check, ForeignKey, Table, Unique, constraint_name
from strongroom.domain.accounts.wallet import Wallet
from strongroom.domain.safes.safe_transaction import SafeTxStatus
from strongroom.domain.values.field_types import Boolean
from strongroom.ports.errors import AlreadyExists, InvalidValue, ReferenceMissing
from strongroom.testing.comparison import exact_form
from strongroom.testing.factory import World
from strongroom.testing.model_under_test import model_under_test
from strongroom.testing.strategies import redraw_refused
from strongroom.testing.values import acceptable_values, refused_values

MODEL: Final = model_under_test()


def _beyond(table: Table) -> set[str]:
    """Return the checks on values that no entity can hold, which are refused before a table sees them."""
    rules = ((column, rule) for column in table.columns for rule in column.rules() if rule.suffix != "check")
    return {constraint_name(table.name, (column.name,), rule.suffix) for column, rule in rules}


EVERY_TABLE = pytest.mark.parametrize("table", MODEL.tables, ids=lambda table: table.name)
UNIQUES = [
    (table, unique)
    for table in MODEL.tables
    for unique in table.uniques[1:]
    if not set(table.key) <= set(unique.fields)  # another row of that value has another key
]
FOREIGN_KEYS = [(table, key) for table in MODEL.tables for key in table.foreign_keys]
REQUIRED = [(table, column) for table in MODEL.tables for column in table.columns if not column.optional]
CHECKS = [(table, check) for table in MODEL.tables for check in table.checks if check.name not in _beyond(table)]


def named(value: Any) -> str | None:
    """Name a case by the rule."""
    return getattr(value, "name", None)


@EVERY_TABLE
async def test_an_added_row_can_be_read(world: World, table: Table) -> None:
    """``add`` returns the entity as stored, and ``get`` returns the same."""
    entity = await world.ready(table)
    stored = await world.repository(table).add(entity)
    assert exact_form(stored) == exact_form(table.stored(entity))
    assert exact_form(await world.repository(table).get(table.key_of(entity))) == exact_form(stored)


@EVERY_TABLE
async def test_a_duplicate_key_is_refused(world: World, table: Table) -> None:
    """Adding a row of the same key raises AlreadyExists, naming the primary key, and changes nothing."""
    entity = await world.added(table)
    with pytest.raises(AlreadyExists) as caught:
        await world.repository(table).add(entity)
    assert (caught.value.entity, caught.value.constraint) == (table.label, f"{table.name}_pkey")
    assert await world.repository(table).count() >= 1
    assert exact_form(await world.repository(table).get(table.key_of(entity))) == exact_form(entity)


@pytest.mark.parametrize(("table", "unique"), UNIQUES, ids=named)
async def test_a_duplicate_unique_value_is_refused(world: World, table: Table, unique: Unique) -> None:
    """Adding a row with another's unique value raises AlreadyExists, naming the unique key."""
    given: dict[str, Any] = {
        name: world.fresh(table.column(name).kind) for name in unique.fields if table.column(name).optional
    }
    if unique.where:
        given.update({column.name: True for column in table.columns if isinstance(column.kind, Boolean)})
    for key in table.foreign_keys:
        given.update(
            dict.fromkeys(given.keys() & set(key.fields), (await world.added(MODEL.table_named(key.target))).id)
        )
    if table.name == "safe_transaction":
        given.update(status=SafeTxStatus.EXECUTED)
    if table.name == "nmt_position_flow":
        given.update(chain_id=1, transaction_hash="0x" + "a" * 64, log_index=1)
    first = await world.added(table, **given)
    same = {**given, **{name: getattr(first, name) for name in unique.fields}}
    with pytest.raises(AlreadyExists) as caught:
        await world.added(table, **same)
    assert (caught.value.entity, caught.value.constraint) == (table.label, unique.name)


@pytest.mark.parametrize(("table", "key"), FOREIGN_KEYS, ids=named)
async def test_a_reference_must_exist(world: World, table: Table, key: ForeignKey) -> None:
    """Adding a row that refers to none raises ReferenceMissing, naming the foreign key, and stores nothing."""
    others = {name for other in table.foreign_keys if other is not key for name in other.fields}
    own = [name for name in key.fields if name not in others] or key.fields
    entity = await world.ready(table, **{name: world.fresh(table.column(name).kind) for name in own})
    with pytest.raises(ReferenceMissing) as caught:
        await world.repository(table).add(entity)
    assert (caught.value.entity, caught.value.constraint) == (table.label, key.name)
    assert not await world.repository(table).exists(table.key_of(entity))


@pytest.mark.parametrize(("table", "column"), REQUIRED, ids=named)
async def test_a_required_field_is_not_null(world: World, table: Table, column: Column) -> None:
    """A null where a value is required raises InvalidValue, naming the field."""
    entity = table.replaced(await world.ready(table), **{column.name: None})
    with pytest.raises(InvalidValue) as caught:
        await world.repository(table).add(entity)
    error = caught.value
    assert (error.entity, error.field, error.constraint) == (table.label, column.name, None)


@pytest.mark.parametrize(("table", "check"), CHECKS, ids=named)
async def test_check_constraints_are_enforced(world: World, table: Table, check: Check) -> None:
    """A row that breaks a rule of the table raises InvalidValue, naming the rule."""
    entity = breaking(table, check, await world.ready(table))
    with pytest.raises(InvalidValue) as caught:
        await world.repository(table).add(entity)
    assert (caught.value.entity, caught.value.constraint) == (table.label, check.name)


def breaking(table: Table, check: Check, entity: Any) -> Any:
    """Return the entity with some fields changed so that the check is the first of the table's that it breaks."""
    words = re.findall(r"\w+", check.sql)
    columns = [column for column in table.columns if column.name in words]
    offers = [
        [
            value
            for value in (None, *refused_values(column.kind), *acceptable_values(column.kind), *table.values_of(entity))
            if not column.encoding_error(value) and (value is not None or column.optional)
        ]
        for column in columns
    ]
    for offer in itertools.product(*offers):
        changes = dict(zip((column.name for column in columns), offer, strict=True))
        if check.holds(table.replaced(entity, **changes)) is not False:
            continue
        others = redraw_refused(
            table, list(table.values_of(table.replaced(entity, **changes))), fixed=frozenset(changes)
        )
        row = table.replaced(table.hydrate(others), **changes)
        verdicts = [(rule.name, rule.holds(row)) for rule in table.checks]
        if next(name for name, verdict in verdicts if verdict is False) == check.name:
            return row
    pytest.fail(f"no {table.label} was found that breaks {check.name}")


async def test_constraints_are_checked_in_order(world: World) -> None:
    """Of several broken rules the first counts: nulls by column, checks by name, unique keys, then foreign keys."""
    table = next(table for table in MODEL.tables if table.entity is Wallet)
    taken = await world.added(Wallet)
    row = table.replaced(
        await world.ready(Wallet),
        id=taken.id,
        user_id=None,
        label=None,
        family=None,
        address="nonsense",
        connected_at=None,
    )
    seen = []
    for mend in (
        {"user_id": world.absent_key(Wallet)},
        {"family": taken.family},
        {"connected_at": taken.connected_at},
        {"address": taken.address},
        {"id": world.absent_key(Wallet)},
        {"address": "0x" + "e" * 40},
        {},
    ):
        with pytest.raises((InvalidValue, AlreadyExists, ReferenceMissing)) as caught:
            await world.storage.wallets.add(row)
        seen.append((getattr(caught.value, "field", None), getattr(caught.value, "constraint", None)))
        row = table.replaced(row, **mend)
    assert seen == [
        ("user_id", None),
        ("family", None),
        ("connected_at", None),
        (None, "wallet_address_check"),
        (None, "wallet_pkey"),
        (None, "wallet_family_address_key"),
        (None, "wallet_user_id_fkey"),
    ]


@EVERY_TABLE
async def test_only_the_repositorys_own_entity_is_taken(world: World, table: Table) -> None:
    """Another class's entity raises TypeError in every writing method."""
    other = await world.ready(MODEL.tables[(MODEL.tables.index(table) + 1) % len(MODEL.tables)])
    repository = world.repository(table)
    for write in (repository.add, repository.update, repository.upsert):
        with pytest.raises(TypeError):
            await write(other)
    for write_all in (repository.bulk_upsert, repository.bulk_add_missing):
        with pytest.raises(TypeError):
            await write_all([other])


async def test_returned_values_are_copies(world: World) -> None:
    """Changing a JSON value that was given or returned changes nothing that is stored."""
    tables = [table for table in MODEL.tables if any(not column.is_comparable for column in table.columns)]
    assert tables
    for table in tables:
        name = next(column.name for column in table.columns if not column.is_comparable)
        given: dict[str, Any] = {"list": [1]}
        entity = await world.ready(table, **{name: given})
        stored = await world.repository(table).add(entity)
        given["list"].append(2)
        getattr(stored, name)["list"].append(3)
        found = await world.repository(table).get(table.key_of(entity))
        assert getattr(found, name) == {"list": [1]}
        getattr(found, name).clear()
        [again] = await world.repository(table).find()
        assert getattr(again, name) == {"list": [1]}
