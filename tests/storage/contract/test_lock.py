"""Holding an entity: it is read as it is now, and nobody else holds or changes it until the transaction ends."""

from typing import Any, Final
from uuid import UUID

import attrs
import pytest

from strongroom.domain.safes.safe_account import SafeAccount
from strongroom.domain.safes.safe_owner import SafeOwner
from strongroom.ports.errors import Conflict, NotFound, ReadOnlyViolation
from strongroom.ports.storage import Isolation, Storage
from strongroom.testing.factory import World
from strongroom.testing.model_under_test import model_under_test

from .conftest import Blocked

MODEL: Final = model_under_test()


async def test_every_table_can_be_locked(storage: Storage, world: World) -> None:
    """``lock`` gives the stored entity, also outside a transaction, where nothing is kept from others."""
    for table in MODEL.tables:
        entity = await world.added(table)
        assert await world.repository(table).lock(table.key_of(entity)) == entity
        with pytest.raises(NotFound) as caught:
            await world.repository(table).lock(world.absent_key(table))
        assert caught.value.entity == table.label


async def test_a_row_is_locked_by_one_at_a_time(storage: Storage, world: World, blocked: Blocked) -> None:
    """Others wait, and find it as it was left; what refers to it is added meanwhile."""
    safe = await world.added(SafeAccount)
    async with storage.transaction() as first:
        assert await first.safes.lock(safe.id) == safe
        await world.added(SafeOwner, safe_id=safe.id)
        changed = await first.safes.update(attrs.evolve(safe, nonce=safe.nonce + 1))
        second = await blocked(_held(storage, safe.id))
    assert await second == changed


async def test_locking_a_changed_row_in_a_snapshot_conflicts(storage: Storage, world: World) -> None:
    """A transaction that still sees it as it was gives way; one that only reads holds nothing."""
    safe = await world.added(SafeAccount)
    with pytest.raises(Conflict):
        async with storage.transaction(isolation=Isolation.REPEATABLE_READ) as transaction:
            assert await transaction.safes.get(safe.id) == safe
            await storage.safes.update(attrs.evolve(safe, nonce=safe.nonce + 1))
            await transaction.safes.lock(safe.id)
    with pytest.raises(ReadOnlyViolation):
        async with storage.transaction(read_only=True) as transaction:
            await transaction.safes.lock(safe.id)


async def _held(storage: Storage, safe_id: UUID) -> Any:
    async with storage.transaction() as transaction:
        return await transaction.safes.lock(safe_id)
