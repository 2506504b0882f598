"""Updating and upserting: versions, times, and what a refused write leaves behind."""

from datetime import timedelta
from decimal import Decimal
from typing import Any, Final

import attrs
import pytest

from strongroom.adapters.mapping.table import MAX_VERSION, Table
from strongroom.domain.accounts.goal import Goal
from strongroom.domain.accounts.user import User
from strongroom.domain.accounts.wallet import Wallet
from strongroom.domain.positions.pool import Pool
from strongroom.domain.positions.position_flow import PositionFlow
from strongroom.ports.clock import FixedClock
from strongroom.ports.errors import AlreadyExists, InvalidValue, NotFound, ReferenceMissing, StaleVersion
from strongroom.testing.comparison import exact_form
from strongroom.testing.factory import World, can_change
from strongroom.testing.model_under_test import model_under_test

MODEL: Final = model_under_test()

MUTABLE = pytest.mark.parametrize(
    "table", [table for table in MODEL.tables if can_change(table)], ids=lambda table: table.name
)
VERSIONED = pytest.mark.parametrize(
    "table", [table for table in MODEL.tables if table.versioned], ids=lambda table: table.name
)


def has(table: Table, name: str) -> bool:
    """Say whether a table has a field."""
    return any(column.name == name for column in table.columns)


@MUTABLE
async def test_an_update_replaces_the_row(world: World, clock: FixedClock, table: Table) -> None:
    """``update`` stores the entity with the next version and the clock's time, and returns it so."""
    stored = await world.added(table)
    other = await world.added(table)
    clock.time += timedelta(hours=1)
    changed = world.changed(stored)
    updated = await world.repository(table).update(changed)
    own: dict[str, Any] = {"version": stored.version + 1} if table.versioned else {}
    if has(table, "updated_at"):
        own["updated_at"] = clock.now()
    assert exact_form(updated) == exact_form(table.replaced(changed, **own))
    assert exact_form(await world.repository(table).get(table.key_of(stored))) == exact_form(updated)
    assert exact_form(await world.repository(table).get(table.key_of(other))) == exact_form(other)


@MUTABLE
async def test_an_absent_row_is_not_updated(world: World, table: Table) -> None:
    """``update`` of a key that no row has raises NotFound and inserts nothing."""
    entity = await world.ready(table)
    with pytest.raises(NotFound) as caught:
        await world.repository(table).update(entity)
    assert (caught.value.entity, caught.value.key) == (table.label, table.key_of(entity))
    assert not await world.repository(table).exists(table.key_of(entity))


@VERSIONED
async def test_an_update_needs_the_stored_version(world: World, table: Table) -> None:
    """``update`` from another version than the stored one raises StaleVersion with it, and changes nothing."""
    stored = await world.added(table)
    newer = await world.repository(table).update(stored)
    for stale in (stored, table.replaced(stored, version=stored.version + 2)):
        with pytest.raises(StaleVersion) as caught:
            await world.repository(table).update(stale)
        error = caught.value
        assert (error.entity, error.key, error.version) == (table.label, table.key_of(stored), stale.version)
    assert exact_form(await world.repository(table).get(table.key_of(stored))) == exact_form(newer)


@MUTABLE
async def test_an_upsert_inserts_and_replaces(world: World, clock: FixedClock, table: Table) -> None:
    """``upsert`` inserts what is absent; what is there keeps ``created_at`` and gets the next version."""
    entity = await world.ready(table)
    stored = await world.repository(table).upsert(entity)
    assert exact_form(stored) == exact_form(table.stored(entity))
    clock.time += timedelta(hours=1)
    times = {name: clock.now() for name in ("created_at", "updated_at") if has(table, name)}
    changed = world.changed(stored, **times, **({"version": 7} if table.versioned else {}))
    replaced = await world.repository(table).upsert(changed)
    own = {"created_at": stored.created_at} if has(table, "created_at") else {}
    wanted = table.replaced(changed, **own, **({"version": stored.version + 1} if table.versioned else {}))
    assert exact_form(replaced) == exact_form(wanted)
    assert exact_form(await world.repository(table).get(table.key_of(stored))) == exact_form(replaced)


