"""Transactions: kept together or not at all, savepoints within, and what an error leaves possible."""

import asyncio
from typing import Any, Final

import attrs
import pytest

from strongroom.domain.accounts.goal import Goal
from strongroom.domain.accounts.user import User
from strongroom.domain.accounts.wallet import Wallet
from strongroom.ports.criteria import Criteria, eq
from strongroom.ports.errors import (
    AlreadyExists,
    InvalidValue,
    NotFound,
    ReadOnlyViolation,
    ReferenceMissing,
    StaleVersion,
    TransactionAborted,
    TransactionClosed,
    UnknownField,
)
from strongroom.ports.results import BulkResult
from strongroom.ports.storage import Isolation, Storage
from strongroom.testing.factory import World
from strongroom.testing.model_under_test import model_under_test

MODEL: Final = model_under_test()

NAMED = Criteria((eq("display_name"),))


class Change(Exception):
    """Leaves a transaction."""


async def test_leaving_the_block_commits(storage: Storage, world: World) -> None:
    """What was done in a transaction is kept when it is left, and was seen by itself alone before."""
    async with storage.transaction() as tx:
        user = await tx.users.add(await world.ready(User))
        wallet = await tx.wallets.add(attrs.evolve(await world.ready(Wallet), user_id=user.id))
        assert await tx.wallets.get(wallet.id) == wallet
        assert not await storage.users.exists(user.id)
    assert await storage.users.get(user.id) == user
    assert await storage.wallets.get(wallet.id) == wallet


async def test_an_error_rolls_back(storage: Storage, world: World) -> None:
    """What was done in a transaction that is left by an exception never was: rows, updates, removals, cascades."""
    wallet = await world.added(Wallet)
    kept = await world.added(User, display_name="before", email="kept@example.org")
    with pytest.raises(Change):
        async with storage.transaction() as tx:
            await tx.users.update(attrs.evolve(kept, display_name="after", email=None))
            await tx.users.remove(wallet.user_id)
            await tx.users.bulk_upsert([await world.ready(User, email="kept@example.org")])
            assert not await tx.wallets.exists(wallet.id)
            raise Change
    assert await storage.users.get(kept.id) == kept
    assert await storage.users.find(NAMED, "before") == [kept]
    assert await storage.wallets.get(wallet.id) == wallet
    with pytest.raises(AlreadyExists):
        await world.added(User, email="KEPT@example.org")


async def test_an_error_rolls_back_when_it_was_cancelled(storage: Storage, world: World) -> None:
    """A task that is cancelled within its transaction keeps nothing, and leaves the storage usable."""
    entered = asyncio.Event()

    async def work() -> None:
        async with storage.transaction() as tx:
            await tx.users.add(await world.ready(User))
            entered.set()
            await asyncio.sleep(60)

    task = asyncio.create_task(work())
    await entered.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert await storage.users.count() == 0


async def test_a_savepoint_rolls_back_alone(storage: Storage, world: World) -> None:
    """Leaving a savepoint by an exception undoes what was done in it and in those within, and nothing else."""
    first, second, third, fourth = [await world.ready(User, email=f"{n}@example.org") for n in range(4)]
    async with storage.transaction() as tx:
        await tx.users.add(first)
        with pytest.raises(Change):
            async with tx.transaction() as outer:
                await outer.users.add(second)
                async with outer.transaction() as inner:
                    await inner.users.add(third)
                    await inner.users.update(attrs.evolve(first, display_name="changed"))
                assert await outer.users.count() == 3
                raise Change
        assert await tx.users.find() == [first]
        async with tx.transaction() as again:
            await again.users.add(attrs.evolve(third, id=fourth.id))
    assert sorted(user.id for user in await storage.users.find()) == [first.id, fourth.id]


