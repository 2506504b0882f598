"""Billing by the calendar: an anchor day that clamps and comes back, in the customer's time zone."""

from calendar import monthrange
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from itertools import pairwise
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest
from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st

from strongroom.domain.errors import InvalidValue
from strongroom.domain.transactions.billing_calendar import is_boundary, period_end, period_start
from strongroom.domain.transactions.subscription import SubscriptionStatus
from strongroom.domain.transactions.subscription_payments import restore_time, revoke_time
from strongroom.domain.transactions.subscription_periods import (
    IntervalChange,
    change_subscription_plan,
    new_subscription,
    period_of,
    prorate,
    renew_subscription,
)
from strongroom.domain.transactions.subscription_plan import SubscriptionPlan
from strongroom.domain.transactions.subscription_transaction import PaymentStatus, SubscriptionTransaction

GRACE = timedelta(days=7)
ZONES = st.sampled_from(["UTC", "Europe/Berlin", "America/New_York", "Pacific/Auckland", "Asia/Kathmandu"])
TIMES = st.datetimes(datetime(2020, 1, 1), datetime(2040, 1, 1)).map(lambda at: at.replace(tzinfo=UTC))  # noqa: DTZ001


def a_plan(months=None, price=30, days=30, number=1):
    """Return a plan by the month, or by days."""
    return SubscriptionPlan(
        id=UUID(int=number),
        code=f"p{number}",
        name="a plan",
        price_usd=Decimal(price),
        period_days=days,
        period_months=months,
        features={},
    )


def at(text):
    """Return a time in UTC."""
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def subscribed(plan, start, **options):
    """Return a new subscription to a plan."""
    return new_subscription(UUID(int=8), UUID(int=9), plan, at=start, **options)


def renewed(subscription, plan, times):
    """Return the ends of a subscription's periods when it is renewed so many times, an hour before each end."""
    ends = [subscription.current_period_end]
    for _ in range(times):
        early = subscription.current_period_end - timedelta(hours=1)
        subscription = renew_subscription(subscription, plan, at=early, grace=GRACE)
        ends.append(subscription.current_period_end)
    return ends


def days(ends):
    """Return ends as their days."""
    return [end.date().isoformat() for end in ends]


def test_the_31st_clamps_and_comes_back():
    """Monthly from 31 January: each month ends on its last day, and never drifts."""
    ends = renewed(subscribed(a_plan(1), at("2024-01-31T12:00")), a_plan(1), 11)
    assert days(ends) == [f"2024-{month:02}-{monthrange(2024, month)[1]}" for month in range(2, 13)] + ["2025-01-31"]


def test_a_year_from_a_leap_day_comes_back_to_it():
    """Yearly from 29 February: 28 February, and 29 again in the next leap year."""
    ends = renewed(subscribed(a_plan(12), at("2024-02-29")), a_plan(12), 3)
    assert days(ends) == ["2025-02-28", "2026-02-28", "2027-02-28", "2028-02-29"]


def test_the_customers_wall_clock_decides():
    """Monthly from midnight in Berlin ends at midnight there, before and after the clocks change."""
    zone = ZoneInfo("Europe/Berlin")
    subscription = subscribed(a_plan(1), datetime(2024, 2, 15, tzinfo=zone), time_zone="Europe/Berlin")
    ends = renewed(subscription, a_plan(1), 2)
    assert [end.astimezone(zone).isoformat() for end in ends] == [
        "2024-03-15T00:00:00+01:00",
        "2024-04-15T00:00:00+02:00",
        "2024-05-15T00:00:00+02:00",
    ]
    assert all(end.tzinfo is UTC for end in ends)


def test_a_day_is_the_customers_day():
    """23:30 UTC on the 30th is the 31st in Berlin: the anchor day is the customer's."""
    subscription = subscribed(a_plan(1), at("2024-01-30T23:30"), time_zone="Europe/Berlin")
    assert subscription.current_period_end == at("2024-02-28T23:30")


