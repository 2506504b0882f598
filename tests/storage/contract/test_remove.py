"""Removing: what goes along, what stands against it, and what loses its reference."""

from typing import Final

import attrs
import pytest

from strongroom.adapters.mapping.table import ForeignKey, OnDelete, Table
from strongroom.domain.accounts.user import User
from strongroom.domain.accounts.wallet import Wallet
from strongroom.domain.positions.pool import Pool
from strongroom.domain.positions.position import Position
from strongroom.domain.transactions.swap import Swap
from strongroom.ports.errors import NotFound, StillReferenced
from strongroom.testing.comparison import exact_form
from strongroom.testing.factory import World
from strongroom.testing.model_under_test import model_under_test

MODEL: Final = model_under_test()

EVERY_TABLE = pytest.mark.parametrize("table", MODEL.tables, ids=lambda table: table.name)
FOREIGN_KEYS = pytest.mark.parametrize(
    ("table", "key"),
    [(table, key) for table in MODEL.tables for key in table.foreign_keys],
    ids=lambda value: value.name,
)


@EVERY_TABLE
async def test_a_removed_row_is_gone(world: World, table: Table) -> None:
    """``remove`` deletes the row alone; removing it again raises NotFound; it can be added again."""
    row, other = await world.several(table, 2)
    key, repository = table.key_of(row), world.repository(table)
    await repository.remove(key)
    assert not await repository.exists(key)
    assert exact_form(await repository.get(table.key_of(other))) == exact_form(other)
    with pytest.raises(NotFound) as caught:
        await repository.remove(key)
    assert (caught.value.entity, caught.value.key) == (table.label, key)
    assert exact_form(await repository.add(row)) == exact_form(row)


@FOREIGN_KEYS
async def test_references_are_held_on_removal(world: World, table: Table, key: ForeignKey) -> None:
    """Removing a row that others refer to removes them, is refused, or clears the reference, as declared."""
    target = MODEL.table_named(key.target)
    parent = await world.added(target)
    given = {name: getattr(parent, field) for name, field in zip(key.fields, key.target_fields, strict=True)}
    child = await world.added(table, **given)
    bystander = await world.added(table)
    parents, children = world.repository(target), world.repository(table)
    if key.on_delete is OnDelete.RESTRICT:
        with pytest.raises(StillReferenced) as caught:
            await parents.remove(target.key_of(parent))
        assert (caught.value.entity, caught.value.constraint) == (table.label, key.name)
        assert await parents.exists(target.key_of(parent))
        assert exact_form(await children.get(table.key_of(child))) == exact_form(child)
    else:
        await parents.remove(target.key_of(parent))
        if key.on_delete is OnDelete.CASCADE:
            assert not await children.exists(table.key_of(child))
        else:
            cleared = table.replaced(child, **dict.fromkeys(key.fields))
            assert exact_form(await children.get(table.key_of(child))) == exact_form(cleared)
    assert exact_form(await children.get(table.key_of(bystander))) == exact_form(bystander)


async def test_a_refused_removal_keeps_everything(world: World) -> None:
    """Where one reference cascades and another restricts, nothing goes when the removal is refused."""
    user = await world.added(User)
    wallet = await world.added(Wallet, user_id=user.id)
    position = await world.added(Position, user_id=user.id, wallet_id=wallet.id, safe_id=None)
    with pytest.raises(StillReferenced) as caught:
        await world.storage.users.remove(user.id)
    assert (caught.value.entity, caught.value.constraint) in {
        ("Position", "nmt_position_user_id_fkey"),
        ("Position", "nmt_position_wallet_id_fkey"),
    }
    assert await world.storage.wallets.get(wallet.id) == wallet
    assert await world.storage.positions.get(position.id) == position
    await world.storage.positions.remove(position.id)
    await world.storage.users.remove(user.id)
    assert not await world.storage.wallets.exists(wallet.id)


async def test_removal_sees_references_moved_away(world: World) -> None:
    """A row can be removed once its last reference points elsewhere."""
    swap = await world.added(Swap, pool_id=(await world.added(Pool)).id)
    other = await world.added(Pool)
    moved = await world.storage.swaps.update(attrs.evolve(swap, pool_id=other.id))
    await world.storage.pools.remove(swap.pool_id)
    assert await world.storage.swaps.get(swap.id) == moved
    await world.storage.pools.remove(other.id)
    assert (await world.storage.swaps.get(swap.id)).pool_id is None
