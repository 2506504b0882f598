"""Changes as they happen: what is committed is told to whoever subscribed, and nothing else is."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from decimal import Decimal
from typing import Any, Final

import attrs
import pytest

from strongroom.adapters.mapping.announcements import ANNOUNCEMENTS
from strongroom.adapters.mapping.platform import PLATFORM
from strongroom.domain.chat.message import Message
from strongroom.domain.positions.position import Position
from strongroom.domain.positions.position_valuation import PositionValuation
from strongroom.ports.change_feed import Change, MayHaveMissed, MessageAdded, PositionValued
from strongroom.ports.errors import AlreadyExists, StorageClosed
from strongroom.ports.storage import Storage
from strongroom.testing.factory import World
from strongroom.testing.model_under_test import model_under_test

MODEL: Final = model_under_test()

WAIT_SECONDS = 10
every_announced = pytest.mark.parametrize("entity", [PLATFORM.table_named(name).entity for name in ANNOUNCEMENTS])


def told_of(entity: Any) -> Change:
    """Return what is told of an entity."""
    return ANNOUNCEMENTS[MODEL.table_of(type(entity)).name].from_row(entity)


async def read(changes: AsyncIterator[Change], number: int) -> list[Change]:
    """Return the next so many changes."""
    async with asyncio.timeout(WAIT_SECONDS):
        return [await anext(changes) for _ in range(number)]


async def read_all(changes: AsyncIterator[Change], world: World) -> list[Change]:
    """Return the changes that were committed so far: those before the one that is made now."""
    last = told_of(await world.added(PositionValuation))
    told = []
    while (change := (await read(changes, 1))[0]) != last:
        told.append(change)
    return told


@every_announced
async def test_added_rows_are_announced(storage: Storage, world: World, entity: type) -> None:
    """A row that was added is told, and can be read by whoever is told."""
    ready = await world.ready(entity)
    async with storage.changes.subscribe() as changes:
        added = await world.repository(entity).add(ready)
        assert await read(changes, 1) == [told_of(added)]
        assert await world.repository(entity).get(MODEL.table_of(entity).key_of(added)) == added


async def test_an_announcement_identifies_its_row(storage: Storage, world: World) -> None:
    """A message is told by its chat and itself, a valuation by its position and time."""
    message, valuation = await world.ready(Message), await world.ready(PositionValuation)
    async with storage.changes.subscribe() as changes:
        await world.repository(Message).add(message)
        await world.repository(PositionValuation).add(valuation)
        assert await read(changes, 2) == [
            MessageAdded(message.chat_id, message.id),
            PositionValued(valuation.position_id, valuation.at),
        ]


async def test_a_change_is_announced_after_its_commit(storage: Storage, world: World) -> None:
    """Nothing is told of a transaction that is open; all of it is once it has ended, in the order of insertion."""
    ready = [await world.ready(PositionValuation) for _ in range(3)]
    async with storage.changes.subscribe() as changes:
        async with storage.transaction() as tx:
            for valuation in ready:
                await tx.position_valuations.add(valuation)
            between = told_of(await world.added(PositionValuation))
            assert await read(changes, 1) == [between]
        assert await read(changes, 3) == [told_of(valuation) for valuation in ready]


async def test_transactions_are_announced_in_commit_order(storage: Storage, world: World) -> None:
    """What was inserted first is told last where its transaction commits last."""
    first, second = await world.ready(Message), await world.ready(PositionValuation)
    async with storage.changes.subscribe() as changes:
        async with storage.transaction() as tx:
            await world.repository(Message, tx).add(first)
            async with storage.transaction() as other:
                await other.position_valuations.add(second)
        assert await read(changes, 2) == [told_of(second), told_of(first)]


@every_announced
async def test_a_rolled_back_row_is_not_announced(storage: Storage, world: World, entity: type) -> None:
    """A transaction that is left by an exception tells nothing."""
    ready = await world.ready(entity)
    async with storage.changes.subscribe() as changes:
        with pytest.raises(KeyError):
            async with storage.transaction() as tx:
                await world.repository(entity, tx).add(ready)
                raise KeyError
        assert await read_all(changes, world) == []


@every_announced
async def test_a_rolled_back_savepoint_is_not_announced(storage: Storage, world: World, entity: type) -> None:
    """What a savepoint undid is not told; what its transaction did before and after is."""
    before, within, deeper, after = [await world.ready(entity) for _ in range(4)]
    async with storage.changes.subscribe() as changes:
        async with storage.transaction() as tx:
            await world.repository(entity, tx).add(before)
            with pytest.raises(KeyError):
                async with tx.transaction() as savepoint:
                    await world.repository(entity, savepoint).add(within)
                    async with savepoint.transaction() as inner:
                        await world.repository(entity, inner).add(deeper)
                    raise KeyError
            async with tx.transaction() as savepoint:
                await world.repository(entity, savepoint).add(after)
        assert await read_all(changes, world) == [told_of(before), told_of(after)]


@every_announced
async def test_a_refused_statement_is_not_announced(storage: Storage, world: World, entity: type) -> None:
    """A row that is there already is no news, nor are the rows that came in the same statement."""
    there, new = await world.added(entity), await world.ready(entity)
    async with storage.changes.subscribe() as changes:
        with pytest.raises(AlreadyExists):
            await world.repository(entity).add(there)
        assert (await world.repository(entity).bulk_add_missing([there])).inserted == 0
        async with storage.transaction() as tx:
            with pytest.raises(AlreadyExists):
                async with tx.transaction() as savepoint:
                    await world.repository(entity, savepoint).add(new)
                    await world.repository(entity, savepoint).add(there)
        assert await read_all(changes, world) == []


@every_announced
async def test_updates_and_removals_are_not_announced(storage: Storage, world: World, entity: type) -> None:
    """An update, an upsert of a stored row, and a removal are no new rows."""
    there = await world.added(entity)
    repository = world.repository(entity)
    async with storage.changes.subscribe() as changes:
        await repository.update(world.changed(there))
        await repository.upsert(world.changed(there))
        await repository.bulk_upsert([world.changed(there)])
        await repository.remove(MODEL.table_of(entity).key_of(there))
        assert await read_all(changes, world) == []


@every_announced
async def test_every_way_to_add_announces(storage: Storage, world: World, entity: type) -> None:
    """``add``, ``upsert``, ``bulk_upsert`` and ``bulk_add_missing`` tell of the new rows alone."""
    there = await world.added(entity)
    ready = [await world.ready(entity) for _ in range(6)]
    repository = world.repository(entity)
    async with storage.changes.subscribe() as changes:
        await repository.add(ready[0])
        await repository.upsert(ready[1])
        await repository.bulk_upsert([ready[2], world.changed(there), ready[3]])
        await repository.bulk_add_missing([ready[4], there, ready[5], ready[4]])
        assert await read(changes, 6) == [told_of(row) for row in ready]


@every_announced
async def test_a_row_added_again_is_announced_again(storage: Storage, world: World, entity: type) -> None:
    """Every insertion is told, also of the same row within one transaction, and when it is gone at the end."""
    there, ready = await world.added(entity), await world.ready(entity)
    key_of = MODEL.table_of(entity).key_of
    async with storage.changes.subscribe() as changes:
        async with storage.transaction() as tx:
            repository = world.repository(entity, tx)
            await repository.remove(key_of(there))
            await repository.add(there)
            for _ in range(2):
                await repository.add(ready)
                await repository.remove(key_of(ready))
        assert await read_all(changes, world) == [told_of(there), told_of(ready), told_of(ready)]


async def test_ten_thousand_valuations_of_one_bulk_are_announced(storage: Storage, world: World) -> None:
    """However many rows a statement adds, each is told once, in the order in which they were given."""
    first = await world.ready(PositionValuation)
    rows = [attrs.evolve(first, at=first.at + timedelta(minutes=number)) for number in range(10_000)]
    async with storage.changes.subscribe() as changes:
        await storage.position_valuations.bulk_add_missing(rows)
        assert await read(changes, len(rows)) == [told_of(row) for row in rows]


async def test_update_valuation_announces(storage: Storage, world: World) -> None:
    """A valuation that is written together with its position is told like any other."""
    position = await world.added(Position)
    at = position.opened_at + timedelta(days=1)
    async with storage.changes.subscribe() as changes:
        await storage.positions.update_valuation(position.id, Decimal(7), at=at)
        assert await read(changes, 1) == [PositionValued(position.id, at)]


async def test_every_subscriber_receives_every_change(storage: Storage, world: World) -> None:
    """Two subscribers hear the same; one that comes later hears what is committed from then on."""
    async with storage.changes.subscribe() as early:
        first = told_of(await world.added(PositionValuation))
        async with storage.changes.subscribe() as late:
            second = told_of(await world.added(PositionValuation))
            assert await read(late, 1) == [second]
        assert await read(early, 2) == [first, second]


async def test_a_subscriber_that_leaves_changes_nothing_for_others(storage: Storage, world: World) -> None:
    """What comes after one has left is told to those who stay, and to those who come again."""
    async with storage.changes.subscribe() as staying:
        async with storage.changes.subscribe():
            first = told_of(await world.added(PositionValuation))
        second = told_of(await world.added(PositionValuation))
        assert await read(staying, 2) == [first, second]
    await world.added(PositionValuation)
    async with storage.changes.subscribe() as again:
        third = told_of(await world.added(PositionValuation))
        assert await read(again, 1) == [third]


async def test_a_subscriber_that_is_cancelled_leaves(storage: Storage, world: World) -> None:
    """A task that waits for changes can be cancelled, and others go on."""
    waiting = asyncio.Event()

    async def wait() -> None:
        async with storage.changes.subscribe() as changes:
            waiting.set()
            await anext(changes)

    async with storage.changes.subscribe() as staying:
        task = asyncio.create_task(wait())
        await waiting.wait()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        change = told_of(await world.added(PositionValuation))
        assert await read(staying, 1) == [change]


async def test_a_subscription_is_to_the_kinds_that_it_names(storage: Storage, world: World) -> None:
    """Who subscribed to messages hears of nothing else."""
    async with storage.changes.subscribe(MessageAdded) as changes:
        await world.added(PositionValuation)
        message = told_of(await world.added(Message))
        assert await read(changes, 1) == [message]


async def test_a_slow_subscriber_receives_may_have_missed(storage: Storage, world: World) -> None:
    """When more wait than the capacity allows, MayHaveMissed stands for all of them; what comes then is told again."""
    rows = [await world.ready(PositionValuation) for _ in range(5)]
    async with storage.changes.subscribe() as others, storage.changes.subscribe(capacity=3) as changes:
        await storage.position_valuations.bulk_add_missing(rows[:4])
        await read(others, 4)
        assert await read(changes, 1) == [MayHaveMissed()]
        await storage.position_valuations.add(rows[4])
        assert await read(changes, 1) == [told_of(rows[4])]


async def test_a_capacity_is_at_least_one(storage: Storage) -> None:
    """A subscription that could hold nothing is refused at once."""
    with pytest.raises(ValueError, match="capacity"):
        storage.changes.subscribe(capacity=0)


async def test_closing_the_storage_ends_the_changes(another_storage: Storage) -> None:
    """Who reads changes comes to their end when the storage is closed; nobody can subscribe afterwards."""
    async with another_storage.changes.subscribe() as changes:
        task = asyncio.create_task(anext(changes, None))
        await asyncio.sleep(0)
        await another_storage.close()
        assert await task is None
        assert [change async for change in changes] == []
    with pytest.raises(StorageClosed):
        async with another_storage.changes.subscribe():
            pass
