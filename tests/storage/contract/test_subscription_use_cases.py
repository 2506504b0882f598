"""What users do with subscriptions: subscribe, renew, cancel, resume, and let them end."""

import asyncio
from collections import Counter
from collections.abc import Callable, Coroutine
from datetime import timedelta
from decimal import Decimal
from typing import Any

import attrs
import pytest

from strongroom.domain.safes.safe_account import SafeAccount
from strongroom.domain.transactions.errors import AlreadySubscribed, NotLive, PaymentRefused, WrongPlan
from strongroom.domain.transactions.subscription import Subscription, SubscriptionStatus
from strongroom.domain.transactions.subscription_transaction import PaymentStatus
from strongroom.ports.clock import FixedClock
from strongroom.ports.errors import AlreadyExists, NotFound, ReferenceMissing
from strongroom.ports.storage import Storage, Transaction
from strongroom.ports.use_cases.advance_subscriptions import advance_subscriptions
from strongroom.ports.use_cases.subscription_payments import quote_charge, take_discount
from strongroom.ports.use_cases.subscriptions import cancel_at_period_end, change_plan, resume
from strongroom.testing.factory import START_TIME, World

from .conftest import Blocked
from .customers import DAY, GRACE, Customer, day, dollars


@pytest.fixture
async def customer(world: World, clock: FixedClock) -> Customer:
    """A user who has not subscribed yet."""
    return await Customer(world, clock).prepared()


async def test_a_subscription_starts_with_a_paid_period(storage: Storage, customer: Customer) -> None:
    """Its first period is the plan's, and the payment's row says what was listed and paid."""
    paid = await customer.subscribes()
    assert paid.subscription == await storage.subscriptions.find_live(customer.user.id)
    assert paid.subscription.status is SubscriptionStatus.ACTIVE
    assert (paid.subscription.current_period_start, paid.subscription.current_period_end) == (START_TIME, day(30))
    assert paid.payment is not None
    assert await storage.subscription_transactions.find() == [paid.payment]
    assert (paid.payment.list_price_usd, paid.payment.discount_usd, paid.payment.paid_usd) == dollars(30, 0, 30)
    assert (paid.payment.status, paid.payment.at, paid.payment.amount) == (PaymentStatus.PENDING, START_TIME, 1)


async def test_trials_and_free_plans_record_no_payment(storage: Storage, customer: Customer) -> None:
    """No payment is asked for, and none is taken; a discount keeps its uses."""
    discount = await customer.discount(5000)
    with pytest.raises(PaymentRefused, match="a payment is made"):
        await customer.subscribes(trial=7 * DAY)
    trial = await customer.subscribes(trial=7 * DAY, payment=None)
    assert (trial.subscription.status, trial.payment) == (SubscriptionStatus.TRIALING, None)
    assert trial.subscription.current_period_end == day(7)
    await storage.subscriptions.remove(trial.subscription.id)
    free = await customer.subscribes(customer.free, payment=None)
    assert (free.subscription.status, free.payment) == (SubscriptionStatus.ACTIVE, None)
    assert await customer.uses(discount) == 0
    assert await storage.subscription_transactions.count() == 0


async def test_the_best_discount_of_all_safes_counts(world: World, storage: Storage, customer: Customer) -> None:
    """One discount is used once; the row says paid = list - discount to the cent, as ``quote_charge`` said before."""
    other = await world.added(SafeAccount, user_id=customer.user.id)
    lesser, best = await customer.discount(1000), await customer.discount(3333, safe_id=other.id)
    foreign = await customer.discount(9000, safe_id=(await world.added(SafeAccount)).id)
    offer = await quote_charge(storage, customer.user.id, customer.pro.id)
    assert (offer.discount_id, offer.paid_usd) == (best.id, Decimal("20.00"))
    with pytest.raises(PaymentRefused, match=r"19 USD were agreed to, where 20.00 USD are due"):
        await customer.subscribes(payment=customer.payment(agreed_usd=Decimal(19)))
    paid = (await customer.subscribes(payment=customer.payment(agreed_usd=offer.paid_usd))).payment
    assert paid is not None
    assert (paid.list_price_usd, paid.discount_usd, paid.paid_usd) == dollars(30, 10, 20)
    assert paid.discount_id == best.id
    assert [await customer.uses(each) for each in (lesser, best, foreign)] == [0, 1, 0]
    assert await storage.subscription_transactions.find_by_discount(best.id) == [paid]


