"""The periods of subscriptions."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from uuid import UUID

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from strongroom.domain.errors import InvalidValue
from strongroom.domain.transactions.errors import NotLive, WrongPlan
from strongroom.domain.transactions.subscription import SubscriptionStatus
from strongroom.domain.transactions.subscription_periods import (
    LIVE,
    advance_status,
    cancel_subscription,
    change_subscription_plan,
    live_subscription,
    new_subscription,
    period_of,
    prorate,
    renew_subscription,
    resume_subscription,
    status_at,
)
from strongroom.domain.transactions.subscription_plan import SubscriptionPlan

START = datetime(2024, 1, 1, tzinfo=UTC)
USER, SUBSCRIPTION = UUID(int=1), UUID(int=2)
GRACE = timedelta(days=3)
INSTANT = timedelta(microseconds=1)
prices = st.decimals(min_value=0, max_value=10**6, places=2)
hours = st.integers(0, 40 * 24).map(lambda number: timedelta(hours=number))


def a_plan(**fields):
    """Return a plan of 30 days for 30 USD with these fields changed."""
    known = {"id": UUID(int=3), "code": "pro", "name": "Pro", "price_usd": Decimal(30), "period_days": 30}
    return SubscriptionPlan(**known | {"features": {}} | fields)


PLAN, YEARLY = a_plan(), a_plan(id=UUID(int=4), code="year", price_usd=Decimal(365), period_days=365)


def a_subscription(trial=None, plan=PLAN):
    """Return a subscription that has just started."""
    return new_subscription(SUBSCRIPTION, USER, plan, at=START, trial=trial)


END = a_subscription().current_period_end


@given(st.integers(1, 12), st.lists(st.integers(-30 * 24, 3 * 24 - 1), min_size=12, max_size=12))
def test_renewals_follow_without_a_gap_whenever_they_are_paid(count, offsets):
    """Renewals follow without a gap whenever they are paid."""
    subscription = a_subscription()
    for offset in offsets[:count]:
        paid_at = subscription.current_period_end + timedelta(hours=offset)
        before, subscription = subscription, renew_subscription(subscription, PLAN, at=paid_at, grace=GRACE)
        assert subscription.current_period_start == before.current_period_end
        assert subscription.status is SubscriptionStatus.ACTIVE
    assert subscription.current_period_end == START + (count + 1) * period_of(PLAN)


@given(hours, st.none() | st.just(timedelta(days=14)))
def test_an_unpaid_period_is_past_due_for_the_grace_and_then_expired(later, trial):
    """An unpaid period is past due for the grace and then expired."""
    subscription = a_subscription(trial)
    within = SubscriptionStatus.ACTIVE if trial is None else SubscriptionStatus.TRIALING
    status = status_at(subscription, START + later, grace=GRACE)
    left = subscription.current_period_end - (START + later)
    if left > timedelta(0):
        assert status is within
    elif left > -GRACE:
        assert status is SubscriptionStatus.PAST_DUE
    else:
        assert status is SubscriptionStatus.EXPIRED


@given(hours, hours)
def test_ended_subscriptions_stay_ended(first, second):
    """What has ended stays ended."""
    ended = advance_status(a_subscription(), START + first, grace=GRACE)
    later = advance_status(ended, START + max(first, second), grace=GRACE)
    assert later.status is status_at(a_subscription(), START + max(first, second), grace=GRACE)
    if ended.status not in LIVE:
        assert later == ended


@given(hours, hours)
def test_a_cancelled_subscription_runs_to_the_end_of_what_was_paid_and_has_no_grace(cancelled_after, later):
    """A cancelled subscription runs to the end of what was paid and has no grace."""
    at = START + cancelled_after
    if at >= END + GRACE:
        with pytest.raises(NotLive):
            cancel_subscription(a_subscription(), at=at, grace=GRACE)
        return
    subscription = cancel_subscription(a_subscription(), at=at, grace=GRACE)
    assert subscription.cancel_at == max(at, END)
    status = status_at(subscription, at + later, grace=GRACE)
    assert (status is SubscriptionStatus.CANCELLED) == (at + later >= max(at, END))


def test_a_cancelled_subscription_is_not_renewed_until_it_is_resumed():
    """A cancelled subscription is not renewed until it is resumed."""
    cancelled = cancel_subscription(a_subscription(), at=START, grace=GRACE)
    assert cancel_subscription(cancelled, at=START + GRACE, grace=GRACE) == cancelled
    with pytest.raises(NotLive):
        renew_subscription(cancelled, PLAN, at=START, grace=GRACE)
    back = resume_subscription(cancelled, at=START, grace=GRACE)
    assert back == a_subscription()
    assert renew_subscription(back, PLAN, at=START, grace=GRACE).current_period_start == END
    with pytest.raises(NotLive):
        resume_subscription(cancelled, at=END, grace=GRACE)


def test_the_end_of_a_period_and_of_the_grace_are_exact_to_the_microsecond():
    """The end of a period and of the grace are exact to the microsecond."""
    subscription = a_subscription()
    at = [END - INSTANT, END, END + GRACE - INSTANT, END + GRACE]
    assert [status_at(subscription, moment, grace=GRACE).value for moment in at] == [
        "active",
        "past_due",
        "past_due",
        "expired",
    ]
    with pytest.raises(NotLive):
        renew_subscription(subscription, PLAN, at=END + GRACE, grace=GRACE)


@given(prices, st.integers(0, 30 * 24 * 3600 - 1), st.integers(1, 400))
def test_a_change_to_a_plan_of_the_same_price_for_the_same_time_costs_nothing(price, second, days):
    """A change to a plan of the same price for the same time costs nothing."""
    plan = a_plan(price_usd=price, period_days=days)
    at = START + timedelta(seconds=second) * days / 30
    cost = prorate(a_subscription(plan=plan), plan, attrs.evolve(plan, id=UUID(int=9)), paid_usd=price, at=at)
    assert cost.due_usd == 0
    assert 0 <= cost.credit_usd <= price


@given(prices, prices, st.integers(1, 400), st.integers(0, 30 * 24 * 3600 - 1))
def test_a_change_is_credited_and_charged_for_the_rest_of_the_period_to_the_cent(paid, price, days, second):
    """A change is credited and charged for the rest of the period to the cent."""
    new_plan = a_plan(id=UUID(int=9), price_usd=price, period_days=days)
    cost = prorate(a_subscription(), PLAN, new_plan, paid_usd=paid, at=START + timedelta(seconds=second))
    rest = Fraction(30 * 24 * 3600 - second, 24 * 3600)
    assert abs(Fraction(cost.credit_usd) - Fraction(paid) * rest / 30) <= Fraction(1, 200)
    assert abs(Fraction(cost.charge_usd) - Fraction(price) * rest / days) <= Fraction(1, 200)
    assert cost.due_usd == cost.charge_usd - cost.credit_usd
    assert (cost.due_usd * 100) % 1 == 0


def test_a_change_after_half_the_month_credits_half_and_charges_by_the_day():
    """A change after half the month credits half and charges by the day."""
    cost = prorate(a_subscription(), PLAN, YEARLY, paid_usd=Decimal("27.00"), at=START + timedelta(days=15))
    assert (cost.credit_usd, cost.charge_usd, cost.due_usd) == (Decimal("13.5"), Decimal(15), Decimal("1.5"))


def test_a_change_within_a_trial_costs_nothing():
    """A change within a trial costs nothing."""
    trial = a_subscription(timedelta(days=14))
    cost = prorate(trial, PLAN, YEARLY, paid_usd=Decimal(0), at=START)
    assert (cost.credit_usd, cost.charge_usd, cost.due_usd) == (0, 0, 0)


def test_a_change_of_plan_keeps_the_period():
    """A change of plan keeps the period."""
    after = change_subscription_plan(a_subscription(), YEARLY, at=START, grace=GRACE)
    assert after == attrs.evolve(a_subscription(), plan_id=YEARLY.id)
    assert renew_subscription(after, YEARLY, at=END, grace=GRACE).current_period_end == END + timedelta(days=365)


def test_a_plan_has_to_be_the_own_one_or_one_on_offer():
    """A plan has to be the own one or one on offer."""
    subscription, withdrawn = a_subscription(), a_plan(id=UUID(int=9), is_active=False)
    with pytest.raises(WrongPlan):
        renew_subscription(subscription, YEARLY, at=START, grace=GRACE)
    with pytest.raises(WrongPlan):
        prorate(subscription, YEARLY, PLAN, paid_usd=Decimal(1), at=START)
    with pytest.raises(WrongPlan, match="not offered"):
        change_subscription_plan(subscription, withdrawn, at=START, grace=GRACE)
    with pytest.raises(WrongPlan, match="not offered"):
        new_subscription(SUBSCRIPTION, USER, withdrawn, at=START)


@pytest.mark.parametrize("at", [START - INSTANT, END])
def test_outside_the_period_there_is_nothing_to_prorate(at):
    """Outside the period there is nothing to prorate."""
    with pytest.raises(NotLive):
        prorate(a_subscription(), PLAN, YEARLY, paid_usd=Decimal(1), at=at)


def test_a_trial_has_a_length():
    """A trial has a length."""
    with pytest.raises(ValueError, match="no length"):
        a_subscription(timedelta(0))


def test_the_live_subscription_of_a_user_is_the_one_that_has_not_ended():
    """The live subscription of a user is the one that has not ended."""
    live = a_subscription()
    ended = attrs.evolve(live, id=UUID(int=8), status=SubscriptionStatus.EXPIRED)
    other = attrs.evolve(live, id=UUID(int=9), user_id=UUID(int=10))
    assert live_subscription([other, ended, live], USER) == live
    assert live_subscription([other, ended], USER) is None


@pytest.mark.parametrize("days", [3_000_000, 999_999_999, 2**31 - 1])
def test_a_period_beyond_the_calendar_is_refused(days):
    """A new subscription, a renewal and a trial that would end after the year 9999 name what is wrong."""
    plan = a_plan(period_days=days)
    subscription = attrs.evolve(a_subscription(), plan_id=plan.id)
    for refused in (
        lambda: a_subscription(plan=plan),
        lambda: a_subscription(trial=timedelta(days=min(days, 999_999_999))),
        lambda: renew_subscription(subscription, plan, at=START, grace=GRACE),
    ):
        with pytest.raises(InvalidValue) as caught:
            refused()
        assert caught.value.field in {"current_period_end", "period_days"}


@given(st.integers(0, 10**9 - 1).map(lambda days: timedelta(days=days)), hours)
def test_grace_may_be_as_long_as_it_likes(grace, late):
    """Past due for as long as it lasts, whatever the calendar holds."""
    after = status_at(a_subscription(), END + late, grace=grace)
    assert after is (SubscriptionStatus.PAST_DUE if late < grace else SubscriptionStatus.EXPIRED)
