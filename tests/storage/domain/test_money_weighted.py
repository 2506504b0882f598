"""The money-weighted return, against its equation and against pyxirr."""

import json
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Final

import pytest
import pyxirr
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from support.holdings import START, day, deposit, fee, withdrawal

from strongroom.domain.positions.cash_flow import CashFlow, cash_flows, net_cash_flows
from strongroom.domain.positions.errors import ReturnUndefined
from strongroom.domain.positions.money_weighted import (
    YEAR,
    money_weighted_rates,
    money_weighted_return,
    net_present_value,
)

moderately = settings(deadline=None, max_examples=40)
cents = st.integers(1, 10**9).map(lambda number: Decimal(number) / 100)


@st.composite
def investments(draw: st.DrawFn) -> list[CashFlow]:
    """Draw payments that all come before all receipts: there is exactly one rate."""
    count = draw(st.integers(2, 10))
    days = sorted(draw(st.lists(st.integers(0, 3000), min_size=count, max_size=count, unique=True)))
    paid = draw(st.integers(1, count - 1))
    amounts = [draw(cents) for _ in range(count)]
    return [
        CashFlow(day(at), -amount if number < paid else amount)
        for number, (at, amount) in enumerate(zip(days, amounts, strict=True))
    ]


any_flows = st.lists(
    st.builds(CashFlow, st.integers(0, 3000).map(day), st.integers(-(10**9), 10**9).map(Decimal)), max_size=10
)


def imbalance(flows, rate):
    """Return how far the present value is from 0, as a part of all present values together."""
    paid = [flow for flow in flows if flow.amount_usd < 0]
    received = [flow for flow in flows if flow.amount_usd > 0]
    size = net_present_value(received, rate) if paid[0].at == received[0].at else None
    years = Decimal((received[0].at - paid[0].at).days) / 365
    size = size or net_present_value(received, rate) * (-(1 + rate).ln() * years).exp()
    return abs(net_present_value(flows, rate)) / size


@moderately
@given(investments())
def test_the_rate_of_an_investment_is_the_one_that_pyxirr_finds(flows):
    """The rate of an investment is the one that pyxirr finds, where amounts are not below what it stops at."""
    rate = money_weighted_return(flows)
    assume(Decimal("-0.99") < rate < 100)
    theirs = pyxirr.xirr([flow.at.date() for flow in flows], [float(flow.amount_usd) * 10**6 for flow in flows])
    assume(theirs is not None)
    assert float(rate) == pytest.approx(theirs, rel=1e-9, abs=1e-9)


@moderately
@given(investments())
def test_at_the_rate_of_an_investment_the_present_value_is_nothing(flows):
    """At the rate of an investment the present value is nothing."""
    rate = money_weighted_return(flows)
    assume(Decimal("-0.999999") < rate < 10**6)
    assert imbalance(sorted(flows, key=lambda flow: flow.at), rate) < Decimal("1e-15")


@moderately
@given(any_flows)
def test_any_flows_have_a_rate_that_balances_them_or_a_reason_why_there_is_none(flows):
    """Any flows have a rate that balances them or a reason why there is none."""
    rate = None
    with suppress(ReturnUndefined):
        rate = money_weighted_return(flows)
    if rate is None:
        ends = [flow.amount_usd > 0 for flow in net_cash_flows(flows)]
        assert not ends or ends[0] == ends[-1]
        return
    assume(Decimal("-0.99") < rate < 10**6)
    low, high = (net_present_value(flows, rate + step * (1 + rate)) for step in (Decimal("-1e-9"), Decimal("1e-9")))
    assert (low > 0) != (high > 0)


@moderately
@given(investments(), st.integers(1, 10**6), st.randoms())
def test_neither_the_order_nor_the_size_of_all_flows_matters(flows, factor, shuffler):
    """Neither the order nor the size of all flows matters."""
    rate = money_weighted_return(flows)
    larger = [CashFlow(flow.at, flow.amount_usd * factor) for flow in flows]
    shuffler.shuffle(larger)
    assert abs(money_weighted_return(larger) - rate) <= Decimal("1e-25") * (1 + abs(rate))


