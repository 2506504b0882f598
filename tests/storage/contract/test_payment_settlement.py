"""Payments of subscriptions are settled by what their chain says, and refunded; what that does to subscriptions."""

import asyncio
from datetime import timedelta
from typing import Any

import attrs
import pytest

from strongroom.domain.transactions.errors import NotLive, PaymentMismatch, PaymentNotFinal, RefundRefused
from strongroom.domain.transactions.eth_transaction import TxStatus
from strongroom.domain.transactions.subscription import SubscriptionStatus
from strongroom.domain.transactions.subscription_transaction import PaymentStatus
from strongroom.ports.clock import FixedClock
from strongroom.ports.errors import NotFound
from strongroom.ports.storage import Storage
from strongroom.ports.use_cases.advance_subscriptions import advance_subscriptions
from strongroom.ports.use_cases.settle_payments import SettledPayment, refund_payment, settle_payment
from strongroom.ports.use_cases.subscriptions import cancel_at_period_end, change_plan, resume
from strongroom.testing.factory import START_TIME, World

from .conftest import Blocked
from .customers import DAY, GRACE, day
from .payers import PAYER, TERMS, Payer


@pytest.fixture
async def payer(world: World, clock: FixedClock) -> Payer:
    """A customer who has not subscribed yet."""
    return await Payer(world, clock).prepared()


async def test_a_payment_is_confirmed_once_its_transaction_is_final(storage: Storage, payer: Payer) -> None:
    """Before it is mined and final nothing changes; confirming it leaves the subscription as it is; once is enough."""
    paid, payment = await payer.pays()
    with pytest.raises(PaymentNotFinal, match="not stored as mined"):
        await payer.settles(payment)
    await payer.mines(payment, above=1)
    with pytest.raises(PaymentNotFinal, match="1 below the head, of 2"):
        await payer.settles(payment)
    assert await storage.subscription_transactions.get(payment.id) == payment
    await payer.mines(above=0)
    confirmed = await payer.settles(payment)
    assert confirmed.payment == attrs.evolve(payment, status=PaymentStatus.CONFIRMED)
    assert confirmed.payment == await storage.subscription_transactions.get(payment.id)
    assert confirmed.subscription == paid.subscription == await storage.subscriptions.get(paid.subscription.id)
    assert await payer.settles(payment) == confirmed
    with pytest.raises(NotFound):
        await settle_payment(storage, payer.user.id, TERMS, grace=GRACE)


@pytest.mark.parametrize(
    ("field", "given"), [("amount", {"amount": 29}), ("recipient", {"to": PAYER[:-1] + "9"})], ids=str
)
async def test_a_mismatched_transaction_is_refused_and_fails_finally(
    storage: Storage, payer: Payer, field: str, given: dict[str, Any]
) -> None:
    """It stays pending, for somebody to look at, until the chain has come beyond the time that the terms allow."""
    paid, payment = await payer.pays()
    await payer.mines(payment, above=8, **given)
    with pytest.raises(PaymentMismatch) as caught:
        await payer.settles(payment, max_wait=DAY)
    assert (caught.value.payment_id, caught.value.field) == (payment.id, field)
    assert await storage.subscription_transactions.get(payment.id) == payment
    assert await storage.subscriptions.get(paid.subscription.id) == paid.subscription
    failed = await payer.settles(payment, max_wait=timedelta(seconds=12 * 18))
    assert failed.payment.status is PaymentStatus.FAILED


async def test_a_coin_worth_too_little_does_not_pay(storage: Storage, payer: Payer) -> None:
    """Whatever amount was said: what it is worth when it is mined counts, less the tolerance."""
    paid = await payer.subscribes(payment=payer.payment(amount=29))
    assert paid.payment is not None
    await payer.mines(paid.payment)
    with pytest.raises(PaymentMismatch, match=r"29.00 USD are less than 30.00"):
        await payer.settles(paid.payment)
    assert (await payer.settles(paid.payment, tolerance_bps=400)).payment.status is PaymentStatus.CONFIRMED
    second = await payer.renews(paid.subscription, amount=30)
    assert second.payment is not None
    await payer.mines(second.payment)
    with pytest.raises(PaymentNotFinal, match="no price"):
        await payer.settles(second.payment, price_max_age=timedelta(0))


