"""Safes: whose they are, and everything that decides what they do, in one read."""

from datetime import datetime, timedelta
from typing import Any

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from strongroom.domain.accounts.user import User
from strongroom.domain.protocols.chain import Chain
from strongroom.domain.safes.safe_account import SafeAccount
from strongroom.domain.safes.safe_delegate import SafeDelegate
from strongroom.domain.safes.safe_details import details_at
from strongroom.domain.safes.safe_module import SafeModule
from strongroom.domain.safes.safe_module_permission import SafeModulePermission
from strongroom.domain.safes.safe_owner import SafeOwner
from strongroom.domain.transactions.subscription_plan import SubscriptionPlan
from strongroom.ports.clock import FixedClock
from strongroom.ports.errors import AlreadyExists, InvalidValue, NotFound, ReferenceMissing
from strongroom.ports.repositories.safe_account import CreateSafe
from strongroom.ports.repositories.safe_delegate import CreateSafeDelegate
from strongroom.ports.repositories.safe_discount import CreateSafeDiscount
from strongroom.ports.repositories.safe_module import CreateSafeModule
from strongroom.ports.repositories.safe_module_permission import CreateSafeModulePermission
from strongroom.ports.storage import Storage
from strongroom.testing.factory import START_TIME, World

from .property_settings import RELAXED

ALICE, BOB, CAROL, DAVE = (f"0x{number:040x}" for number in (10, 11, 12, 13))


def minute(number: int) -> datetime:
    """Return the time so many minutes after the morning."""
    return START_TIME + timedelta(minutes=number)


async def test_a_safe_is_created_and_found(storage: Storage, world: World, clock: FixedClock) -> None:
    """A user's Safes come the first added first, a Safe is found by its chain and address, once on a chain."""
    user, chain = await world.added(User), await world.added(Chain)
    command = CreateSafe(
        user_id=user.id, chain_id=chain.id, address=ALICE, threshold=1, singleton_address=BOB, contract_version="1.4.1"
    )
    first = await storage.safes.create(command)
    assert (first.created_at, first.nonce, first.deployed_at) == (clock.now(), 0, None)
    clock.time = minute(1)
    second = await storage.safes.create(attrs.evolve(command, address=CAROL))
    await world.added(SafeAccount)
    assert await storage.safes.find_by_user(user.id) == [first, second]
    assert await storage.safes.find_by_address(chain.id, CAROL) == second
    assert await storage.safes.find_by_address(chain.id, DAVE) is None
    with pytest.raises(AlreadyExists) as caught:
        await storage.safes.create(command)
    assert caught.value.constraint == "safe_account_chain_id_address_key"
    with pytest.raises(ReferenceMissing):
        await storage.safes.create(attrs.evolve(command, address=DAVE, user_id=first.id))
    with pytest.raises(InvalidValue):
        await storage.safes.create(attrs.evolve(command, address=DAVE, threshold=0))


async def test_owners_are_found_from_both_sides(storage: Storage, world: World, clock: FixedClock) -> None:
    """Owners of a Safe, past ones too, the longest there first; the Safes that an address owns at a time."""
    first, second = [await world.added(SafeAccount, created_at=minute(number)) for number in (1, 0)]
    later = await world.added(SafeOwner, safe_id=first.id, owner_address=ALICE, added_at=minute(2), removed_at=None)
    past = await world.added(SafeOwner, safe_id=first.id, owner_address=BOB, added_at=minute(1), removed_at=minute(3))
    other = await world.added(SafeOwner, safe_id=second.id, owner_address=ALICE, added_at=minute(0), removed_at=None)
    assert await storage.safe_owners.find_by_safe(first.id) == [past, later]
    assert await storage.safe_owners.find_by_safe(first.id, include_removed=False) == [later]
    assert await storage.safe_owners.find_by_address(ALICE) == [other, later]
    clock.time = minute(5)
    assert await storage.safes.find_by_owner(ALICE) == [second, first]
    assert await storage.safes.find_by_owner(ALICE, at=minute(1)) == [second]
    assert await storage.safes.find_by_owner(ALICE, limit=1) == [second]
    found = [await storage.safes.find_by_owner(BOB, at=minute(number)) for number in range(4)]
    assert found == [[], [first], [first], []]
    with pytest.raises(InvalidValue):
        await storage.safes.find_by_owner("alice")
    with pytest.raises(InvalidValue):
        await storage.safes.find_by_owner(ALICE, at=datetime(2026, 1, 1))  # noqa: DTZ001 - has no zone


