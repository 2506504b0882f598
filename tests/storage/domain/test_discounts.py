"""Discounts on subscriptions."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from strongroom.domain.safes.discounts import best_discount, charge, reason_unusable, use_discount
from strongroom.domain.safes.errors import DiscountNotUsable
from strongroom.domain.safes.safe_discount import SafeDiscount

START = datetime(2024, 1, 1, tzinfo=UTC)
PLAN, OTHER_PLAN = UUID(int=1), UUID(int=2)
days = st.integers(0, 30).map(lambda number: START + timedelta(days=number))
percents = st.integers(1, 10_000)
prices = st.decimals(min_value=0, max_value=10**6, places=18) | st.decimals(min_value=0, max_value=10**6, places=2)


def a_discount(**fields):
    """Return a discount of ten percent with these fields changed."""
    known = {"id": UUID(int=5), "safe_id": UUID(int=6), "percent_bps": 1000, "reason": "early", "valid_from": START}
    return SafeDiscount(**known | fields)


discounts = st.builds(
    a_discount,
    id=st.uuids(),
    plan_id=st.sampled_from([None, PLAN, OTHER_PLAN]),
    percent_bps=st.sampled_from([1, 500, 10_000]) | percents,
    valid_from=days,
    valid_until=st.none() | days,
    max_uses=st.none() | st.integers(0, 3),
    uses=st.integers(0, 3),
)


@given(prices, percents)
def test_what_is_paid_is_the_list_price_less_the_discount_to_the_cent(price, percent):
    """What is paid is the list price less the discount to the cent."""
    charged = charge(price, a_discount(percent_bps=percent))
    assert charged.paid_usd == charged.list_price_usd - charged.discount_usd
    assert 0 <= charged.paid_usd <= charged.list_price_usd
    for amount in (charged.paid_usd, charged.list_price_usd, charged.discount_usd):
        assert (amount * 100) % 1 == 0
    assert abs(Fraction(charged.list_price_usd) - Fraction(price)) <= Fraction(1, 200)
    exact = Fraction(charged.list_price_usd) * percent / 10_000
    assert abs(Fraction(charged.discount_usd) - exact) <= Fraction(1, 200)


@given(prices)
def test_a_whole_discount_leaves_nothing_to_pay_and_none_leaves_all(price):
    """A whole discount leaves nothing to pay and none leaves all."""
    assert charge(price, a_discount(percent_bps=10_000)).paid_usd == 0
    assert charge(price).paid_usd == charge(price).list_price_usd
    assert charge(price).discount_id is None


@given(st.lists(discounts, max_size=6), days)
def test_the_best_discount_is_a_usable_one_that_no_usable_one_exceeds(offered, at):
    """The best discount is a usable one that no usable one exceeds."""
    best = best_discount(offered, PLAN, at)
    usable = [discount for discount in offered if reason_unusable(discount, PLAN, at) is None]
    if best is None:
        assert usable == []
    else:
        assert best in usable
        assert best.percent_bps == max(discount.percent_bps for discount in usable)
        assert best_discount(reversed(offered), PLAN, at) == best


@given(discounts, days)
def test_a_discount_is_used_within_its_window_for_its_plan_and_no_more_often_than_allowed(discount, at):
    """A discount is used within its window for its plan and no more often than allowed."""
    usable = (
        discount.plan_id in (None, PLAN)
        and discount.valid_from <= at
        and (discount.valid_until is None or at < discount.valid_until)
        and (discount.max_uses is None or discount.uses < discount.max_uses)
    )
    if usable:
        assert use_discount(discount, PLAN, at).uses == discount.uses + 1
    else:
        with pytest.raises(DiscountNotUsable) as refused:
            use_discount(discount, PLAN, at)
        assert refused.value.discount_id == discount.id


def test_of_discounts_as_large_the_one_that_ends_first_counts():
    """Of discounts as large the one that ends first counts."""
    soon = a_discount(id=UUID(int=9), valid_until=START + timedelta(days=1))
    later = a_discount(id=UUID(int=8), valid_until=START + timedelta(days=2))
    assert best_discount([a_discount(), later, soon], PLAN, START) == soon


def test_a_third_of_a_price_is_rounded_to_the_cent_half_away_from_zero():
    """A third of a price is rounded to the cent half away from zero."""
    charged = charge(Decimal("9.99"), a_discount(percent_bps=3350))
    assert (charged.discount_usd, charged.paid_usd) == (Decimal("3.35"), Decimal("6.64"))
    assert charge(Decimal("0.10"), a_discount(percent_bps=500)).discount_usd == Decimal("0.01")