async def test_an_immutable_row_is_not_updated(world: World) -> None:
    """A flow never changes: ``update`` and a replacing ``upsert`` raise InvalidValue naming the rule."""
    flow = await world.added(PositionFlow)
    changed = attrs.evolve(flow, amount_usd=flow.amount_usd + 1)
    for write in (world.storage.position_flows.update, world.storage.position_flows.upsert):
        for entity in (flow, changed):
            with pytest.raises(InvalidValue) as caught:
                await write(entity)
            assert (caught.value.entity, caught.value.constraint) == ("PositionFlow", "nmt_position_flow_immutable")
    assert await world.storage.position_flows.get(flow.id) == flow
    absent = await world.ready(PositionFlow)
    with pytest.raises(NotFound):
        await world.storage.position_flows.update(absent)
    assert await world.storage.position_flows.upsert(absent) == absent


async def test_an_updated_row_is_checked_as_a_new_one(world: World) -> None:
    """``update`` and ``upsert`` hold unique keys, references and checks, and a refused one changes nothing."""
    first, second = await world.several(Wallet, 2)
    for write in (world.storage.wallets.update, world.storage.wallets.upsert):
        with pytest.raises(AlreadyExists) as taken:
            await write(attrs.evolve(second, address=first.address))
        assert taken.value.constraint == "wallet_family_address_key"
        with pytest.raises(ReferenceMissing) as missing:
            await write(attrs.evolve(second, user_id=world.absent_key(User)))
        assert missing.value.constraint == "wallet_user_id_fkey"
        with pytest.raises(InvalidValue) as broken:
            await write(MODEL.table_of(Wallet).replaced(second, address="1" * 32))
        assert broken.value.constraint == "wallet_family_check"
    assert await world.storage.wallets.get(second.id) == second


async def test_a_partial_unique_key_counts_only_its_rows(world: World) -> None:
    """A user has one primary wallet at most, and any number of others; making another primary is refused."""
    primary = await world.added(Wallet, is_primary=True)
    other = await world.added(Wallet, user_id=primary.user_id, is_primary=False)
    await world.added(Wallet, user_id=primary.user_id, is_primary=False)
    with pytest.raises(AlreadyExists) as caught:
        await world.storage.wallets.update(attrs.evolve(other, is_primary=True))
    assert caught.value.constraint == "wallet_user_id_key"
    await world.storage.wallets.update(attrs.evolve(primary, is_primary=False))
    assert (await world.storage.wallets.update(attrs.evolve(other, is_primary=True))).is_primary


async def test_a_freed_unique_value_can_be_reused(world: World) -> None:
    """A value that a row gave up, or that went with the row, is free again at once."""
    first = await world.added(User, email="a@example.org")
    await world.storage.users.update(attrs.evolve(first, email="b@example.org"))
    second = await world.added(User, email="A@example.org")
    await world.storage.users.remove(second.id)
    assert (await world.added(User, email="a@Example.org")).email == "a@Example.org"


async def test_updates_count_versions_up(world: World) -> None:
    """Each update raises the version by one, also one that changes nothing else."""
    pool = await world.added(Pool)
    for number in range(1, 4):
        pool = await world.storage.pools.update(attrs.evolve(pool, tvl_usd=Decimal(number)))
        assert pool.version == number
    assert (await world.storage.pools.update(pool)).version == 4


@pytest.mark.parametrize("write", ["update", "upsert"])
async def test_the_last_version_is_named(world: World, write: str) -> None:
    """A row that has had all versions that its column holds names the field, and stays as it is."""
    goal = await world.added(Goal, version=MAX_VERSION)
    with pytest.raises(InvalidValue, match=r"^Goal\.version: .*2147483647"):
        await getattr(world.storage.goals, write)(goal)
    assert await world.storage.goals.get(goal.id) == goal