async def test_a_failed_payment_leaves_its_subscription_past_due_and_then_expired(
    storage: Storage, payer: Payer
) -> None:
    """From the start of the period that it was for: within grace that is paid again, and afterwards there is none."""
    discount = await payer.discount(5000, max_uses=1)
    paid, payment = await payer.pays()
    await payer.mines(payment, status=TxStatus.REVERTED)
    payer.clock.time = day(1)
    failed = await payer.settles(payment)
    assert failed.payment.status is PaymentStatus.FAILED
    assert failed.subscription.status is SubscriptionStatus.PAST_DUE
    assert failed.subscription.current_period_end == START_TIME
    assert await payer.uses(discount) == 0
    assert await payer.settles(payment) == failed
    again = await payer.renews(paid.subscription, amount=15)
    assert again.subscription.status is SubscriptionStatus.ACTIVE
    assert (again.subscription.current_period_start, again.subscription.current_period_end) == (START_TIME, day(30))
    assert again.payment is not None
    await payer.mines(again.payment, status=TxStatus.REVERTED)
    assert (await payer.settles(again.payment)).subscription.status is SubscriptionStatus.PAST_DUE
    payer.clock.time = day(3)
    assert await advance_subscriptions(storage, grace=GRACE) == {SubscriptionStatus.EXPIRED: 1}
    with pytest.raises(NotLive):
        await payer.renews(paid.subscription)


async def test_a_failed_payment_in_advance_leaves_the_period_that_is_paid(storage: Storage, payer: Payer) -> None:
    """Only the time that it bought is gone, whichever of several payments has failed."""
    paid, first = await payer.pays()
    await payer.mines(first)
    await payer.settles(first)
    payer.clock.time = day(10)
    renewals = [await payer.renews(paid.subscription, amount=30) for _ in range(2)]
    early = renewals[0].payment
    assert early is not None
    await payer.mines(early, status=TxStatus.REVERTED)
    failed = (await payer.settles(early)).subscription
    assert (failed.status, failed.current_period_start, failed.current_period_end) == (
        SubscriptionStatus.ACTIVE,
        day(30),
        day(60),
    )


async def test_a_failed_payment_of_a_change_of_plan_leaves_the_time_that_the_credit_buys(
    storage: Storage, payer: Payer
) -> None:
    """Of 20 days at 30 USD a period there are 20 USD left, which are 6 days and 16 hours at 90 USD."""
    paid, _ = await payer.pays()
    payer.clock.time = day(10)
    change = await change_plan(storage, paid.subscription.id, payer.max.id, payer.payment(amount=40), grace=GRACE)
    assert change.payment is not None
    await payer.mines(change.payment, status=TxStatus.REVERTED)
    failed = await payer.settles(change.payment)
    assert failed.subscription.status is SubscriptionStatus.ACTIVE
    assert abs(failed.subscription.current_period_end - (day(16) + timedelta(hours=16))) <= timedelta(microseconds=1)
    back = await change_plan(storage, paid.subscription.id, payer.pro.id, grace=GRACE)
    assert back.proration.credit_usd == 20


async def test_a_failed_payment_does_not_revive_an_ended_subscription(storage: Storage, payer: Payer) -> None:
    """A subscription that is over stays as it is, and one that was cancelled ends at once, without grace."""
    paid, payment = await payer.pays()
    await cancel_at_period_end(storage, paid.subscription.id, grace=GRACE)
    await payer.mines(payment, status=TxStatus.REVERTED)
    payer.clock.time = day(1)
    failed = await payer.settles(payment)
    assert (failed.subscription.status, failed.subscription.cancel_at) == (SubscriptionStatus.CANCELLED, day(1))
    assert await payer.loses(payment) == 1
    assert await storage.subscriptions.get(paid.subscription.id) == failed.subscription


async def test_concurrent_settlements_settle_once(storage: Storage, payer: Payer, blocked: Blocked) -> None:
    """The others see it settled: what it bought is taken back once, and so is the use of a discount."""
    discount = await payer.discount(5000)
    paid, payment = await payer.pays()
    await payer.renews(paid.subscription, amount=15)
    await payer.mines(payment, status=TxStatus.REVERTED)
    settled = await asyncio.gather(*(payer.settles(payment) for _ in range(10)))
    assert settled == [settled[0]] * 10
    assert await storage.subscriptions.get(paid.subscription.id) == settled[0].subscription
    assert settled[0].subscription.current_period_end == day(30)
    assert await payer.uses(discount) == 1
    async with storage.transaction() as other:
        held = await other.subscription_transactions.lock(payment.id)
        await other.subscription_transactions.update(attrs.evolve(held, status=PaymentStatus.CONFIRMED))
        waiting = await blocked(payer.settles(payment))
    assert (await waiting).payment.status is PaymentStatus.CONFIRMED