@given(st.decimals(min_value="-0.99", max_value=100, places=6), st.integers(1, 10**15))
def test_what_grows_for_a_time_at_a_rate_has_that_rate(rate, seconds):
    """What grows for a time at a rate has that rate."""
    span = timedelta(seconds=seconds % 10**9 + 3600)
    years = Decimal(span // timedelta(seconds=1)) / Decimal(YEAR // timedelta(seconds=1))
    grown = Decimal(10**12) * (1 + rate) ** years
    assume(grown > 10**6)
    found = money_weighted_return([CashFlow(START, Decimal(-(10**12))), CashFlow(START + span, grown)])
    assert abs(found - rate) <= (1 + rate) * Decimal("1e-20") * max(1, 1 / years)


@pytest.mark.parametrize(
    ("flows", "rate"),
    [
        ([(0, -100), (365, 105)], "0.05"),
        ([(0, -100), (730, 121)], "0.1"),
        ([(0, -100), (365, 100)], "0"),
        ([(0, -100), (365, 50)], "-0.5"),
        ([(0, 100), (365, -105)], "0.05"),
        ([(0, -100), (365, 230), (730, -132)], "0.1"),
    ],
)
def test_known_rates_and_of_two_the_smaller_change(flows, rate):
    """Known rates and of two the smaller change."""
    found = money_weighted_return([CashFlow(day(days), Decimal(amount)) for days, amount in flows])
    assert abs(found - Decimal(rate)) < Decimal("1e-12")


@pytest.mark.parametrize(
    "flows",
    [
        [],
        [(0, -100)],
        [(0, -100), (1, -100)],
        [(0, 100), (1, 100)],
        [(0, -100), (0, 100)],
        [(0, -100), (0, 90)],
        [(0, -100), (365, 0)],
        [(0, -100), (365, 100), (730, -100)],
    ],
)
def test_flows_without_a_rate_raise_return_undefined(flows):
    """Where no rate balances the flows that is said."""
    with pytest.raises(ReturnUndefined):
        money_weighted_return([CashFlow(day(days), Decimal(amount)) for days, amount in flows])


def test_a_gain_within_moments_has_no_rate_per_year_that_can_be_stated():
    """A gain within moments has no rate per year that can be stated."""
    moment = START + timedelta(microseconds=1)
    with pytest.raises(ReturnUndefined, match="too large"):
        money_weighted_return([CashFlow(START, Decimal(-1)), CashFlow(moment, Decimal(2))])


def test_a_loss_of_nearly_all_within_moments_rounds_to_minus_one():
    """A loss of nearly all within moments rounds to minus one."""
    moment = START + timedelta(seconds=1)
    assert money_weighted_return([CashFlow(START, Decimal(-2)), CashFlow(moment, Decimal(1))]) == -1
    with pytest.raises(ReturnUndefined):
        net_present_value([CashFlow(START, Decimal(1))], Decimal(-1))


def test_deposits_are_paid_withdrawals_received_and_only_fees_on_top_are_cash():
    """Deposits are paid withdrawals received and only fees on top are cash."""
    flows = [withdrawal(1, 7, at=day(2)), deposit(9, 5), fee(1, 3, at=day(1)), fee(0, 2, at=day(1))]
    assert cash_flows(flows) == [
        CashFlow(day(0), Decimal(-5)),
        CashFlow(day(1), Decimal(-2)),
        CashFlow(day(2), Decimal(7)),
    ]


def test_the_present_value_of_no_flows_is_nothing_and_at_a_rate_of_0_it_is_the_sum():
    """The present value of no flows is nothing and at a rate of 0 it is the sum."""
    assert net_present_value([], Decimal("0.05")) == 0
    flows = [CashFlow(day(0), Decimal(-5)), CashFlow(day(50), Decimal("7.25"))]
    assert Fraction(net_present_value(flows, Decimal(0))) == Fraction(9, 4)


SERIES: Final = json.loads(Path(__file__).with_name("xirr_series.json").read_text(encoding="utf-8"))
"""Series that users of other programs have published, with the rates that balance them, to 12 digits."""


def published(series):
    """Return the cash flows of a published series."""
    return [CashFlow(datetime.fromisoformat(at).replace(tzinfo=UTC), Decimal(amount)) for at, amount in series["flows"]]


@pytest.mark.parametrize("series", SERIES, ids=[series["source"] for series in SERIES])
def test_a_published_series_has_its_rate(series):
    """A published series has the rate that balances it, or none where none does."""
    flows = published(series)
    if series["rate"] is None:
        with pytest.raises(ReturnUndefined):
            money_weighted_return(flows)
        return
    rate, wanted = money_weighted_return(flows), Decimal(series["rate"])
    assert abs(rate - wanted) <= abs(wanted) * Decimal("1e-11")


@pytest.mark.parametrize(
    ("second", "third", "rate"),
    [
        ("2349.433745", "-1379.942516", 0.17056783),
        ("2655.933966", "-1763.467771", 0.32262498),
        ("2498.744092", "-1560.649684", 0.23261420),
    ],
)
def test_of_two_rates_that_lie_close_together_the_one_of_spreadsheets_is_stated(second, third, rate):
    """Of two rates that lie close together the one of spreadsheets is stated, and both are told."""
    flows = [CashFlow(day(0), Decimal(-1000)), CashFlow(day(365), Decimal(second)), CashFlow(day(730), Decimal(third))]
    found = money_weighted_rates(flows)
    assert float(found.rate) == pytest.approx(rate, abs=1e-8)
    assert len(found.all_rates) == 2
    assert found.note == f"several rates: {', '.join(f'{each:.4%}' for each in found.all_rates)}"


@moderately
@given(st.lists(st.integers(300, 2500), min_size=1, max_size=8, unique=True))
def test_all_rates_of_flows_that_are_made_of_them_are_found(growths):
    """The flows of a polynomial with given roots have all of them as rates, however close they lie."""
    amounts = [Decimal(10**6)]
    for growth in growths:
        root = Decimal(growth) / 1000
        amounts = [a - b * root for a, b in zip([*amounts, Decimal(0)], [Decimal(0), *amounts], strict=True)]
    found = money_weighted_rates([CashFlow(day(365 * year), amount) for year, amount in enumerate(amounts)])
    wanted = [Decimal(growth) / 1000 - 1 for growth in sorted(growths)]
    assert len(found.all_rates) == len(wanted)
    for rate, each in zip(found.all_rates, wanted, strict=True):
        assert abs(rate - each) < Decimal("1e-9")


def test_a_double_rate_is_found_once():
    """-100, 220 and -121 a year apart have the one rate of 10 %, which touches 0 without crossing it."""
    flows = [CashFlow(day(0), Decimal(-100)), CashFlow(day(365), Decimal(220)), CashFlow(day(730), Decimal(-121))]
    found = money_weighted_rates(flows)
    assert abs(found.rate - Decimal("0.1")) < Decimal("1e-12")
    assert found.note is None


@moderately
@given(st.lists(st.integers(-(10**6), 10**6).filter(bool), min_size=20, max_size=60), st.integers(1, 10**6))
def test_flows_that_change_sign_often_have_a_rate_where_the_ends_demand_one(amounts, last):
    """Flows of which the first and the last differ in sign always have a rate, however often the sign changes."""
    flows = [CashFlow(day(number), Decimal(amount)) for number, amount in enumerate(amounts)]
    flows.append(CashFlow(day(len(amounts)), Decimal(-last if amounts[0] > 0 else last)))
    rate = money_weighted_return(flows)
    if not Decimal("-0.99") < rate < 10**6:
        return
    size = sum(abs(net_present_value([flow], Decimal(0))) for flow in flows)
    low, high = (net_present_value(flows, rate + step * (1 + rate)) for step in (Decimal("-1e-12"), Decimal("1e-12")))
    assert (low > 0) != (high > 0) or min(abs(low), abs(high)) < size * Decimal("1e-20")
