"""What a change of plan costs within a period that is paid."""

from datetime import timedelta
from decimal import Decimal

import attrs
import pytest

from strongroom.domain.transactions.block_header import BlockHeader
from strongroom.domain.transactions.errors import NotLive, PaymentRefused, WrongPlan
from strongroom.domain.transactions.payment_settlement import SettlementTerms
from strongroom.domain.transactions.subscription_periods import IntervalChange
from strongroom.domain.transactions.subscription_transaction import PaymentStatus
from strongroom.ports.clock import FixedClock
from strongroom.ports.errors import NotFound
from strongroom.ports.repositories.subscription_plan import CreateSubscriptionPlan
from strongroom.ports.storage import Storage
from strongroom.ports.use_cases.settle_payments import refund_payment, settle_payment
from strongroom.ports.use_cases.subscriptions import cancel_at_period_end, change_plan, resume
from strongroom.testing.factory import World

from .blocks import digest
from .customers import DAY, GRACE, Customer, day, dollars


@pytest.fixture
async def customer(world: World, clock: FixedClock) -> Customer:
    """A user who has not subscribed yet."""
    return await Customer(world, clock).prepared()


async def test_a_more_expensive_plan_is_prorated(storage: Storage, customer: Customer) -> None:
    """The rest of the period at the new price, less what was paid for it; the period stays."""
    await customer.discount(5000, max_uses=1)
    subscription = (await customer.subscribes()).subscription
    customer.clock.time = day(20)
    with pytest.raises(PaymentRefused, match=r"no payment is made, where 25.00 USD are due"):
        await change_plan(storage, subscription.id, customer.max.id, grace=GRACE)
    change = await change_plan(storage, subscription.id, customer.max.id, customer.payment(), grace=GRACE)
    assert (change.proration.credit_usd, change.proration.charge_usd, change.proration.due_usd) == dollars(5, 30, 25)
    assert change.payment is not None
    assert (change.payment.list_price_usd, change.payment.paid_usd) == dollars(25, 25)
    assert change.payment.discount_id is None
    assert (change.subscription.plan_id, change.subscription.current_period_end) == (customer.max.id, day(30))
    customer.clock.time = day(25)
    back = await change_plan(storage, subscription.id, customer.pro.id, grace=GRACE)
    assert (back.proration.credit_usd, back.proration.due_usd) == dollars(15, -10)
    assert back.payment is None
    again = await change_plan(storage, subscription.id, customer.max.id, customer.payment(), grace=GRACE)
    assert (again.proration.credit_usd, again.proration.due_usd) == dollars(5, 10)


async def test_a_change_of_plan_is_refused(storage: Storage, customer: Customer) -> None:
    """For the present plan, one that is not offered, none at all, and outside the period; a trial changes for free."""
    trial = (await customer.subscribes(trial=7 * DAY, payment=None)).subscription
    change = await change_plan(storage, trial.id, customer.max.id, grace=GRACE)
    assert change.proration.due_usd == 0
    assert change.payment is None
    with pytest.raises(WrongPlan, match="already"):
        await change_plan(storage, trial.id, customer.max.id, grace=GRACE)
    await storage.subscription_plans.update(attrs.evolve(customer.pro, is_active=False))
    with pytest.raises(WrongPlan, match="not offered"):
        await change_plan(storage, trial.id, customer.pro.id, grace=GRACE)
    with pytest.raises(NotFound):
        await change_plan(storage, trial.id, customer.user.id, grace=GRACE)
    customer.clock.time = day(8)
    with pytest.raises(NotLive):
        await change_plan(storage, trial.id, customer.free.id, grace=GRACE)
    assert (await storage.subscriptions.get(trial.id)).plan_id == customer.max.id


async def test_a_failed_payment_earns_no_credit(storage: Storage, customer: Customer) -> None:
    """The new plan is charged in full for the rest of the period."""
    paid = await customer.subscribes()
    assert paid.payment is not None
    await storage.subscription_transactions.update(attrs.evolve(paid.payment, status=PaymentStatus.FAILED))
    customer.clock.time = day(15)
    change = await change_plan(storage, paid.subscription.id, customer.max.id, customer.payment(), grace=GRACE)
    assert (change.proration.credit_usd, change.proration.due_usd) == dollars(0, 45)


async def test_a_payment_of_another_period_that_failed_takes_no_credit(storage: Storage, customer: Customer) -> None:
    """What was paid for the period that runs counts, though the newest payment, for the next, has failed."""
    subscription = (await customer.subscribes()).subscription
    customer.clock.time = day(5)
    early = (await customer.renews(subscription)).payment
    assert early is not None
    terms = SettlementTerms(recipient="0x" + "7" * 40, max_wait=timedelta(0))
    await storage.block_headers.add(
        BlockHeader(chain_id=customer.chain.id, number=9, hash=digest(9), parent_hash=digest(8), at=day(6))
    )
    failed = await settle_payment(storage, early.id, terms, grace=GRACE)
    assert (failed.payment.status, failed.subscription.current_period_end) == (PaymentStatus.FAILED, day(30))
    customer.clock.time = day(15)
    change = await change_plan(storage, subscription.id, customer.max.id, customer.payment(), grace=GRACE)
    assert (change.proration.credit_usd, change.proration.due_usd) == dollars(15, 30)


