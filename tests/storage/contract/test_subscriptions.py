"""Plans, subscriptions and payments: how they are found."""

from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from strongroom.domain.accounts.user import User
from strongroom.domain.safes.safe_discount import SafeDiscount
from strongroom.domain.transactions.subscription import Subscription, SubscriptionStatus
from strongroom.domain.transactions.subscription_periods import LIVE
from strongroom.domain.transactions.subscription_plan import SubscriptionPlan
from strongroom.domain.transactions.subscription_transaction import SubscriptionTransaction
from strongroom.ports.criteria import ALL
from strongroom.ports.errors import AlreadyExists, InvalidValue
from strongroom.ports.repositories.subscription_plan import CreateSubscriptionPlan
from strongroom.ports.storage import Storage
from strongroom.testing.factory import START_TIME, World

from .property_settings import RELAXED

ENDED = [SubscriptionStatus.CANCELLED, SubscriptionStatus.EXPIRED]


def minute(number: int) -> datetime:
    """Return the time so many minutes after the morning."""
    return START_TIME + timedelta(minutes=number)


async def test_plans_are_created_and_found(storage: Storage) -> None:
    """A plan has a code of its own; those that are offered come the cheapest first."""
    command = CreateSubscriptionPlan(code="pro", name="Pro", price_usd=Decimal("29.90"), period_days=30)
    pro = await storage.subscription_plans.create(command)
    free = await storage.subscription_plans.create(attrs.evolve(command, code="free", price_usd=Decimal(0)))
    old = await storage.subscription_plans.create(attrs.evolve(command, code="old", features={"alerts": True}))
    old = await storage.subscription_plans.update(attrs.evolve(old, is_active=False))
    assert await storage.subscription_plans.find_active() == [free, pro]
    assert await storage.subscription_plans.find_by_code("old") == old
    assert await storage.subscription_plans.find_by_code("new") is None
    with pytest.raises(AlreadyExists) as caught:
        await storage.subscription_plans.create(command)
    assert caught.value.constraint == "subscription_plan_code_key"
    with pytest.raises(InvalidValue):
        await storage.subscription_plans.create(attrs.evolve(command, code="x", period_days=0))


async def test_a_user_has_one_live_subscription(storage: Storage, world: World) -> None:
    """Whatever its live state, it is found as the live one, a second is refused, and those of the past are kept."""
    user, plan = await world.added(User), await world.added(SubscriptionPlan)
    given = {"user_id": user.id, "plan_id": plan.id}
    past = [
        await world.added(Subscription, **given, status=status, created_at=minute(number))
        for number, status in enumerate(ENDED)
    ]
    assert await storage.subscriptions.find_live(user.id) is None
    for status in LIVE:
        live = await world.added(Subscription, **given, status=status, created_at=minute(9))
        assert await storage.subscriptions.find_live(user.id) == live
        assert await storage.subscriptions.find_by_user(user.id) == [live, *reversed(past)]
        assert await storage.subscriptions.find_live_by_plan(plan.id) == [live]
        with pytest.raises(AlreadyExists) as caught:
            await world.added(Subscription, **given, status=SubscriptionStatus.ACTIVE)
        assert caught.value.constraint == "subscription_user_id_key"
        await storage.subscriptions.remove(live.id)
    assert await storage.subscriptions.find_live_by_plan(plan.id) == []


@RELAXED
@given(
    ends=st.lists(st.tuples(st.integers(0, 4), st.sampled_from(list(SubscriptionStatus))), max_size=12),
    limit=st.integers(1, 4),
    by=st.integers(-1, 5),
)
async def test_pages_of_subscriptions_that_end_neither_skip_nor_repeat(
    world: World, *, ends: list[tuple[int, SubscriptionStatus]], limit: int, by: int
) -> None:
    """All pages together are the live subscriptions that end at or before the time, the first to end first."""
    await world.storage.subscriptions.remove_where(ALL)
    plan = await world.added(SubscriptionPlan)
    for end, status in ends:
        await world.added(
            Subscription,
            plan_id=plan.id,
            status=status,
            current_period_start=START_TIME - timedelta(days=30),
            current_period_end=minute(end),
        )
    wanted = [
        each
        for each in await world.storage.subscriptions.find()
        if each.status in LIVE and each.current_period_end <= minute(by)
    ]
    found: list[Subscription] = []
    after: Any = None
    while True:
        page = await world.storage.subscriptions.page_ending_by(minute(by), limit=limit, after=after)
        found += page.items
        after = page.next
        if after is None:
            break
    assert found == sorted(wanted, key=lambda each: (each.current_period_end, each.id))


async def test_payments_are_found(storage: Storage, world: World) -> None:
    """Payments of a subscription come the newest first, also by pages; a payment is found by its transaction."""
    subscription = await world.added(Subscription)
    discount = await world.added(SafeDiscount)
    first, second = [
        await world.added(
            SubscriptionTransaction, subscription_id=subscription.id, discount_id=discount.id, at=minute(number)
        )
        for number in (2, 1)
    ]
    other = await world.added(SubscriptionTransaction, at=minute(3))
    payments = storage.subscription_transactions
    assert await payments.find_by_subscription(subscription.id) == [first, second]
    page = await payments.page_by_subscription(subscription.id, limit=1)
    assert page.items == [first]
    page = await payments.page_by_subscription(subscription.id, limit=1, after=page.next)
    assert (page.items, page.next) == ([second], None)
    assert await payments.find_by_discount(discount.id) == [second, first]
    assert await payments.find_by_hash(other.chain_id, other.transaction_hash) == other
    assert await payments.find_by_hash(other.chain_id, first.transaction_hash) is None
    with pytest.raises(AlreadyExists) as caught:
        await world.added(SubscriptionTransaction, chain_id=other.chain_id, transaction_hash=other.transaction_hash)
    assert caught.value.constraint == "subscription_transaction_chain_id_transaction_hash_key"