async def test_an_undone_row_can_be_written_again(storage: Storage, world: World) -> None:
    """What a savepoint undid leaves its key, its unique values and its references free."""
    user, wallet = await world.ready(User, email="a@example.org"), await world.ready(Wallet)
    async with storage.transaction() as tx:
        for _ in range(3):
            with pytest.raises(Change):
                async with tx.transaction() as inner:
                    await inner.users.add(user)
                    await inner.wallets.add(attrs.evolve(wallet, user_id=user.id))
                    raise Change
        with pytest.raises(ReferenceMissing):
            async with tx.transaction() as inner:
                await inner.wallets.add(attrs.evolve(wallet, user_id=user.id))
        await tx.users.add(user)
    assert await storage.users.find(NAMED, user.display_name or "") in ([], [user])
    assert await storage.users.get(user.id) == user
    assert not await storage.wallets.exists(wallet.id)


async def test_a_refused_write_is_undone_by_its_savepoint(storage: Storage, world: World) -> None:
    """An error that the database raised in a savepoint undoes the savepoint; the transaction goes on."""
    taken = await world.added(User)
    async with storage.transaction() as tx:
        first = await tx.users.add(await world.ready(User))
        with pytest.raises(AlreadyExists):
            async with tx.transaction() as inner:
                await inner.users.add(await world.ready(User))
                await inner.users.add(taken)
        second = await tx.users.add(await world.ready(User))
    assert {user.id for user in await storage.users.find()} == {taken.id, first.id, second.id}


async def refused_by_table(world: World, tx: Any) -> None:
    """Have a write refused by the database."""
    with pytest.raises(ReferenceMissing):
        await tx.goals.add(attrs.evolve(await world.ready(Goal), user_id=world.absent_key(User)))


async def test_a_refused_write_aborts_the_transaction(storage: Storage, world: World) -> None:
    """After an error that the database raised everything raises TransactionAborted, and leaving keeps nothing."""
    known = await world.added(User)
    with pytest.raises(TransactionAborted):
        async with storage.transaction() as tx:
            await tx.users.add(await world.ready(User))
            await refused_by_table(world, tx)
            for attempt in (
                lambda: tx.users.get(known.id),
                tx.users.find,
                lambda: tx.users.exists(known.id),
                lambda: tx.users.add(known),
                lambda: tx.users.remove(known.id),
                lambda: tx.users.bulk_upsert([known]),
                lambda: tx.prices.as_of_many([(known.id, known.created_at)]),
                lambda: tx.transaction().__aenter__(),
            ):
                with pytest.raises(TransactionAborted):
                    await attempt()
    users = await storage.users.find()
    assert known in users


async def test_a_swallowed_error_keeps_nothing(storage: Storage, world: World) -> None:
    """A transaction whose error was swallowed raises TransactionAborted when it is left, and keeps nothing."""
    entity = await world.ready(User)
    with pytest.raises(TransactionAborted):
        async with storage.transaction() as tx:
            await tx.users.add(entity)
            await refused_by_table(world, tx)
    assert not await storage.users.exists(entity.id)


async def test_a_swallowed_error_keeps_nothing_of_its_savepoint(storage: Storage, world: World) -> None:
    """A savepoint whose error was swallowed raises TransactionAborted when it is left; the transaction goes on."""
    inside, outside = await world.ready(User), await world.ready(User)
    async with storage.transaction() as tx:
        with pytest.raises(TransactionAborted):
            async with tx.transaction() as inner:
                await inner.users.add(inside)
                await refused_by_table(world, inner)
        await tx.users.add(outside)
    assert not await storage.users.exists(inside.id)
    assert await storage.users.exists(outside.id)


async def test_the_callers_error_wins_over_the_aborted_state(storage: Storage, world: World) -> None:
    """An aborted transaction that is left by an exception raises that exception."""
    with pytest.raises(Change):
        async with storage.transaction() as tx:
            await refused_by_table(world, tx)
            raise Change