def test_a_time_that_the_clocks_leave_out_is_as_much_later():
    """Half past two on the night of the change ends at half past three, and the next month at half past two."""
    zone = ZoneInfo("Europe/Berlin")
    start = datetime(2024, 2, 29, 2, 30, tzinfo=zone)
    plan = a_plan(1)
    anchored = datetime(2023, 12, 31, 2, 30, tzinfo=zone)
    end = period_end(plan, start, anchor_at=anchored, time_zone="Europe/Berlin")
    assert end.astimezone(zone).isoformat() == "2024-03-31T03:30:00+02:00"
    after = period_end(plan, end, anchor_at=anchored, time_zone="Europe/Berlin")
    assert after.astimezone(zone).isoformat() == "2024-04-30T02:30:00+02:00"


@given(TIMES, ZONES, st.sampled_from([1, 3, 6, 12]), st.integers(0, 60))
def test_periods_tile_and_end_on_the_anchors_day_or_the_months_last(start, zone, months, count):
    """Periods follow each other without a gap, each on the anchor's day where the month has it, else on the last."""
    plan = a_plan(months)
    ends = [start]
    for _ in range(min(count, 24)):
        ends.append(period_end(plan, ends[-1], anchor_at=start, time_zone=zone))
    day = start.astimezone(ZoneInfo(zone)).day
    for before, end in pairwise(ends):
        assert before < end
        assert period_start(plan, end, anchor_at=start, time_zone=zone) == before
        assert is_boundary(end, anchor_at=start, time_zone=zone)
        local = end.astimezone(ZoneInfo(zone))
        assert local.day == min(day, monthrange(local.year, local.month)[1])


@given(TIMES, st.integers(1, 400))
def test_a_plan_by_days_has_no_calendar(start, length):
    """A plan by days ends so many times 24 hours later, in whatever zone."""
    end = period_end(a_plan(days=length), start, anchor_at=start, time_zone="Europe/Berlin")
    assert end - start == timedelta(days=length)
    assert period_start(a_plan(days=length), end) == start


@pytest.mark.parametrize("zone", ["Berlin", "", "../etc/passwd", "Europe/Berlin\0", "/"])
def test_an_unknown_zone_is_refused(zone):
    """A time zone that the IANA database does not have is refused by its field."""
    with pytest.raises(InvalidValue) as refused:
        subscribed(a_plan(1), at("2024-01-31"), time_zone=zone)
    assert refused.value.field == "time_zone"


def test_periods_beyond_the_calendar_are_refused():
    """Months and days beyond the year 9999 are refused, and so is the length of a month that starts nowhere."""
    for plan in (a_plan(12 * 9000), a_plan(days=10**9)):
        with pytest.raises(InvalidValue):
            subscribed(plan, at("2024-01-31"))
    with pytest.raises(InvalidValue) as refused:
        period_of(a_plan(1))
    assert refused.value.field == "period_months"


def test_a_month_is_prorated_by_its_own_length():
    """With 15 of February's 29 days left, 15/29 of the old plan are credited and of the new one charged."""
    cheap, dear = a_plan(1, 29), a_plan(1, 58, number=2)
    subscription = subscribed(cheap, at("2024-02-01"))
    cost = prorate(subscription, cheap, dear, paid_usd=Decimal(29), at=at("2024-02-15"))
    assert (cost.credit_usd, cost.charge_usd, cost.due_usd) == (15, 30, 15)