async def test_a_refused_subscription_stores_nothing(storage: Storage, customer: Customer) -> None:
    """No subscription, no payment, no use of a discount."""
    discount = await customer.discount(5000)
    known = await customer.subscribes(customer.free, payment=None)
    await storage.subscriptions.remove(known.subscription.id)
    await storage.subscription_plans.update(attrs.evolve(customer.max, is_active=False))
    refused: list[tuple[type[Exception], dict[str, Any]]] = [
        (PaymentRefused, {"payment": None}),
        (WrongPlan, {"plan_id": customer.max.id}),
        (NotFound, {"plan_id": customer.user.id}),
        (ReferenceMissing, {"user_id": customer.pro.id}),
        (ReferenceMissing, {"payment": customer.payment(coin_id=customer.pro.id)}),
        (ValueError, {"trial": timedelta(0), "payment": None}),
    ]
    for error, given in refused:
        with pytest.raises(error):
            await customer.subscribes(**given)
    assert await storage.subscriptions.count() == await storage.subscription_transactions.count() == 0
    assert await customer.uses(discount) == 0


async def test_twenty_concurrent_subscribe_calls_subscribe_once(storage: Storage, customer: Customer) -> None:
    """The others get the same error, and neither a payment nor a use of the discount."""
    discount = await customer.discount(5000)
    answers = await asyncio.gather(*(customer.subscribes() for _ in range(20)), return_exceptions=True)
    refused = [answer for answer in answers if isinstance(answer, BaseException)]
    assert [(type(error), str(error)) for error in refused] == [
        (AlreadySubscribed, f"user {customer.user.id} has a live subscription already")
    ] * 19
    assert len(await storage.subscriptions.find_by_user(customer.user.id)) == 1
    assert await storage.subscription_transactions.count() == await customer.uses(discount) == 1


async def test_a_lapsed_user_subscribes_again(storage: Storage, customer: Customer) -> None:
    """A subscription that is over is no hindrance though stored as live; within grace it still is one."""
    first = (await customer.subscribes()).subscription
    customer.clock.time = day(33) - timedelta(microseconds=1)
    with pytest.raises(AlreadySubscribed):
        await customer.subscribes()
    customer.clock.time = day(33)
    answers = await asyncio.gather(*(customer.subscribes() for _ in range(5)), return_exceptions=True)
    assert sorted(type(answer).__name__ for answer in answers) == [*["AlreadySubscribed"] * 4, "PaidSubscription"]
    second, over = await storage.subscriptions.find_by_user(customer.user.id)
    assert (over.id, over.status) == (first.id, SubscriptionStatus.EXPIRED)
    assert (second.status, second.current_period_start) == (SubscriptionStatus.ACTIVE, day(33))


async def test_a_renewal_pays_the_next_period(storage: Storage, customer: Customer) -> None:
    """It starts where the last ends, paid in advance or in grace; once grace is over there is none."""
    subscription = (await customer.subscribes()).subscription
    customer.clock.time = day(29)
    early = await customer.renews(subscription)
    assert (early.subscription.current_period_start, early.subscription.current_period_end) == (day(30), day(60))
    customer.clock.time = day(62)
    assert (await advance_subscriptions(storage, grace=GRACE)) == {SubscriptionStatus.PAST_DUE: 1}
    late = await customer.renews(subscription)
    assert late.subscription.status is SubscriptionStatus.ACTIVE
    assert late.subscription.current_period_end == day(90)
    customer.clock.time = day(93)
    with pytest.raises(NotLive):
        await customer.renews(subscription)
    with pytest.raises(NotFound):
        await customer.renews(attrs.evolve(subscription, id=customer.user.id))
    payments = await storage.subscription_transactions.find_by_subscription(subscription.id)
    assert [payment.at for payment in payments] == [day(62), day(29), START_TIME]


async def test_a_transaction_pays_once(storage: Storage, customer: Customer) -> None:
    """The same transaction for a second period is refused, and the subscription stays as it was."""
    discount = await customer.discount(1000)
    paid = await customer.subscribes()
    assert paid.payment is not None
    with pytest.raises(AlreadyExists):
        await customer.renews(paid.subscription, transaction_hash=paid.payment.transaction_hash)
    assert await storage.subscriptions.get(paid.subscription.id) == paid.subscription
    assert await customer.uses(discount) == 1


async def test_a_discount_is_used_no_more_than_it_allows(storage: Storage, customer: Customer) -> None:
    """Of ten payments at once one has it, and the others pay the next best, or the list price."""
    subscription = (await customer.subscribes()).subscription
    once, thrice = await customer.discount(5000, max_uses=1), await customer.discount(1000, max_uses=3)
    paid = await asyncio.gather(*(customer.renews(subscription) for _ in range(10)))
    assert Counter(each.payment.paid_usd for each in paid if each.payment) == {15: 1, 27: 3, 30: 6}
    assert [await customer.uses(each) for each in (once, thrice)] == [1, 3]
    assert (await storage.subscriptions.get(subscription.id)).current_period_end == day(30 * 11)