async def test_delegates_are_found_by_safe_delegator_and_delegate(
    storage: Storage, world: World, clock: FixedClock
) -> None:
    """A delegator names a delegate for a Safe once, and for all Safes once."""
    safe = await world.added(SafeAccount)
    command = CreateSafeDelegate(delegate_address=BOB, delegator_address=ALICE, label="for all")
    general = await storage.safe_delegates.create(command)
    clock.time = minute(1)
    own = await storage.safe_delegates.create(attrs.evolve(command, safe_id=safe.id, label="for one"))
    other = await storage.safe_delegates.create(attrs.evolve(command, delegator_address=CAROL))
    for again in (command, attrs.evolve(command, safe_id=safe.id)):
        with pytest.raises(AlreadyExists):
            await storage.safe_delegates.create(again)
    assert await storage.safe_delegates.find_by_safe(safe.id) == [own]
    assert await storage.safe_delegates.find_by_delegator(ALICE) == [general, own]
    assert await storage.safe_delegates.find_by_delegate(BOB) == [general, own, other]
    assert await storage.safe_delegates.find_for_all_safes([ALICE, DAVE]) == [general]
    assert await storage.safe_delegates.find_for_all_safes([]) == []


async def test_modules_and_permissions_are_created_and_found(storage: Storage, world: World) -> None:
    """A Safe has one enabled module at an address; a permission is valid from its start until just before its end."""
    safe = await world.added(SafeAccount)
    command = CreateSafeModule(safe_id=safe.id, module_address=ALICE, name="allowances", enabled_at=minute(0))
    module = await storage.safe_modules.create(command)
    with pytest.raises(AlreadyExists):
        await storage.safe_modules.create(command)
    past = await storage.safe_modules.update(attrs.evolve(module, disabled_at=minute(1)))
    again = await storage.safe_modules.create(attrs.evolve(command, enabled_at=minute(2), config={"limit": 1}))
    assert await storage.safe_modules.find_by_safe(safe.id) == [past, again]
    assert await storage.safe_modules.find_enabled(safe.id) == [again]

    allow = CreateSafeModulePermission(module_id=again.id, target_address=BOB, valid_from=minute(3))
    open_ended = await storage.safe_module_permissions.create(allow)
    ending = await storage.safe_module_permissions.create(
        attrs.evolve(allow, valid_from=minute(2), valid_until=minute(4))
    )
    assert await storage.safe_module_permissions.find_by_module(again.id) == [ending, open_ended]
    valid = [await storage.safe_module_permissions.find_valid(again.id, minute(number)) for number in (1, 2, 3, 4)]
    assert valid == [[], [ending], [ending, open_ended], [open_ended]]
    with pytest.raises(InvalidValue):
        await storage.safe_module_permissions.create(attrs.evolve(allow, valid_until=minute(3)))


async def test_usable_discounts_are_sorted_by_preference(storage: Storage, world: World) -> None:
    """Those of the given Safes, within their window, with uses left, for the plan or for any."""
    safe, other = await world.several(SafeAccount, 2)
    plan, elsewhere = await world.several(SubscriptionPlan, 2)
    command = CreateSafeDiscount(safe_id=safe.id, percent_bps=1000, reason="early", valid_from=minute(0))
    discounts = storage.safe_discounts
    any_plan = await discounts.create(command)
    ending = await discounts.create(attrs.evolve(command, valid_until=minute(5)))
    best = await discounts.create(attrs.evolve(command, percent_bps=2000, plan_id=plan.id, max_uses=1))
    later = await discounts.create(attrs.evolve(command, percent_bps=9000, valid_from=minute(3)))
    foreign = await discounts.create(attrs.evolve(command, safe_id=other.id, percent_bps=5000))
    assert await discounts.find_usable([safe.id], plan.id, minute(2)) == [best, ending, any_plan]
    assert await discounts.find_usable([safe.id, other.id], elsewhere.id, minute(3)) == [
        later,
        foreign,
        ending,
        any_plan,
    ]
    await discounts.update(attrs.evolve(best, uses=1))
    assert await discounts.find_usable([safe.id], plan.id, minute(5)) == [later, any_plan]
    assert await discounts.find_usable([], plan.id, minute(2)) == []
    assert [each.id for each in await discounts.find_by_safe(safe.id)][-1] == later.id
    with pytest.raises(ReferenceMissing):
        await discounts.create(attrs.evolve(command, plan_id=safe.id))