def test_a_change_to_another_interval_keeps_the_end_or_starts_anew():
    """Monthly to yearly: with the end kept 15/366 of a year are charged; anew the year starts, charged whole."""
    monthly, yearly = a_plan(1, 29), a_plan(12, 366, number=2)
    subscription, now = subscribed(monthly, at("2024-02-01")), at("2024-02-15")
    kept = prorate(subscription, monthly, yearly, paid_usd=Decimal(29), at=now)
    assert (kept.credit_usd, kept.charge_usd) == (15, 15)
    after = change_subscription_plan(subscription, yearly, at=now, grace=GRACE)
    assert (after.current_period_end, after.anchor_at) == (at("2024-03-01"), at("2024-02-01"))
    anew = IntervalChange.START_ANEW
    cost = prorate(subscription, monthly, yearly, paid_usd=Decimal(29), at=now, interval_change=anew)
    assert (cost.credit_usd, cost.charge_usd, cost.due_usd) == (15, 366, 351)
    after = change_subscription_plan(subscription, yearly, at=now, grace=GRACE, interval_change=anew)
    assert (after.current_period_start, after.current_period_end) == (now, at("2025-02-15"))
    assert after.anchor_at == now


def test_a_plan_by_days_that_becomes_one_by_the_month_is_anchored_at_its_end():
    """The end that is kept is the anchor of the months that follow."""
    subscription = subscribed(a_plan(days=30), at("2024-01-31"))
    after = change_subscription_plan(subscription, a_plan(1, number=2), at=at("2024-02-10"), grace=GRACE)
    assert after.anchor_at == subscription.current_period_end == at("2024-03-01")
    assert days(renewed(after, a_plan(1, number=2), 2)) == ["2024-03-01", "2024-04-01", "2024-05-01"]


def test_a_trial_is_anchored_at_its_end():
    """The anchor of a subscription that starts with a trial is the trial's end."""
    subscription = subscribed(a_plan(1), at("2024-01-17"), trial=timedelta(days=14))
    assert subscription.anchor_at == subscription.trial_end == at("2024-01-31")
    assert days(renewed(subscription, a_plan(1), 2)) == ["2024-01-31", "2024-02-29", "2024-03-31"]


def a_payment(subscription, listed, **fields):
    """Return a pending payment for a subscription's period."""
    known = {
        "id": UUID(int=20),
        "subscription_id": subscription.id,
        "list_price_usd": Decimal(listed),
        "discount_usd": Decimal(0),
        "paid_usd": Decimal(listed),
        "coin_id": UUID(int=21),
        "amount": 1,
        "chain_id": 1,
        "transaction_hash": "0x" + "a" * 64,
        "status": PaymentStatus.PENDING,
        "at": subscription.current_period_start,
        "period_start": subscription.current_period_start,
        "period_end": subscription.current_period_end,
    }
    return SubscriptionTransaction(**known | fields)


def test_a_renewal_that_fails_within_a_trial_leaves_the_trial():
    """A month that was paid early within a trial and failed leaves a trial that runs, and the anchor as it was."""
    plan = a_plan(1)
    trial = subscribed(plan, at("2024-01-17"), trial=timedelta(days=14))
    paid = renew_subscription(trial, plan, at=at("2024-01-20"), grace=GRACE)
    assert paid.status is SubscriptionStatus.ACTIVE
    failed = revoke_time(paid, plan, a_payment(paid, 30), at=at("2024-01-21"), grace=GRACE)
    assert failed == trial
    late = revoke_time(paid, plan, a_payment(paid, 30), at=at("2024-02-01"), grace=GRACE)
    assert (late.status, late.current_period_end) == (SubscriptionStatus.PAST_DUE, at("2024-01-31"))


@given(TIMES, ZONES, st.integers(1, 14), st.integers(1, 6))
def test_a_month_that_is_taken_back_is_the_one_that_was_given(start, zone, count, taken):
    """Renewals that fail are taken back month by month to where they began, and given again the same."""
    plan = a_plan(1)
    states = [subscribed(plan, start, time_zone=zone)]
    for _ in range(count):
        states.append(renew_subscription(states[-1], plan, at=start, grace=GRACE))
    now = states[-1]
    for place in range(1, min(taken, count) + 1):
        back = revoke_time(now, plan, a_payment(now, 30), at=start, grace=GRACE)
        assert back == evolve(states[-1 - place], status=back.status)
        assert restore_time(back, plan, a_payment(now, 30), at=start) == evolve(now, status=SubscriptionStatus.ACTIVE)
        now = back
