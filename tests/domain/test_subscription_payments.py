"""What payments of a subscription were for, and so what a change of plan credits."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import attrs
from hypothesis import given
from hypothesis import strategies as st

from strongroom.domain.transactions.subscription import Subscription, SubscriptionStatus
from strongroom.domain.transactions.subscription_payments import MADE, paid_for_period
from strongroom.domain.transactions.subscription_periods import period_of, proration
from strongroom.domain.transactions.subscription_plan import SubscriptionPlan
from strongroom.domain.transactions.subscription_transaction import PaymentStatus, SubscriptionTransaction
from strongroom.domain.values import usd
from strongroom.testing.values import identity

START = datetime(2026, 2, 1, tzinfo=UTC)
CENTS = st.integers(1, 100_000).map(lambda cents: Decimal(cents).scaleb(-2))
DAYS = st.integers(1, 400)


def a_plan(number: int, price: Decimal, days: int) -> SubscriptionPlan:
    """Return a plan."""
    return SubscriptionPlan(
        id=identity(number), code=f"plan-{number}", name="a plan", price_usd=price, period_days=days, features={}
    )


def a_subscription(plan: SubscriptionPlan, days: int) -> Subscription:
    """Return an active subscription to a plan, with a period of so many days."""
    return Subscription(
        id=identity(8),
        user_id=identity(9),
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
        id=identity(10),
        subscription_id=identity(8),
        list_price_usd=listed,
        discount_usd=off,
        paid_usd=usd.subtract(listed, off),
        coin_id=identity(11),
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
        expected = payment.paid_usd if status in MADE else 0
        assert paid_for_period(subscription, plan, attrs.evolve(payment, status=status)) == expected
    assert paid_for_period(subscription, plan, None) == 0


@given(old=CENTS, new=CENTS, days=DAYS, new_days=DAYS, data=st.data())
def test_a_plan_that_was_changed_to_is_credited_as_it_was_charged(
    old: Decimal, new: Decimal, days: int, new_days: int, data: st.DataObject
) -> None:
    """Changing back at once gives back what the change was charged, whatever the periods, to the cent."""
    first, second = a_plan(1, old, days), a_plan(2, new, new_days)
    before = a_subscription(first, days)
    at = START + timedelta(hours=data.draw(st.integers(0, days * 24 - 1)))
    there = proration(before, first, second, paid_usd=paid_for_period(before, first, a_payment(old, usd.ZERO)), at=at)
    after = attrs.evolve(before, plan_id=second.id)
    newest = a_payment(max(there.due_usd, usd.ZERO) if there.due_usd > 0 else old, usd.ZERO)
    if newest.list_price_usd == new and period_of(second) == timedelta(days=days):
        return
    back = proration(after, second, first, paid_usd=paid_for_period(after, second, newest), at=at)
    assert back.credit_usd == there.charge_usd
    assert back.due_usd == -there.due_usd
