"""What a statement has done while it waits, and what a row written twice refers to: seen by other transactions."""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any

import pytest
from attrs import evolve

from strongroom.domain.accounts.user import User
from strongroom.domain.accounts.wallet import Wallet
from strongroom.domain.chat.chat import Chat
from strongroom.ports.errors import AlreadyExists, Conflict, NotFound, ReferenceMissing, StillReferenced
from strongroom.ports.results import BulkResult
from strongroom.ports.storage import Isolation, Storage, Transaction
from strongroom.testing.factory import World

Blocked = Callable[[Coroutine[Any, Any, Any]], Awaitable["asyncio.Task[Any]"]]


async def test_a_row_written_twice_locks_what_it_refers_to(storage: Storage, world: World, blocked: Blocked) -> None:
    """A second update within a transaction judges all references again, and so keeps their rows from being removed."""
    user = await world.added(User)
    chat = await world.added(Chat, created_by=user.id)
    async with storage.transaction() as tx:
        await tx.chats.update(evolve(chat, title="one"))
        await tx.chats.update(evolve(chat, title="two"))
        removal = await blocked(storage.users.remove(user.id))
    with pytest.raises(StillReferenced):
        await removal


async def test_a_row_that_is_referenced_cannot_be_removed_while_the_reference_changes(
    storage: Storage, world: World
) -> None:
    """A removal is refused at once, without waiting, if one open update leaves the reference as it was."""
    user = await world.added(User)
    chat = await world.added(Chat, created_by=user.id)
    async with storage.transaction() as tx:
        await tx.chats.update(evolve(chat, title="one"))
        with pytest.raises(StillReferenced):
            await storage.users.remove(user.id)


async def test_a_second_write_can_deadlock_with_a_cascade(storage: Storage, world: World, blocked: Blocked) -> None:
    """A removal that waits for a row it deletes, and that row's writer, who needs the removed row: one is aborted."""
    wallet = await world.added(Wallet)
    async with storage.transaction() as tx:
        await tx.wallets.update(evolve(wallet, label="one"))
        removal = await blocked(storage.users.remove(wallet.user_id))
        try:
            async with tx.transaction() as savepoint:
                await savepoint.wallets.update(evolve(wallet, label="two"))
        except Conflict:  # PostgreSQL aborts whoever's deadlock_timeout ends first: on a busy machine this one
            updated = False
        else:
            updated = True
    if updated:
        with pytest.raises(Conflict):
            await removal
    else:
        await removal
    assert [each.label for each in await storage.wallets.find()] == (["two"] if updated else [])


async def test_a_reference_to_a_row_that_was_replaced_is_missing(
    storage: Storage, world: World, blocked: Blocked
) -> None:
    """Who waits to refer to a row that is removed and added anew is refused: it waited for another row."""
    user = await world.added(User)
    wallet = await world.ready(Wallet, user_id=user.id)
    async with storage.transaction() as tx:
        await tx.users.remove(user.id)
        await tx.users.add(user)
        adding = await blocked(storage.wallets.add(wallet))
    with pytest.raises(ReferenceMissing):
        await adding
    assert await storage.wallets.add(wallet) == wallet


async def test_others_wait_for_what_a_waiting_statement_has_removed(
    storage: Storage, world: World, blocked: Blocked
) -> None:
    """A row that a waiting removal has deleted is neither there nor gone for others: they wait for it."""
    user = await world.added(User)
    wallet = await world.added(Wallet, user_id=user.id)
    async with storage.transaction() as tx:
        await tx.wallets.update(evolve(wallet, label="one"))
        removal = await blocked(storage.users.remove(user.id))
        adding = await blocked(storage.users.bulk_add_missing([user]))
    await removal
    assert await adding == BulkResult(inserted=1)
    assert (await storage.users.count(), await storage.wallets.count()) == (1, 0)


async def test_a_waiting_update_keeps_the_value_that_it_gives_up(
    storage: Storage, world: World, blocked: Blocked
) -> None:
    """Who adds the unique value that a waiting update gives up waits for it; of the two exactly one is aborted."""
    one, two = await world.added(User, email="1@x"), await world.added(User, email="2@x")
    three = await world.ready(User, email="1@x")

    async def add(tx: Transaction) -> None:
        async with tx.transaction() as savepoint:
            await savepoint.users.add(three)

    async with storage.transaction() as tx:
        await tx.users.remove(two.id)
        update = await blocked(storage.users.upsert(evolve(one, email="2@x")))
        with pytest.raises((AlreadyExists, Conflict)) as refused:
            await add(tx)
    if refused.type is AlreadyExists:
        with pytest.raises(Conflict):
            await update
    else:  # PostgreSQL aborts whoever's deadlock_timeout ends first: on a busy machine that may be the other
        await update
    email = "1@x" if refused.type is AlreadyExists else "2@x"
    assert [user.email for user in await storage.users.find()] == [email]


async def test_a_snapshot_shows_a_removed_row_beside_its_successor(storage: Storage, world: World) -> None:
    """A snapshot sees a row removed since, and its own new row under that key: both, the old one first."""
    user = await world.added(User, display_name="old")
    with pytest.raises(Conflict):
        async with storage.transaction(isolation=Isolation.REPEATABLE_READ) as tx:
            await tx.users.count()
            await storage.users.remove(user.id)
            new = await tx.users.add(evolve(user, display_name="new"))
            assert await tx.users.find() == [user, new]
            assert await tx.users.count() == 2
            assert await tx.users.get(user.id) == user
            await tx.users.remove(user.id)
    with pytest.raises(NotFound):
        await storage.users.get(user.id)