async def test_a_lost_transaction_is_settled_anew(storage: Storage, payer: Payer) -> None:
    """Its payment is pending again, and has bought its time again; it fails or is confirmed where it is mined then."""
    discount = await payer.discount(5000, max_uses=1)
    paid, payment = await payer.pays()
    for status, wanted in ((TxStatus.REVERTED, PaymentStatus.FAILED), (TxStatus.SUCCESS, PaymentStatus.CONFIRMED)) * 2:
        await payer.mines(payment, status=status)
        settled = await payer.settles(payment)
        assert settled.payment.status is wanted
        assert await payer.uses(discount) == (wanted is PaymentStatus.CONFIRMED)
        assert await payer.loses(payment) == 1
        assert await storage.subscription_transactions.get(payment.id) == payment
        after = await storage.subscriptions.get(paid.subscription.id)
        assert attrs.evolve(after, version=1) == paid.subscription
        assert await payer.uses(discount) == 1
    with pytest.raises(PaymentNotFinal):
        await payer.settles(payment)


async def test_settlement_and_rollback_wait_for_each_other(storage: Storage, payer: Payer, blocked: Blocked) -> None:
    """Whoever comes second decides by what the first has left: no payment is confirmed by what is lost."""
    paid, payment = await payer.pays()
    await payer.mines(payment)
    async with storage.transaction() as other:
        await other.chains.lock(payer.chain.id)
        waiting = await blocked(payer.settles(payment))
        await other.balance_changes.remove_above(payer.chain.id, 9)
        await other.eth_transactions.remove_above(payer.chain.id, 9)
        await other.block_headers.remove_above(payer.chain.id, 9)
    with pytest.raises(PaymentNotFinal):
        await waiting
    payer.blocks = []
    await storage.indexer_checkpoints.remove((payer.chain.id, "blocks"))
    await payer.mines(payment)
    answers = await asyncio.gather(
        *(payer.settles(payment) for _ in range(5)), payer.loses(payment), return_exceptions=True
    )
    assert {type(answer) for answer in answers} <= {SettledPayment, PaymentNotFinal, int}
    assert await storage.subscription_transactions.get(payment.id) == payment
    assert await storage.subscriptions.get(paid.subscription.id) == paid.subscription


async def test_a_rollback_and_a_renewal_at_once_both_count(storage: Storage, payer: Payer) -> None:
    """The period that is given back and the one that is paid meanwhile follow one another."""
    paid, payment = await payer.pays()
    await payer.mines(payment, status=TxStatus.REVERTED)
    await payer.settles(payment)
    await asyncio.gather(payer.loses(payment), *(payer.renews(paid.subscription) for _ in range(3)))
    after = await storage.subscriptions.get(paid.subscription.id)
    assert (after.status, after.current_period_start, after.current_period_end) == (
        SubscriptionStatus.ACTIVE,
        day(90),
        day(120),
    )


async def test_a_payment_is_refunded_after_cancellation(storage: Storage, payer: Payer) -> None:
    """Not before, and only once confirmed: the subscription ends at once, and does not go on again."""
    paid, payment = await payer.pays()
    await payer.mines(payment)
    payer.clock.time = day(1)
    with pytest.raises(RefundRefused, match="pending, not confirmed"):
        await refund_payment(storage, payment.id, grace=GRACE)
    await payer.settles(payment)
    with pytest.raises(RefundRefused, match="cancel it first"):
        await refund_payment(storage, payment.id, grace=GRACE)
    await cancel_at_period_end(storage, paid.subscription.id, grace=GRACE)
    answers = await asyncio.gather(*(refund_payment(storage, payment.id, grace=GRACE) for _ in range(5)))
    assert answers == [answers[0]] * 5
    assert answers[0].payment.status is PaymentStatus.REFUNDED
    assert (answers[0].subscription.status, answers[0].subscription.cancel_at) == (SubscriptionStatus.CANCELLED, day(1))
    assert await payer.loses(payment) == 0
    with pytest.raises(NotLive):
        await resume(storage, paid.subscription.id, grace=GRACE)
    assert (await payer.settles(payment)).payment.status is PaymentStatus.REFUNDED


async def test_a_refund_of_what_was_paid_in_advance_leaves_the_rest(storage: Storage, payer: Payer) -> None:
    """A cancelled subscription with two periods paid ends with the first, once the second is refunded."""
    paid, _ = await payer.pays()
    early = (await payer.renews(paid.subscription, amount=30)).payment
    assert early is not None
    await payer.mines(early)
    await payer.settles(early)
    cancelled = await cancel_at_period_end(storage, paid.subscription.id, grace=GRACE)
    assert cancelled.cancel_at == day(60)
    left = (await refund_payment(storage, early.id, grace=GRACE)).subscription
    assert (left.status, left.current_period_end, left.cancel_at) == (SubscriptionStatus.ACTIVE, day(30), day(30))