TIMES = st.integers(0, 4).map(minute)
ENDS = st.none() | TIMES
ADDRESSES = st.sampled_from([ALICE, BOB, CAROL])
OWNERS = st.dictionaries(st.tuples(st.integers(0, 1), ADDRESSES), st.tuples(TIMES, ENDS))
DELEGATES = st.dictionaries(st.tuples(st.none() | st.integers(0, 1), ADDRESSES), TIMES)
MODULES = st.lists(st.tuples(st.integers(0, 1), TIMES, ENDS, st.lists(TIMES, max_size=2)), max_size=4)


@RELAXED
@given(owners=OWNERS, delegates=DELEGATES, modules=MODULES, at=TIMES)
async def test_details_equal_the_domains(
    world: World, *, owners: Any, delegates: Any, modules: Any, at: datetime
) -> None:
    """``details`` gives what ``details_at`` chooses from all rows there are, by id and by address."""
    storage = world.storage
    safes = await world.several(SafeAccount, 2)
    for (number, address), (added, end) in owners.items():
        removed = end if end is None or end >= added else None
        await world.added(
            SafeOwner, safe_id=safes[number].id, owner_address=address, added_at=added, removed_at=removed
        )
    for (number, address), made in delegates.items():
        safe_id = None if number is None else safes[number].id
        await world.added(SafeDelegate, safe_id=safe_id, delegator_address=address, created_at=made)
    for number, enabled, end, starts in modules:
        disabled = end if end is None or end >= enabled else None
        module = await world.added(
            SafeModule, safe_id=safes[number].id, enabled_at=enabled, disabled_at=disabled, config={"a": [1]}
        )
        for start in starts:
            await world.added(SafeModulePermission, module_id=module.id, valid_from=start, valid_until=None)
    for safe in safes:
        expected = details_at(
            safe,
            at,
            owners=await storage.safe_owners.find(),
            delegates=await storage.safe_delegates.find(),
            modules=await storage.safe_modules.find(),
            permissions=await storage.safe_module_permissions.find(),
        )
        assert await storage.safes.details(safe.id, at=at) == expected
        assert await storage.safes.details_by_address(safe.chain_id, safe.address, at=at) == expected
        assert (safe in await storage.safes.find_by_owner(ALICE, at=at)) == (ALICE in expected.owners_at(at))


async def test_details_of_a_missing_safe_raise_not_found(storage: Storage, world: World, clock: FixedClock) -> None:
    """A Safe without anything has empty groups; an unknown id is not found, an unknown address gives None."""
    safe = await world.added(SafeAccount)
    details = await storage.safes.details(safe.id)
    assert (details.safe, details.owners, details.delegates) == (safe, (), ())
    assert (details.modules, details.permissions) == ((), ())
    with pytest.raises(NotFound) as caught:
        await storage.safes.details(world.absent_key(SafeAccount))
    assert caught.value.entity == "SafeAccount"
    assert await storage.safes.details_by_address(safe.chain_id, ALICE) is None
    with pytest.raises(InvalidValue):
        await storage.safes.details_by_address(safe.chain_id, "alice")
    module = await world.added(SafeModule, safe_id=safe.id, enabled_at=minute(1), disabled_at=None, config={"a": [1]})
    permission = await world.added(SafeModulePermission, module_id=module.id)
    assert (await storage.safes.details(safe.id)).modules == ()
    clock.time = minute(1)
    details = await storage.safes.details(safe.id)
    assert (details.modules, details.permissions_of(module.id)) == ((module,), (permission,))
    assert details.permissions_of(safe.id) == ()
    details.modules[0].config["a"].append(2)
    assert (await storage.safe_modules.get(module.id)).config == {"a": [1]}


async def test_details_see_the_transactions_own_writes(storage: Storage, world: World) -> None:
    """A transaction finds its own owner in the details at once, others only after the commit."""
    safe = await world.added(SafeAccount)
    async with storage.transaction() as transaction:
        inner = World(transaction)
        owner = await transaction.safe_owners.add(
            await inner.ready(SafeOwner, safe_id=safe.id, owner_address=ALICE, added_at=START_TIME, removed_at=None)
        )
        assert (await transaction.safes.details(safe.id)).owners == (owner,)
        assert (await storage.safes.details(safe.id)).owners == ()
    details = await storage.safes.details(safe.id)
    assert details.owners == (owner,)
    assert (details.owners_at(START_TIME), details.delegates_at(START_TIME)) == (frozenset({ALICE}), frozenset())
