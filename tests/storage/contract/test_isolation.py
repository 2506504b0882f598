"""Transactions side by side: what they see of each other, who waits for whom, and who gives way."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine
from contextlib import asynccontextmanager, suppress
from decimal import Decimal
from typing import Any

import attrs
import pytest

from strongroom.domain.accounts.goal import Goal
from strongroom.domain.accounts.user import User
from strongroom.domain.accounts.wallet import Wallet
from strongroom.domain.positions.pool import Pool
from strongroom.domain.positions.position import Position
from strongroom.ports.errors import (
    AlreadyExists,
    Conflict,
    NotFound,
    ReferenceMissing,
    StaleVersion,
    StillReferenced,
    StorageError,
)
from strongroom.ports.results import BulkResult
from strongroom.ports.storage import Isolation, Storage, Transaction
from strongroom.testing.factory import World

Blocked = Callable[[Coroutine[Any, Any, Any]], Awaitable["asyncio.Task[Any]"]]
SNAPSHOTS = pytest.mark.parametrize(
    "isolation", [Isolation.REPEATABLE_READ, Isolation.SERIALIZABLE], ids=lambda isolation: isolation.name
)


ENDS = pytest.mark.parametrize("end", ["commits", "rolls back"])


class Change(Exception):
    """Leaves a transaction."""


@asynccontextmanager
async def transaction(storage: Storage, end: str) -> AsyncIterator[Transaction]:
    """Open a transaction that ends as said."""
    with suppress(Change):
        async with storage.transaction() as tx:
            yield tx
            if end == "rolls back":
                raise Change


async def test_read_committed_sees_commits_between_statements(storage: Storage, world: World) -> None:
    """A read-committed transaction sees what others committed since its last statement, never what they have not."""
    user = await world.added(User)
    async with storage.transaction() as tx:
        assert await tx.users.get(user.id) == user
        async with storage.transaction() as other:
            changed = await other.users.update(attrs.evolve(user, display_name="changed"))
            added = await other.users.add(await world.ready(User))
            assert await tx.users.find() == [user]
        assert await tx.users.find() == [changed, added]


@SNAPSHOTS
async def test_a_snapshot_does_not_change(storage: Storage, world: World, isolation: Isolation) -> None:
    """A transaction of a higher isolation sees what was committed at its first statement, and what it wrote itself."""
    user, gone = await world.several(User, 2)
    async with storage.transaction(isolation=isolation) as tx:
        early = await world.added(User)
        assert await tx.users.find() == [user, gone, early]
        await storage.users.update(attrs.evolve(user, display_name="changed"))
        await storage.users.remove(gone.id)
        late = await world.added(User)
        assert await tx.users.find() == [user, gone, early]
        assert await tx.users.get(gone.id) == gone
        assert not await tx.users.exists(late.id)
        assert await tx.users.count() == 3
        own = await tx.users.add(await world.ready(User))
        assert [row async for row in tx.users.stream()] == [user, gone, early, own]
    assert {row.id for row in await storage.users.find()} == {user.id, early.id, late.id, own.id}


@SNAPSHOTS
@pytest.mark.parametrize("method", ["update", "upsert", "remove", "bulk_upsert"])
async def test_a_row_changed_since_the_snapshot_conflicts(
    storage: Storage, world: World, isolation: Isolation, method: str
) -> None:
    """Writing a row that another transaction changed after the snapshot raises Conflict, which may be run again."""
    user = await world.added(User)
    changed = attrs.evolve(user, display_name="mine")
    with pytest.raises(Conflict) as caught:
        async with storage.transaction(isolation=isolation) as tx:
            await tx.users.get(user.id)
            theirs = await storage.users.update(attrs.evolve(user, display_name="theirs"))
            argument = {"remove": user.id, "bulk_upsert": [changed]}.get(method, changed)
            await getattr(tx.users, method)(argument)
    assert caught.value.retryable
    assert await storage.users.get(user.id) == theirs


async def test_a_version_prevents_lost_updates(storage: Storage, world: World) -> None:
    """Of two updates from the same version the second raises StaleVersion, also when it had to wait for the first."""
    pool = await world.added(Pool)
    async with storage.transaction() as tx:
        mine = await tx.pools.get(pool.id)
        theirs = await storage.pools.update(attrs.evolve(pool, tvl_usd=Decimal(5)))
        with pytest.raises(StaleVersion):
            await tx.pools.update(attrs.evolve(mine, tvl_usd=Decimal(6)))
    assert await storage.pools.get(pool.id) == theirs


async def test_a_second_writer_waits_and_finds_a_newer_version(
    storage: Storage, world: World, blocked: Blocked
) -> None:
    """A writer waits for the one before it, then judges the row as that one left it."""
    pool = await world.added(Pool)
    async with storage.transaction() as tx:
        first = await tx.pools.update(attrs.evolve(pool, tvl_usd=Decimal(5)))
        task = await blocked(storage.pools.update(attrs.evolve(pool, tvl_usd=Decimal(6))))
    with pytest.raises(StaleVersion):
        await task
    assert await storage.pools.get(pool.id) == first


async def test_a_second_writer_proceeds_after_a_rollback(storage: Storage, world: World, blocked: Blocked) -> None:
    """A writer that waited goes on when the transaction before it rolled back."""
    pool = await world.added(Pool)
    async with transaction(storage, "rolls back") as tx:
        await tx.pools.update(attrs.evolve(pool, tvl_usd=Decimal(5)))
        task = await blocked(storage.pools.update(attrs.evolve(pool, tvl_usd=Decimal(6))))
    updated = await task
    assert (updated.version, updated.tvl_usd) == (1, Decimal(6))


async def test_a_rolled_back_savepoint_lets_others_go_on(storage: Storage, world: World, blocked: Blocked) -> None:
    """Rolling back to a savepoint gives back the rows locked within it, while the transaction is still open."""
    pool = await world.added(Pool)
    async with storage.transaction() as tx:
        inner = tx.transaction()
        savepoint = await inner.__aenter__()
        await savepoint.pools.update(attrs.evolve(pool, tvl_usd=Decimal(5)))
        task = await blocked(storage.pools.update(attrs.evolve(pool, tvl_usd=Decimal(6))))
        await inner.__aexit__(Change, Change(), None)
        assert (await task).tvl_usd == Decimal(6)


async def test_a_removed_row_is_not_found_after_waiting(storage: Storage, world: World, blocked: Blocked) -> None:
    """A writer that waited for a removal finds no row, and for an update finds the row to remove."""
    pool, other = await world.several(Pool, 2)
    async with storage.transaction() as tx:
        await tx.pools.remove(pool.id)
        removing = await blocked(storage.pools.remove(pool.id))
    with pytest.raises(NotFound):
        await removing
    async with storage.transaction() as tx:
        await tx.pools.update(other)
        removing = await blocked(storage.pools.remove(other.id))
    await removing
    assert await storage.pools.count() == 0


@pytest.mark.parametrize("same", ["key", "unique"])
@ENDS
async def test_a_second_insert_waits(storage: Storage, world: World, blocked: Blocked, same: str, end: str) -> None:
    """Adding what another transaction is adding waits for it: AlreadyExists when it commits, added when it does not."""
    first = await world.ready(User, email="a@example.org")
    second = (
        attrs.evolve(first, email="b@example.org") if same == "key" else await world.ready(User, email="A@example.org")
    )
    async with transaction(storage, end) as tx:
        await tx.users.add(first)
        task = await blocked(storage.users.add(second))
    if end == "commits":
        with pytest.raises(AlreadyExists) as caught:
            await task
        assert caught.value.constraint == ("user_pkey" if same == "key" else "user_email_key")
        assert await storage.users.find() == [first]
    else:
        assert await task == second
        assert await storage.users.find() == [second]


@pytest.mark.parametrize("method", ["upsert", "bulk_upsert", "bulk_add_missing"])
async def test_upserts_wait_for_an_insert_and_take_its_row(
    storage: Storage, world: World, blocked: Blocked, method: str
) -> None:
    """An upsert of what another transaction is adding waits, then replaces (or leaves) the row that was committed."""
    pool = await world.ready(Pool)
    changed = attrs.evolve(pool, name="changed")
    async with storage.transaction() as tx:
        await tx.pools.add(pool)
        task = await blocked(getattr(storage.pools, method)(changed if method == "upsert" else [changed]))
    result = await task
    stored = await storage.pools.get(pool.id)
    if method == "bulk_add_missing":
        assert (result, stored) == (BulkResult(unchanged=1), pool)
    else:
        assert (stored.name, stored.version) == ("changed", 1)
        assert result in (stored, BulkResult(updated=1))


async def test_a_referenced_row_waits_to_be_removed(storage: Storage, world: World, blocked: Blocked) -> None:
    """Removing a row waits for a transaction that adds a reference to it, and is refused when that commits."""
    pool = await world.added(Pool)
    position = await world.ready(Position, pool_id=pool.id)
    async with storage.transaction() as tx:
        await tx.positions.add(position)
        task = await blocked(storage.pools.remove(pool.id))
    with pytest.raises(StillReferenced) as caught:
        await task
    assert caught.value.constraint == "nmt_position_pool_id_fkey"


@ENDS
async def test_a_reference_waits_for_a_removal(storage: Storage, world: World, blocked: Blocked, end: str) -> None:
    """Adding a reference to a row waits for a transaction that removes it: ReferenceMissing when that commits."""
    pool = await world.added(Pool)
    position = await world.ready(Position, pool_id=pool.id)
    async with transaction(storage, end) as tx:
        await tx.pools.remove(pool.id)
        task = await blocked(storage.positions.add(position))
    if end == "commits":
        with pytest.raises(ReferenceMissing):
            await task
    else:
        assert await task == position


async def test_a_referenced_row_may_be_updated_meanwhile(storage: Storage, world: World) -> None:
    """Adding a reference does not hinder others from updating the row that it refers to, nor the other way round."""
    user = await world.added(User)
    async with storage.transaction() as tx:
        await tx.goals.add(await world.ready(Goal, user_id=user.id))
        user = await storage.users.update(attrs.evolve(user, display_name="changed"))
    async with storage.transaction() as tx:
        await tx.users.update(user)
        await world.added(Goal, user_id=user.id)


async def test_a_cascade_waits_for_a_writer(storage: Storage, world: World, blocked: Blocked) -> None:
    """Removing a row waits for a transaction that writes a row that goes along."""
    wallet = await world.added(Wallet)
    async with storage.transaction() as tx:
        await tx.wallets.update(attrs.evolve(wallet, label="changed"))
        task = await blocked(storage.users.remove(wallet.user_id))
    await task
    assert await storage.wallets.count() == 0


async def test_readers_never_wait(storage: Storage, world: World) -> None:
    """Reading never waits for writers, whatever they hold."""
    user = await world.added(User)
    async with storage.transaction() as tx:
        await tx.users.remove(user.id)
        assert await storage.users.get(user.id) == user
        async with storage.transaction(isolation=Isolation.SERIALIZABLE) as other:
            assert await other.users.find() == [user]


async def test_a_deadlock_aborts_one_transaction(storage: Storage, world: World, blocked: Blocked) -> None:
    """Of two transactions that wait for each other exactly one raises Conflict, and the other commits."""
    one, two = await world.several(Pool, 2)
    halfway: list[asyncio.Event] = [asyncio.Event(), asyncio.Event()]

    async def both(first: Pool, second: Pool, own: int) -> None:
        async with storage.transaction() as tx:
            await tx.pools.update(attrs.evolve(first, name=f"by {own}"))
            halfway[own].set()
            await halfway[1 - own].wait()
            await tx.pools.update(attrs.evolve(second, name=f"by {own}"))

    results = await asyncio.gather(both(one, two, 0), both(two, one, 1), return_exceptions=True)
    assert [type(result) for result in results if result is not None] == [Conflict]
    winner = results.index(None)
    assert [pool.name for pool in await storage.pools.find()] == [f"by {winner}"] * 2


@pytest.mark.parametrize("isolation", Isolation, ids=lambda isolation: isolation.name)
async def test_write_skew(storage: Storage, world: World, isolation: Isolation) -> None:
    """Of two transactions that each change what the other read both commit; serializable, exactly one does."""
    one, two = await world.several(User, 2)

    async def swap(reads: User, writes: User, ready: asyncio.Event, other: asyncio.Event) -> None:
        async with storage.transaction(isolation=isolation) as tx:
            await tx.users.get(reads.id)
            ready.set()
            await other.wait()
            await tx.users.update(attrs.evolve(writes, display_name=reads.display_name))

    events = asyncio.Event(), asyncio.Event()
    results = await asyncio.gather(swap(one, two, *events), swap(two, one, *reversed(events)), return_exceptions=True)
    failed = [type(result) for result in results if result is not None]
    assert failed == ([Conflict] if isolation is Isolation.SERIALIZABLE else [])


async def test_a_conflict_may_come_with_the_commit(storage: Storage, world: World) -> None:
    """A serializable transaction that contradicts one committed before raises Conflict, at the latest when left."""
    users = await world.several(User, 2)
    with pytest.raises(Conflict):
        async with storage.transaction(isolation=Isolation.SERIALIZABLE) as tx:
            assert await tx.users.count() == 2
            async with storage.transaction(isolation=Isolation.SERIALIZABLE) as other:
                assert await other.users.count() == 2
                await other.users.add(await world.ready(User))
            await tx.users.add(await world.ready(User))
    assert await storage.users.count() == len(users) + 1


async def test_concurrent_counters_lose_no_update(storage: Storage, world: World) -> None:
    """Twenty tasks that each add one through ``run`` add twenty, whatever they have to repeat."""
    pool = await world.added(Pool, tvl_usd=Decimal(0))

    async def add_one(tx: Any) -> None:
        current = await tx.pools.get(pool.id)
        await tx.pools.update(attrs.evolve(current, tvl_usd=current.tvl_usd + 1))

    await asyncio.gather(*(storage.run(add_one, isolation=Isolation.REPEATABLE_READ, attempts=200) for _ in range(20)))
    stored = await storage.pools.get(pool.id)
    assert (stored.tvl_usd, stored.version) == (Decimal(20), 20)


async def test_a_cancelled_writer_stops_waiting(storage: Storage, world: World, blocked: Blocked) -> None:
    """A call that is cancelled while it waits changes nothing, and the storage goes on."""
    pool = await world.added(Pool)
    async with storage.transaction() as tx:
        first = await tx.pools.update(attrs.evolve(pool, name="first"))
        task = await blocked(storage.pools.update(attrs.evolve(pool, name="second")))
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
    assert await storage.pools.get(pool.id) == first
    assert (await storage.pools.update(first)).version == 2


async def test_an_error_after_waiting_aborts_the_waiter_alone(storage: Storage, world: World, blocked: Blocked) -> None:
    """A waiting transaction that loses is aborted; the one it waited for is not."""
    user = await world.ready(User)
    with pytest.raises(StorageError):
        async with storage.transaction() as second:
            async with storage.transaction() as first:
                await first.users.add(user)
                task = await blocked(second.users.add(user))
            await task
    assert await storage.users.find() == [user]


async def test_an_aborted_transaction_blocks_nobody(storage: Storage, world: World) -> None:
    """What a transaction locked is free as soon as a statement of it was refused, before it is left."""
    pool, user = await world.added(Pool), await world.added(User)
    aborted = storage.transaction()
    tx = await aborted.__aenter__()
    await tx.pools.update(pool)
    with pytest.raises(AlreadyExists):
        await tx.users.add(user)
    assert (await storage.pools.update(attrs.evolve(pool, name="changed"))).name == "changed"
    await aborted.__aexit__(Change, Change(), None)


@SNAPSHOTS
async def test_a_reference_to_a_row_that_got_another_key_conflicts(
    storage: Storage, world: World, isolation: Isolation
) -> None:
    """Referring to a row whose unique values were changed, or which was removed, after the snapshot raises Conflict."""
    pools = await world.several(Pool, 2)
    positions = [await world.ready(Position, pool_id=pool.id) for pool in pools]
    for position, change in zip(
        positions,
        (
            lambda: storage.pools.update(attrs.evolve(pools[0], address="0x" + "e" * 40)),
            lambda: storage.pools.remove(pools[1].id),
        ),
        strict=True,
    ):
        with pytest.raises(Conflict):
            async with storage.transaction(isolation=isolation) as tx:
                await tx.users.count()
                await change()
                await tx.positions.add(position)