async def test_a_plan_that_has_become_dearer_is_credited_as_it_was_paid(storage: Storage, customer: Customer) -> None:
    """At what was paid, less its discount, whatever the plan costs now."""
    await customer.discount(5000)
    subscription = (await customer.subscribes()).subscription
    await storage.subscription_plans.update(attrs.evolve(customer.pro, price_usd=Decimal(60)))
    customer.clock.time = day(20)
    change = await change_plan(storage, subscription.id, customer.max.id, customer.payment(), grace=GRACE)
    assert (change.proration.credit_usd, change.proration.due_usd) == dollars(5, 25)


async def test_a_refunded_change_of_plan_is_credited_as_what_is_left(storage: Storage, customer: Customer) -> None:
    """The time that it bought is gone, and what is left is worth what was paid before; it may go on after all."""
    subscription = (await customer.subscribes()).subscription
    customer.clock.time = day(20)
    change = await change_plan(storage, subscription.id, customer.max.id, customer.payment(), grace=GRACE)
    assert change.payment is not None
    await storage.subscription_transactions.update(attrs.evolve(change.payment, status=PaymentStatus.CONFIRMED))
    await cancel_at_period_end(storage, subscription.id, grace=GRACE)
    await refund_payment(storage, change.payment.id, grace=GRACE)
    await resume(storage, subscription.id, grace=GRACE)
    back = await change_plan(storage, subscription.id, customer.free.id, grace=GRACE)
    assert (back.proration.credit_usd, back.proration.due_usd) == dollars(10, -10)


async def test_a_change_to_a_year_starts_anew_where_that_is_asked_for(storage: Storage, customer: Customer) -> None:
    """The year starts now and is charged whole, less the rest of the month; the payment says what it was for."""
    yearly = await storage.subscription_plans.create(
        CreateSubscriptionPlan(code="year", name="year", price_usd=Decimal(300), period_months=12)
    )
    paid = await customer.subscribes()
    assert paid.payment is not None
    assert (paid.payment.period_start, paid.payment.period_end) == (day(0), day(30))
    customer.clock.time = day(20)
    change = await change_plan(
        storage,
        paid.subscription.id,
        yearly.id,
        customer.payment(),
        grace=GRACE,
        interval_change=IntervalChange.START_ANEW,
    )
    assert (change.proration.credit_usd, change.proration.charge_usd, change.proration.due_usd) == dollars(10, 300, 290)
    after = change.subscription
    assert (after.current_period_start, after.anchor_at) == (day(20), day(20))
    assert after.current_period_end == day(20).replace(year=day(20).year + 1)
    assert change.payment is not None
    assert (change.payment.period_start, change.payment.period_end) == (day(20), after.current_period_end)


async def test_the_customers_zone_is_kept_and_renewals_tell_their_period(storage: Storage, customer: Customer) -> None:
    """A plan by the month ends by the customer's calendar, and a renewal's payment says which month it was for."""
    monthly = await storage.subscription_plans.create(
        CreateSubscriptionPlan(code="month", name="month", price_usd=Decimal(30), period_months=1)
    )
    customer.clock.time = day(0)
    first = (await customer.subscribes(monthly, time_zone="America/New_York")).subscription
    assert (first.time_zone, first.anchor_at) == ("America/New_York", day(0))
    renewal = await customer.renews(first)
    assert renewal.payment is not None
    assert renewal.payment.period_start == first.current_period_end
    assert renewal.payment.period_end == renewal.subscription.current_period_end


async def test_pending_payments_are_paged_from_the_oldest(storage: Storage, customer: Customer) -> None:
    """Payments that wait to be settled are found by their status up to a time, whoever made them."""
    first = await customer.subscribes()
    customer.clock.time = day(5)
    second = await customer.renews(first.subscription)
    assert first.payment is not None
    assert second.payment is not None
    payments = storage.subscription_transactions
    assert (await payments.page_pending(day(4))).items == [first.payment]
    page = await payments.page_pending(day(9), limit=1)
    assert page.items == [first.payment]
    assert (await payments.page_pending(day(9), limit=1, after=page.next)).items == [second.payment]
    await payments.update(attrs.evolve(first.payment, status=PaymentStatus.CONFIRMED))
    assert (await payments.page_pending(day(9))).items == [second.payment]