async def test_errors_before_the_database_abort_nothing(storage: Storage, world: World) -> None:
    """What storage itself refuses (values, absence, versions, fields) leaves a transaction usable."""
    user = await world.added(User)
    newer = await storage.users.update(user)
    nonsense: Any = "nonsense"
    async with storage.transaction() as tx:
        with pytest.raises(InvalidValue):
            await tx.users.add(MODEL.table_of(User).replaced(newer, display_name="nul\0"))
        for error, attempt in (
            (NotFound, lambda: tx.users.get(world.absent_key(User))),
            (NotFound, lambda: tx.users.remove(world.absent_key(User))),
            (StaleVersion, lambda: tx.users.update(user)),
            (UnknownField, lambda: tx.users.find(Criteria((eq("nonsense"),)), 1)),
            (UnknownField, lambda: tx.users.bulk_upsert([newer], by=("nonsense",))),
            (InvalidValue, lambda: tx.users.find(NAMED, "nul\0")),
            (InvalidValue, lambda: tx.users.get(nonsense)),
            (TypeError, lambda: tx.users.find(NAMED)),
            (TypeError, lambda: tx.users.add(nonsense)),
            (ValueError, lambda: tx.users.page(limit=0)),
        ):
            with pytest.raises(error):
                await attempt()
        await tx.users.update(newer)
    assert (await storage.users.get(user.id)).version == newer.version + 1


async def test_an_ended_transaction_refuses_use(storage: Storage, world: World) -> None:
    """After a transaction or a savepoint was left its repositories raise TransactionClosed."""
    user = await world.added(User)
    async with storage.transaction() as tx:
        async with tx.transaction() as inner:
            await inner.users.get(user.id)
        with pytest.raises(TransactionClosed):
            await inner.users.get(user.id)
        with pytest.raises(TransactionClosed):
            await inner.users.add(await world.ready(User))
        with pytest.raises(TransactionClosed):
            await inner.transaction().__aenter__()
        await tx.users.get(user.id)
    for attempt in (
        lambda: tx.users.get(user.id),
        tx.users.find,
        lambda: tx.users.update(user),
        lambda: tx.users.bulk_upsert([user]),
        lambda: tx.transaction().__aenter__(),
    ):
        with pytest.raises(TransactionClosed):
            await attempt()
    with pytest.raises(TransactionClosed):
        [item async for item in tx.users.stream()]


async def test_a_read_only_transaction_refuses_writes(storage: Storage, world: World) -> None:
    """Every write in a read-only transaction raises ReadOnlyViolation; reads go on in another."""
    user = await world.added(User)
    for attempt in (
        lambda tx: tx.users.add(user),
        lambda tx: tx.users.update(user),
        lambda tx: tx.users.upsert(user),
        lambda tx: tx.users.remove(user.id),
        lambda tx: tx.users.bulk_upsert([user]),
        lambda tx: tx.users.bulk_add_missing([user]),
    ):
        with pytest.raises(ReadOnlyViolation):
            async with storage.transaction(read_only=True) as tx:
                assert await tx.users.get(user.id) == user
                await attempt(tx)
    for isolation in Isolation:
        async with storage.transaction(isolation=isolation, read_only=True) as tx:
            assert await tx.users.find() == [user]


async def test_calls_of_one_transaction_may_be_gathered(storage: Storage, world: World) -> None:
    """Calls made at once within one transaction all succeed, one after another."""
    users = [await world.ready(User) for _ in range(20)]
    async with storage.transaction() as tx:
        await asyncio.gather(*(tx.users.add(user) for user in users))
        found = await asyncio.gather(*(tx.users.get(user.id) for user in users))
        assert found == users
        counts = await asyncio.gather(tx.users.count(), tx.users.bulk_upsert(users), tx.users.count())
        assert list(counts) == [20, BulkResult(unchanged=20), 20]
    assert await storage.users.count() == 20


async def test_many_transactions_run_at_once(storage: Storage, world: World) -> None:
    """Transactions that touch different rows do not hinder each other, however many wait for a connection."""
    users = await world.several(User, 20)

    async def touch(user: User) -> User:
        async with storage.transaction() as tx:
            return await tx.users.update(await tx.users.get(user.id))

    touched = await asyncio.gather(*(touch(user) for user in users))
    assert [user.version for user in touched] == [1] * 20
