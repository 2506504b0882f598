"""Serializable transactions: whatever a statement looks at counts as read, also where it writes."""

from collections.abc import Awaitable, Callable
from contextlib import nullcontext, suppress
from decimal import Decimal
from typing import Any, Final

import attrs
import pytest

from strongroom.domain.accounts.goal import Goal
from strongroom.domain.accounts.user import User
from strongroom.domain.positions.position import Position
from strongroom.domain.transactions.block_header import BlockHeader
from strongroom.ports.errors import Conflict, NotFound
from strongroom.ports.repositories.block_header import BY_CHAIN_ABOVE
from strongroom.ports.storage import Isolation, Storage, Transaction
from strongroom.testing.factory import World

Do = Callable[[Transaction, Any], Awaitable[object]]


async def by_key(transaction: Transaction, header: BlockHeader) -> None:
    """Remove a row that is not there."""
    with suppress(NotFound):
        await transaction.block_headers.remove((header.chain_id, header.number))


async def updated(transaction: Transaction, position: Position) -> None:
    """Update a row that is not there."""
    with suppress(NotFound):
        await transaction.positions.update(position)


async def valued(transaction: Transaction, position: Position) -> None:
    """Value a row that is not there."""
    with suppress(NotFound):
        await transaction.positions.update_valuation(position.id, Decimal(1))


async def held(transaction: Transaction, position: Position) -> None:
    """Hold a row that is not there."""
    with suppress(NotFound):
        await transaction.positions.lock(position.id)


LOOKS: Final[dict[str, tuple[type, Do]]] = {
    "remove_where": (BlockHeader, lambda tx, row: tx.block_headers.remove_where(BY_CHAIN_ABOVE, row.chain_id, 0)),
    "remove": (BlockHeader, by_key),
    "update": (Position, updated),
    "update_valuation": (Position, valued),
    "hold": (Position, held),
    "get_many": (BlockHeader, lambda tx, row: tx.block_headers.get_many([(row.chain_id, row.number)])),
    "count": (BlockHeader, lambda tx, _: tx.block_headers.count()),
}


@pytest.mark.parametrize("look", LOOKS)
async def test_looking_up_a_missing_row_counts_as_a_read(storage: Storage, world: World, look: str) -> None:
    """Each of two writes what the other has looked at: no order of both explains that, and the second one fails."""
    entity, do = LOOKS[look]
    row, user = await world.ready(entity), await world.ready(User)
    with pytest.raises(Conflict):
        async with storage.transaction(isolation=Isolation.SERIALIZABLE) as looking:
            async with storage.transaction(isolation=Isolation.SERIALIZABLE) as adding:
                await adding.users.find()
                await do(looking, row)
                await world.repository(entity, adding).add(row)
            await looking.users.add(user)
    assert await world.repository(entity).count() == 1


@pytest.mark.parametrize("same", [True, False])
async def test_referring_to_a_row_counts_as_reading_it(storage: Storage, world: World, *, same: bool) -> None:
    """Who changes what is referred to meanwhile, and has missed the one who refers, makes that one fail."""
    position, other, third = await world.ready(Position), await world.added(User), await world.added(User)
    changed = await storage.users.get(position.user_id) if same else other
    with pytest.raises(Conflict) if same else nullcontext():
        async with storage.transaction(isolation=Isolation.SERIALIZABLE) as referring:
            async with storage.transaction(isolation=Isolation.SERIALIZABLE) as changing:
                await changing.goals.find()
                await referring.positions.add(position)
                await changing.users.update(attrs.evolve(changed, display_name="changed"))
            await referring.goals.add(await world.ready(Goal, user_id=third.id))
    assert await storage.positions.count() == (not same)
