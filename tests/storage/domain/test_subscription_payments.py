"""What payments of a subscription were for, and so what a change of plan credits."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from fractions import Fraction

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from strongroom.domain.transactions.subscription import Subscription, SubscriptionStatus
from strongroom.domain.transactions.subscription_payments import (
    COUNTED_STATUSES,
    amount_paid_for_period,
    restore_time,
    revoke_time,
)
from strongroom.domain.transactions.subscription_periods import LIVE, period_of, prorate, renew_subscription, status_at
from strongroom.domain.transactions.subscription_plan import SubscriptionPlan
from strongroom.domain.transactions.subscription_transaction import PaymentStatus, SubscriptionTransaction
from strongroom.domain.values import usd
from strongroom.testing.values import numbered_uuid

START = datetime(2026, 2, 1, tzinfo=UTC)
CENTS = st.integers(1, 100_000).map(lambda cents: Decimal(cents).scaleb(-2))
DAYS = st.integers(1, 400)


def a_plan(number: int, price: Decimal, days: int) -> SubscriptionPlan:
    """Return a plan."""
    return SubscriptionPlan(
        id=numbered_uuid(number), code=f"plan-{number}", name="a plan", price_usd=price, period_days=days, features={}
    )


def a_subscription(plan: SubscriptionPlan, days: int) -> Subscription:
    """Return an active subscription to a plan, with a period of so many days."""
    return Subscription(
        id=numbered_uuid(8),
        user_id=numbered_uuid(9),
        plan_id=plan.id,
        status=SubscriptionStatus.ACTIVE,
        current_period_start=START,
        current_period_end=START + timedelta(days=days),
        created_at=START,
    )


def a_payment(
    listed: Decimal, off: Decimal, status: PaymentStatus = PaymentStatus.CONFIRMED
) -> SubscriptionTransaction:
    """Return a payment of a list price, less a discount."""
    return SubscriptionTransaction(
        id=numbered_uuid(10),
        subscription_id=numbered_uuid(8),
        list_price_usd=listed,
        discount_usd=off,
        paid_usd=usd.subtract(listed, off),
        coin_id=numbered_uuid(11),
        amount=1,
        chain_id=1,
        transaction_hash=f"0x{1:064x}",
        status=status,
        at=START,
    )


@given(price=CENTS, days=DAYS, part=st.integers(0, 100))
def test_a_payment_of_the_list_price_paid_for_the_period(price: Decimal, days: int, part: int) -> None:
    """What counts is what was paid, after the discount; nothing once it failed, was refunded, or was never made."""
    plan = a_plan(1, price, days)
    subscription = a_subscription(plan, days)
    payment = a_payment(price, usd.to_cents(usd.proportion(price, part, 100)))
    for status in PaymentStatus:
        expected = payment.paid_usd if status in COUNTED_STATUSES else 0
        assert amount_paid_for_period(subscription, plan, [attrs.evolve(payment, status=status)]) == expected
    assert amount_paid_for_period(subscription, plan, []) == 0


STEPS = st.lists(
    st.tuples(st.sampled_from(["change", "fail", "renew and fail", "raise"]), st.integers(0, 2), st.integers(1, 96)),
    max_size=8,
)


class Period:
    """A subscription's period, and what an hour of what is left of it was paid, told step by step."""

    def __init__(self, plans: list[SubscriptionPlan], off: Decimal) -> None:
        self.plans = plans
        self.plan = plans[0]
        self.subscription = a_subscription(self.plan, self.plan.period_days)
        self.payments = [a_payment(self.plan.price_usd, off)]
        self.hourly = Fraction(self.payments[0].paid_usd) / (24 * self.plan.period_days)
        self.at = START

    @property
    def paid(self) -> Decimal:
        """What counts as paid for all of the period."""
        return amount_paid_for_period(self.subscription, self.plan, self.payments)

    @property
    def rest(self) -> Fraction:
        """How many hours are left."""
        return Fraction((self.subscription.current_period_end - self.at) // timedelta(microseconds=1), 3_600_000_000)

    def change(self, number: int) -> None:
        """Change to another plan; what is due is paid, and what is owed is given."""
        other = self.plans[number]
        if other.id == self.plan.id:
            return
        cost = prorate(self.subscription, self.plan, other, paid_usd=self.paid, at=self.at)
        if cost.due_usd > 0:
            self._add(cost.due_usd)
        self.subscription = attrs.evolve(self.subscription, plan_id=other.id)
        self.plan = other
        self.hourly = Fraction(other.price_usd) / (24 * other.period_days)

    def fail(self, number: int) -> None:
        """Let the newest payment fail, where it was for this plan; the first stays."""
        newest = self.payments[0]
        if number and newest.status is PaymentStatus.PENDING and len(self.payments) > 1 and self.hourly:
            self._take_back(newest)

    def renew_and_fail(self, _: int) -> None:
        """Renew early, by a payment that fails."""
        if not self.plan.price_usd or self._length() != period_of(self.plan):
            return
        before = self.subscription
        self._add(self.plan.price_usd)
        self.subscription = renew_subscription(self.subscription, self.plan, at=self.at, grace=timedelta(0))
        self._take_back(self.payments[0])
        assert self.subscription == before

    def raise_price(self, number: int) -> None:
        """Let the plan become dearer before anything else was done: what was paid was paid."""
        if len(self.payments) == 1 and self.plan.id == numbered_uuid(1):
            self.plan = attrs.evolve(self.plan, price_usd=self.plan.price_usd + number)
            self.plans[0] = self.plan

    def _add(self, listed: Decimal) -> None:
        payment = a_payment(listed, usd.ZERO, PaymentStatus.PENDING)
        self.payments.insert(0, attrs.evolve(payment, id=numbered_uuid(100 + len(self.payments)), at=self.at))

    def _take_back(self, payment: SubscriptionTransaction) -> None:
        self.payments[0] = attrs.evolve(payment, status=PaymentStatus.FAILED)
        self.subscription = revoke_time(self.subscription, self.plan, payment, at=self.at, grace=timedelta(0))

    def _length(self) -> timedelta:
        return self.subscription.current_period_end - self.subscription.current_period_start


@given(
    prices=st.lists(CENTS | st.just(Decimal(0)), min_size=3, max_size=3),
    days=DAYS,
    part=st.integers(0, 100),
    steps=STEPS,
)
def test_the_rest_of_a_period_is_credited_at_its_paid_rate(
    prices: list[Decimal], days: int, part: int, steps: list[tuple[str, int, int]]
) -> None:
    """Through changes of plan, payments for them that fail, renewals that fail, and a plan that becomes dearer."""
    plans = [a_plan(number, price, days) for number, price in enumerate(prices, 1)]
    period = Period(plans, usd.to_cents(usd.proportion(prices[0], part, 100)))
    does = {
        "change": period.change,
        "fail": period.fail,
        "renew and fail": period.renew_and_fail,
        "raise": period.raise_price,
    }
    for name, number, hours in steps:
        does[name](number)
        if period.at + timedelta(hours=hours) >= period.subscription.current_period_end:
            break
        period.at += timedelta(hours=hours)
        cost = prorate(period.subscription, period.plan, period.plans[2], paid_usd=period.paid, at=period.at)
        assert abs(Fraction(cost.credit_usd) - period.hourly * period.rest) <= Fraction(1, 100)


@given(
    price=CENTS,
    listed=CENTS,
    days=DAYS,
    hours=st.integers(0, 24 * 500),
    grace=st.integers(0, 9),
    periods=st.integers(1, 3),
)
def test_revoked_time_can_be_restored(
    price: Decimal, listed: Decimal, days: int, hours: int, grace: int, periods: int
) -> None:
    """At most a period, in proportion to the list price; in grace it is past due, and what has expired stays so."""
    plan = a_plan(1, price, days)
    payment = a_payment(listed, usd.ZERO)
    before = a_subscription(plan, days)
    for _ in range(periods - 1):
        before = renew_subscription(before, plan, at=START, grace=timedelta(0))
    at, end = START + timedelta(hours=hours), before.current_period_end
    after = revoke_time(before, plan, payment, at=at, grace=timedelta(days=grace))
    taken = (end - after.current_period_end) / timedelta(days=days)
    assert taken == pytest.approx(min(1, float(listed / price)), abs=1e-6)
    assert after.status is status_at(after, at, grace=timedelta(days=grace))
    assert after.current_period_start < after.current_period_end
    back = restore_time(after, plan, payment, at=at)
    if after.status is SubscriptionStatus.EXPIRED:
        assert back is after
    else:
        assert back.current_period_end == end
        assert status_at(back, at, grace=timedelta(days=grace)) is status_at(before, at, grace=timedelta(days=grace))
    if back is not after and listed >= price:
        assert back.current_period_start == before.current_period_start


@given(days=DAYS, hours=st.integers(0, 24 * 500), status=st.sampled_from(list(SubscriptionStatus)))
def test_a_cancelled_subscription_ends_with_the_time_that_is_paid(
    days: int, hours: int, status: SubscriptionStatus
) -> None:
    """At once where nothing is left, without grace; one that has ended stays as it is, as does a free one."""
    plan, payment = a_plan(1, Decimal(30), days), a_payment(Decimal(30), usd.ZERO)
    at, end = START + timedelta(hours=hours), START + timedelta(days=days)
    before = attrs.evolve(a_subscription(plan, days), status=status, cancel_at=end)
    after = revoke_time(before, plan, payment, at=at, grace=timedelta(days=3))
    if status in LIVE:
        assert (after.status, after.cancel_at) == (SubscriptionStatus.CANCELLED, at)
    else:
        assert after is before
    free = attrs.evolve(plan, price_usd=Decimal(0))
    assert revoke_time(before, free, payment, at=at, grace=timedelta(0)) is before


@given(old=CENTS, new=CENTS, days=DAYS, new_days=DAYS, data=st.data())
def test_a_plan_that_was_changed_to_is_credited_as_it_was_charged(
    old: Decimal, new: Decimal, days: int, new_days: int, data: st.DataObject
) -> None:
    """Changing back at once gives back what the change was charged, whatever the periods, to the cent."""
    first, second = a_plan(1, old, days), a_plan(2, new, new_days)
    before = a_subscription(first, days)
    at = START + timedelta(hours=data.draw(st.integers(0, days * 24 - 1)))
    base = a_payment(old, usd.ZERO)
    there = prorate(before, first, second, paid_usd=amount_paid_for_period(before, first, [base]), at=at)
    after = attrs.evolve(before, plan_id=second.id)
    payments = [base]
    if there.due_usd > 0:
        payments.insert(0, attrs.evolve(a_payment(there.due_usd, usd.ZERO), id=numbered_uuid(12), at=at))
    back = prorate(after, second, first, paid_usd=amount_paid_for_period(after, second, payments), at=at)
    assert abs(back.credit_usd - there.charge_usd) <= Decimal("0.01")
    assert back.due_usd == usd.subtract(back.charge_usd, back.credit_usd)
