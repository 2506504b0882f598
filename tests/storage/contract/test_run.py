"""Running work again after conflicts, pinging, and closing."""

from typing import Any

import pytest

from strongroom.domain.accounts.user import User
from strongroom.ports.errors import AlreadyExists, Conflict, ReadOnlyViolation, StorageClosed, TransactionAborted
from strongroom.ports.storage import Isolation, Storage
from strongroom.testing.factory import World


async def test_work_is_done_in_a_transaction(storage: Storage, world: World) -> None:
    """``run`` commits what the work did and returns its result."""
    entity = await world.ready(User)
    assert await storage.run(lambda tx: tx.users.add(entity)) == entity
    assert await storage.users.get(entity.id) == entity


async def test_a_conflict_starts_the_work_again(storage: Storage, world: World) -> None:
    """A Conflict rolls back and repeats the work; what came before it is not kept twice."""
    tries: list[int] = []

    async def work(tx: Any) -> int:
        tries.append(len(tries))
        await tx.users.add(await world.ready(User))
        if len(tries) < 3:
            message = "lost"
            raise Conflict(message)
        return len(tries)

    assert await storage.run(work) == 3
    assert await storage.users.count() == 1


async def test_the_last_conflict_is_raised(storage: Storage) -> None:
    """After so many attempts the last Conflict is raised."""
    errors: list[Conflict] = []

    async def work(_tx: Any) -> None:
        errors.append(Conflict(f"lost {len(errors)}"))
        raise errors[-1]

    with pytest.raises(Conflict) as caught:
        await storage.run(work, attempts=3)
    assert len(errors) == 3
    assert caught.value is errors[-1]


async def test_other_errors_are_not_repeated(storage: Storage, world: World) -> None:
    """An error other than Conflict ends the work at once and keeps nothing."""
    taken = await world.added(User)
    tries: list[int] = []

    async def work(tx: Any) -> None:
        tries.append(1)
        await tx.users.add(await world.ready(User))
        await tx.users.add(taken)

    with pytest.raises(AlreadyExists):
        await storage.run(work)
    assert tries == [1]
    assert await storage.users.find() == [taken]


async def test_run_passes_its_options_to_the_transaction(storage: Storage, world: World) -> None:
    """``run`` passes isolation and read-only on; swallowed errors are told."""
    user = await world.added(User)
    with pytest.raises(ReadOnlyViolation):
        await storage.run(lambda tx: tx.users.update(user), read_only=True)

    async def sees_a_snapshot(tx: Any) -> bool:
        await tx.users.count()
        await world.added(User)
        return bool(await tx.users.count() == 1)

    assert await storage.run(sees_a_snapshot, isolation=Isolation.REPEATABLE_READ)

    async def swallows(tx: Any) -> None:
        with pytest.raises(AlreadyExists):
            await tx.users.add(user)

    with pytest.raises(TransactionAborted):
        await storage.run(swallows)


async def test_fewer_than_one_attempt_is_refused(storage: Storage) -> None:
    """Fewer than one attempt raises ValueError."""

    async def work(_tx: Any) -> None:
        pytest.fail("the work was started")

    with pytest.raises(ValueError, match="0"):
        await storage.run(work, attempts=0)


async def test_a_ping_is_answered(storage: Storage) -> None:
    """``ping`` of an open storage returns."""
    await storage.ping()


async def test_a_closed_storage_answers_nothing(another_storage: Storage, world: World) -> None:
    """After ``close`` everything raises StorageClosed; closing twice is closing once."""
    user = await world.ready(User)
    await another_storage.ping()
    await another_storage.close()
    await another_storage.close()
    for attempt in (
        another_storage.ping,
        another_storage.users.find,
        lambda: another_storage.users.get(user.id),
        lambda: another_storage.users.add(user),
        lambda: another_storage.users.bulk_upsert([user]),
        lambda: another_storage.run(lambda tx: tx.users.count()),
        lambda: another_storage.transaction().__aenter__(),
    ):
        with pytest.raises(StorageClosed):
            await attempt()
    with pytest.raises(StorageClosed):
        [row async for row in another_storage.users.stream()]
