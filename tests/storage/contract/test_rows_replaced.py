"""A row that is removed and added again is another row to whoever waited for the first."""

from collections.abc import Awaitable, Callable
from decimal import Decimal
from typing import Any, Final

import attrs
import pytest

from strongroom.domain.positions.position import Position
from strongroom.ports.criteria import Criteria, eq
from strongroom.ports.errors import NotFound, StaleVersion
from strongroom.ports.storage import Storage
from strongroom.testing.factory import World

from .conftest import Blocked

BY_POOL: Final = Criteria(where=(eq("pool_id"),))


async def held(storage: Storage, position: Position) -> None:
    """Hold a position in a transaction of its own."""
    async with storage.transaction() as transaction:
        await transaction.positions.lock(position.id)


WAITING: Final[dict[str, Callable[[Storage, Position], Awaitable[Any]]]] = {
    "remove": lambda storage, position: storage.positions.remove(position.id),
    "update": lambda storage, position: storage.positions.update(position),
    "hold": held,
    "update_valuation": lambda storage, position: storage.positions.update_valuation(position.id, Decimal(1)),
}


@pytest.mark.parametrize("what", WAITING)
async def test_waiting_for_a_replaced_row_raises_not_found(
    storage: Storage, world: World, blocked: Blocked, what: str
) -> None:
    """NotFound, or StaleVersion where a version was awaited; the new row is as it was added."""
    position = await world.added(Position)
    async with storage.transaction() as transaction:
        await transaction.positions.remove(position.id)
        waiting = await blocked(WAITING[what](storage, position))  # type: ignore[arg-type]
        anew = await transaction.positions.add(attrs.evolve(position, pool_id=position.pool_id))
    with pytest.raises(StaleVersion if what == "update" else NotFound):
        await waiting
    assert await storage.positions.find() == [anew]
    assert await storage.position_valuations.count() == 0


async def test_a_removal_by_values_leaves_a_row_that_is_replaced(
    storage: Storage, world: World, blocked: Blocked
) -> None:
    """It removes the others that it has found, and counts them."""
    one = await world.added(Position)
    other = await world.added(Position, pool_id=one.pool_id)
    async with storage.transaction() as transaction:
        await transaction.positions.remove(one.id)
        waiting = await blocked(storage.positions.remove_where(BY_POOL, one.pool_id))
        await transaction.positions.add(one)
    assert await waiting == 1
    assert [row.id for row in await storage.positions.find()] == [one.id]
    assert other.id != one.id


async def test_an_upsert_that_waits_replaces_the_new_row(storage: Storage, world: World, blocked: Blocked) -> None:
    """ON CONFLICT looks again, and finds it."""
    position = await world.added(Position)
    async with storage.transaction() as transaction:
        await transaction.positions.remove(position.id)
        waiting = await blocked(storage.positions.upsert(attrs.evolve(position, value_usd=Decimal(9))))
        await transaction.positions.add(position)
    assert (await waiting).value_usd == 9
    assert await storage.positions.count() == 1
