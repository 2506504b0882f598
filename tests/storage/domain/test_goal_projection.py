"""Goals against time."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from strongroom.domain.accounts.goal import Goal
from strongroom.domain.accounts.goal_projection import (
    HORIZON_MONTHS,
    MAX_APY,
    add_months,
    future_value,
    months_between,
    progress,
    projected_date,
    required_apy,
    required_monthly_contribution,
)
from strongroom.domain.errors import InvalidValue
from strongroom.domain.values import usd

TODAY = date(2024, 1, 31)
CENT = Decimal("0.01")
TOLERANCE = Decimal("1e-18")
money = st.decimals(min_value=0, max_value=10**9, places=2)
targets = st.decimals(min_value=Decimal("0.01"), max_value=10**9, places=2)
contributions = st.decimals(min_value=0, max_value=10**6, places=2)
apys = st.sampled_from([Decimal(0), Decimal("0.05"), Decimal("-0.5"), Decimal(641809)]) | st.decimals(
    min_value=Decimal("-0.99"), max_value=5, places=6
)
days = st.dates(min_value=date(2024, 1, 1), max_value=date(2060, 1, 1))


def a_goal(target=1000, start=0, monthly=0, until=date(2030, 1, 31)):
    """Return a goal of so much by a day."""
    now = datetime(2020, 1, 1, tzinfo=UTC)
    return Goal(
        id=UUID(int=1),
        user_id=UUID(int=2),
        name="house",
        target_usd=Decimal(target),
        start_usd=Decimal(start),
        monthly_contribution_usd=Decimal(monthly),
        start_date=date(2020, 1, 1),
        target_date=until,
        created_at=now,
        updated_at=now,
    )


@given(targets, money, money)
def test_progress_is_the_part_of_the_way_and_1_exactly_when_the_target_is_reached(target, start, value):
    """Progress is the part of the way and 1 exactly when the target is reached."""
    done = progress(a_goal(target, start), value)
    assert 0 <= done <= 1
    assert (done == 1) == (value >= target)
    begin = start if start < target else Decimal(0)
    exact = max(Fraction(0), Fraction(value - begin) / Fraction(target - begin))
    assert value >= target or 0 <= exact - Fraction(done) < Fraction(1, 10**12)


@given(targets, money, days, days, apys)
def test_the_required_contribution_reaches_the_target_and_a_cent_less_does_not(target, value, on, until, apy):
    """The required contribution reaches the target and a cent less does not."""
    monthly = required_monthly_contribution(a_goal(target, until=until), value, apy, on=on)
    if monthly is None:
        assert on >= until or months_between(on, until)[0] == 0
        return
    assert monthly >= 0
    if value >= target:
        assert monthly == 0
        return
    reached = future_value(value, monthly, apy, on=on, until=until)
    assert reached >= target - TOLERANCE
    if monthly:
        assert future_value(value, monthly - CENT, apy, on=on, until=until) < target


@given(targets, money, contributions, days, days)
def test_the_required_rate_reaches_the_target_and_the_next_smaller_one_does_not(target, value, monthly, on, until):
    """The required rate reaches the target and the next smaller one does not."""
    goal = a_goal(target, monthly=monthly, until=until)
    apy = required_apy(goal, value, on=on)
    if value >= target:
        assert apy == 0
    elif on >= until:
        assert apy is None
    elif apy is None:
        assert future_value(value, monthly, MAX_APY, on=on, until=until) < target
    else:
        assert 0 <= apy <= MAX_APY
        assert future_value(value, monthly, apy, on=on, until=until) >= target - TOLERANCE
        if apy:
            assert future_value(value, monthly, apy - Decimal("1e-12"), on=on, until=until) < target


@given(targets, money, contributions, apys)
def test_the_projected_date_is_the_first_end_of_a_month_that_reaches_the_target(target, value, monthly, apy):
    """The projected date is the first end of a month that reaches the target."""
    goal = a_goal(target, monthly=monthly)
    reached = projected_date(goal, value, apy, on=TODAY)
    if reached is None:
        last = add_months(TODAY, HORIZON_MONTHS)
        assert future_value(value, monthly, apy, on=TODAY, until=last) < target
        return
    months = (reached.year - TODAY.year) * 12 + reached.month - TODAY.month
    assert 0 <= months <= HORIZON_MONTHS
    assert reached == add_months(TODAY, months)
    assert future_value(value, monthly, apy, on=TODAY, until=reached) >= target - TOLERANCE
    if months:
        before = add_months(TODAY, months - 1)
        assert future_value(value, monthly, apy, on=TODAY, until=before) < target


@given(targets, money, st.integers(1, 400), apys)
def test_with_the_required_contribution_the_projected_date_is_the_target_date_or_before(target, value, months, apy):
    """With the required contribution the projected date is the target date or before."""
    until = add_months(TODAY, months)
    monthly = required_monthly_contribution(a_goal(target, until=until), value, apy, on=TODAY)
    reached = projected_date(a_goal(target, monthly=monthly, until=until), value, apy, on=TODAY)
    assert reached is not None
    assert reached <= until


@given(days, st.integers(0, 1200))
def test_months_between_undoes_months_later(day, months):
    """Months between undoes months later."""
    later = add_months(day, months)
    assert months_between(day, later) == (months, 0)
    assert later.day == day.day or (later + timedelta(days=1)).day == 1


@given(days, days)
def test_the_rest_of_a_month_is_a_fraction_below_1(one, other):
    """The rest of a month is a fraction below 1."""
    start, end = sorted((one, other))
    months, rest = months_between(start, end)
    assert 0 <= rest < 1
    assert add_months(start, months) <= end < add_months(start, months + 1)


@given(money, contributions, days)
def test_without_growth_the_future_value_is_what_there_is_and_what_is_added(value, monthly, until):
    """Without growth the future value is what there is and what is added."""
    until = max(until, TODAY)
    months, _rest = months_between(TODAY, until)
    assert future_value(value, monthly, Decimal(0), on=TODAY, until=until) == value + monthly * months


def test_a_savings_plan_comes_to_what_the_formula_of_the_annuity_says():
    """A hundred a month at 12.682503 % a year, which is 1 % a month, for a year: 1268.25."""
    apy = Decimal("1.01") ** 12 - 1
    value = future_value(Decimal(0), Decimal(100), apy, on=date(2024, 1, 1), until=date(2025, 1, 1))
    assert round(value, 2) == Decimal("1268.25")
    goal = a_goal(Decimal("1268.25"), monthly=100, until=date(2025, 1, 1))
    assert required_monthly_contribution(goal, Decimal(0), apy, on=date(2024, 1, 1)) == Decimal(100)
    assert abs(required_apy(goal, Decimal(0), on=date(2024, 1, 1)) - apy) < Decimal("0.00001")


def test_a_doubling_in_a_year_needs_a_rate_of_100_percent():
    """A doubling in a year needs a rate of 100 percent."""
    assert required_apy(a_goal(200, until=date(2025, 1, 31)), Decimal(100), on=TODAY) == 1


def test_nothing_is_projected_beyond_the_horizon_or_the_calendar():
    """Nothing is projected beyond the horizon or the calendar."""
    assert projected_date(a_goal(1000), Decimal(0), Decimal("0.1"), on=TODAY) is None
    assert projected_date(a_goal(1201, monthly=1), Decimal(0), Decimal(0), on=TODAY) is None
    assert projected_date(a_goal(1200, monthly=1), Decimal(0), Decimal(0), on=TODAY) == date(2124, 1, 31)
    assert projected_date(a_goal(2, monthly=1), Decimal(0), Decimal(0), on=date(9999, 12, 1)) is None
    assert months_between(date(9999, 12, 1), date(9999, 12, 30))[0] == 0


def test_before_a_month_is_over_no_contribution_helps_but_a_rate_may():
    """Before a month is over no contribution helps but a rate may."""
    goal = a_goal(110, until=TODAY + timedelta(days=20))
    assert required_monthly_contribution(goal, Decimal(100), Decimal(0), on=TODAY) is None
    assert required_apy(goal, Decimal(100), on=TODAY) > 1
    assert required_apy(goal, Decimal(0), on=TODAY) is None


def test_past_dates_are_refused():
    """The past is not projected."""
    with pytest.raises(ValueError, match="is before"):
        future_value(Decimal(1), Decimal(1), Decimal(0), on=TODAY, until=TODAY - timedelta(days=1))


@pytest.mark.parametrize("apy", ["-1", "-2", "NaN", "Infinity", "1e12", "1e999999"])
def test_a_rate_is_above_minus_one_and_one_that_a_field_may_hold(apy):
    """A rate is above -1 and below 10^12, beyond which no yield is stored."""
    for judge in (required_monthly_contribution, projected_date):
        with pytest.raises(InvalidValue) as refused:
            judge(a_goal(), Decimal(0), Decimal(apy), on=TODAY)
        assert refused.value.field == "apy"
    with pytest.raises(InvalidValue):
        future_value(Decimal(1), Decimal(1), Decimal(apy), on=TODAY, until=date.max)


@given(st.integers(1, 10**6).map(Decimal), st.integers(2, 60))
def test_a_debt_needs_no_rate_if_contributions_suffice(debt, months):
    """A rate makes a debt grow: that the largest one does not help says nothing of the least."""
    monthly = usd.rounded((1000 + debt) / months + 1, 2)
    assert required_apy(a_goal(1000, 0, monthly, add_months(TODAY, months)), -debt, on=TODAY) == 0