async def test_a_discount_is_taken_by_one_of_many_transactions(storage: Storage, customer: Customer) -> None:
    """Nothing but the discount itself decides who has it."""
    once = await customer.discount(5000, max_uses=1)

    async def take(transaction: Transaction) -> Decimal:
        return (await take_discount(transaction, customer.user.id, customer.pro, START_TIME)).paid_usd

    paid = await asyncio.gather(*(storage.run(take) for _ in range(10)))
    assert Counter(paid) == {15: 1, 30: 9}
    assert await customer.uses(once) == 1


async def test_a_cancelled_subscription_ends_with_its_period(storage: Storage, customer: Customer) -> None:
    """It may be resumed until then; it is not renewed, and then it is cancelled, without grace."""
    subscription = (await customer.subscribes()).subscription
    cancelled = await cancel_at_period_end(storage, subscription.id, grace=GRACE)
    assert cancelled.cancel_at == day(30)
    assert await cancel_at_period_end(storage, subscription.id, grace=GRACE) == cancelled
    with pytest.raises(NotLive):
        await customer.renews(subscription)
    assert (await resume(storage, subscription.id, grace=GRACE)).cancel_at is None
    await cancel_at_period_end(storage, subscription.id, grace=GRACE)
    customer.clock.time = day(30)
    assert (await advance_subscriptions(storage, grace=GRACE)) == {SubscriptionStatus.CANCELLED: 1}
    assert await storage.subscriptions.find_live(customer.user.id) is None
    for change in (cancel_at_period_end, resume):
        with pytest.raises(NotLive):
            await change(storage, subscription.id, grace=GRACE)
    with pytest.raises(NotFound):
        await resume(storage, customer.user.id, grace=GRACE)


async def test_subscriptions_end_after_their_grace(world: World, storage: Storage, customer: Customer) -> None:
    """Past due from the period's end, expired after grace, by batches of any size; the second run changes nothing."""
    for number in range(5):
        await world.added(
            Subscription,
            plan_id=customer.pro.id,
            status=SubscriptionStatus.ACTIVE,
            current_period_start=day(-30),
            current_period_end=day(number),
            cancel_at=None,
        )
    customer.clock.time = day(3)
    changed = await advance_subscriptions(storage, grace=2 * DAY, batch=2)
    assert changed == {SubscriptionStatus.EXPIRED: 2, SubscriptionStatus.PAST_DUE: 2}
    assert await advance_subscriptions(storage, grace=2 * DAY, batch=1) == {}
    customer.clock.time = day(30)
    assert await advance_subscriptions(storage, grace=2 * DAY) == {SubscriptionStatus.EXPIRED: 3}
    assert (await storage.subscriptions.page_ending_by(day(99))).items == []
    with pytest.raises(ValueError, match="at least 1 row"):
        await advance_subscriptions(storage, grace=GRACE, batch=0)


async def test_every_decision_waits_for_the_lock_of_the_subscription(
    storage: Storage, customer: Customer, blocked: Blocked
) -> None:
    """It is decided by what the other leaves, and no change of theirs is lost."""
    subscription = (await customer.subscribes()).subscription
    decisions: list[Callable[[], Coroutine[Any, Any, Any]]] = [
        lambda: change_plan(storage, subscription.id, customer.max.id, customer.payment(), grace=GRACE),
        lambda: cancel_at_period_end(storage, subscription.id, grace=GRACE),
        lambda: resume(storage, subscription.id, grace=GRACE),
        lambda: customer.renews(subscription),
    ]
    for decision in decisions:
        async with storage.transaction() as other:
            held = await other.subscriptions.lock(subscription.id)
            await other.subscriptions.update(held)
            waiting = await blocked(decision())
        await waiting
    after = await storage.subscriptions.get(subscription.id)
    assert (after.version, after.current_period_end) == (subscription.version + 8, day(60))


async def test_taking_a_locked_discount_waits(storage: Storage, customer: Customer, blocked: Blocked) -> None:
    """When its last use is gone then, or it is gone itself, the next best is taken."""
    best, next_best, least = [await customer.discount(bps, max_uses=1) for bps in (5000, 3000, 1000)]

    async def take(transaction: Transaction) -> Any:
        return (await take_discount(transaction, customer.user.id, customer.pro, START_TIME)).discount_id

    async with storage.transaction() as other:
        held = await other.safe_discounts.lock(best.id)
        await other.safe_discounts.update(attrs.evolve(held, uses=1))
        waiting = await blocked(storage.run(take))
    assert await waiting == next_best.id
    await storage.safe_discounts.update(attrs.evolve(next_best, uses=0))
    async with storage.transaction() as other:
        await other.safe_discounts.remove(next_best.id)
        waiting = await blocked(storage.run(take))
    assert await waiting == least.id
