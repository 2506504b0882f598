"""The time-weighted return."""

from datetime import timedelta
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.holdings import day, valuation

from strongroom.domain.positions.cash_flow import CashFlow
from strongroom.domain.positions.errors import ReturnUndefined
from strongroom.domain.positions.time_weighted import time_weighted_return

growths = st.lists(st.integers(-90, 200).map(lambda percent: Fraction(100 + percent, 100)), min_size=1, max_size=8)


def exact(value):
    """Return a fraction as a Decimal of 18 places; the drawn ones have no more."""
    return Decimal(value.numerator) / Decimal(value.denominator)


@given(growths, st.data())
def test_money_that_comes_and_goes_at_valuations_does_not_matter(growths, data):
    """Money that comes and goes at valuations does not matter."""
    worth = Fraction(1000)
    valuations, flows = [valuation(day(0), 1000)], []
    for number, growth in enumerate(growths, start=1):
        grown = Fraction(round(worth * growth * 10**6), 10**6)
        moved = data.draw(st.integers(1, 10**4)) - int(grown)
        flows.append(CashFlow(day(number), Decimal(-moved)))
        valuations.append(valuation(day(number), exact(grown + moved)))
        growths[number - 1] = grown / worth
        worth = grown + moved
    expected = Fraction(1)
    for growth in growths:
        expected *= growth
    found = time_weighted_return(valuations, flows, least_base=Decimal(0))
    assert abs(Fraction(found) - (expected - 1)) < Fraction(1, 10**25) * (1 + expected)


@given(st.lists(st.integers(1, 10**6), min_size=2, max_size=10), st.randoms())
def test_without_cash_flows_it_is_the_change_from_first_to_last(values, shuffler):
    """Without cash flows it is the change from first to last."""
    valuations = [valuation(day(number), value) for number, value in enumerate(values)]
    shuffler.shuffle(valuations)
    found = time_weighted_return(valuations, [])
    assert abs(Fraction(found) - (Fraction(values[-1], values[0]) - 1)) < Fraction(1, 10**25)


def test_money_between_valuations_is_weighted_by_the_time_it_was_in():
    """Money between valuations is weighted by the time it was in."""
    flows = [CashFlow(day(30), Decimal(-100))]
    found = time_weighted_return([valuation(day(0), 100), valuation(day(40), 230)], flows)
    assert found == Decimal(30) / Decimal(125)


def test_money_before_the_first_valuation_is_worth_itself_until_it_was_valued():
    """Money before the first valuation is worth itself until it was valued."""
    flows = [CashFlow(day(0), Decimal(-100)), CashFlow(day(10), Decimal(-50))]
    assert time_weighted_return([valuation(day(10), 160)], flows) == Decimal("0.1")


def test_a_holding_that_was_emptied_and_filled_again_earns_nothing_in_between():
    """A holding that was emptied and filled again earns nothing in between."""
    flows = [CashFlow(day(1), Decimal(110)), CashFlow(day(9), Decimal(-500))]
    valuations = [valuation(day(0), 100), valuation(day(1), 0), valuation(day(9), 500), valuation(day(10), 550)]
    assert time_weighted_return(valuations, flows) == Decimal("0.21")


def test_a_total_loss_is_minus_one_and_cash_after_the_last_valuation_does_not_count():
    """A total loss is minus one and cash after the last valuation does not count."""
    flows = [CashFlow(day(5), Decimal(-500))]
    assert time_weighted_return([valuation(day(0), 100), valuation(day(1), 0)], flows) == -1


@pytest.mark.parametrize(
    ("valuations", "flows"),
    [
        ([], []),
        ([], [CashFlow(day(0), Decimal(-1))]),
        ([valuation(day(0), 1)], []),
        ([valuation(day(0), 1)], [CashFlow(day(0), Decimal(-1))]),
        ([valuation(day(0), 0), valuation(day(1), 1)], []),
        ([valuation(day(0), 1), valuation(day(0), 2), valuation(day(1), 2)], []),
        ([valuation(day(0), 1), valuation(day(2), 1)], [CashFlow(day(1), Decimal(50))]),
    ],
)
def test_undefined_returns_raise_return_undefined(valuations, flows):
    """Where there is no return to state that is said."""
    with pytest.raises(ReturnUndefined) as undefined:
        time_weighted_return(valuations, flows)
    assert undefined.value.reason


amounts = st.integers(1, 10**7).map(lambda cents: Decimal(cents) / 100)


@given(amounts, amounts, st.integers(0, 100).map(lambda percent: Decimal(percent) / 100), st.sampled_from([0, 1, 10]))
def test_what_a_large_deposit_costs_is_not_the_return_of_the_dust_before_it(dust, factor, lost, early):
    """A deposit of more than a hundred times what was held counts as held from the start of its period."""
    paid = dust * 101 * (1 + factor)
    flows = [CashFlow(day(0), -dust), CashFlow(day(20) - timedelta(seconds=early), -paid)]
    valuations = [valuation(day(0), dust), valuation(day(20), dust + paid * (1 - lost))]
    found = time_weighted_return(valuations, flows)
    assert abs(found + paid * lost / (dust + paid)) < Decimal("1e-20")


@given(
    st.lists(st.tuples(amounts, amounts), min_size=1, max_size=6), st.sampled_from([Decimal("0.01"), Decimal("0.1")])
)
def test_no_more_than_all_is_lost(steps, least_base):
    """Whatever is paid in, and whatever it is worth then, no more than all of it is lost."""
    valuations, flows = [valuation(day(0), 100)], []
    for number, (paid, worth) in enumerate(steps, start=1):
        flows.append(CashFlow(day(number), -paid))
        valuations.append(valuation(day(number), worth))
    assert time_weighted_return(valuations, flows, least_base=least_base) >= -1


def test_the_slippage_of_a_deposit_into_dust_is_a_small_loss():
    """Dust of 20 USD and 20,000 USD with 14 USD of slippage: -0.07 %, and -70 % if the dust is the base."""
    flows = [CashFlow(day(0), Decimal(-20)), CashFlow(day(19), Decimal(-20000))]
    valuations = [valuation(day(0), 20), valuation(day(19), 20006)]
    assert format(time_weighted_return(valuations, flows), ".4%") == "-0.0699%"
    assert time_weighted_return(valuations, flows, least_base=Decimal(0)) == Decimal("-0.7")


def test_a_deposit_beside_a_real_holding_counts_from_its_instant():
    """1,000 that grew to 1,100 and a deposit of 5,000, all of which grew to 6,700: 20.82 %."""
    flows = [CashFlow(day(0), Decimal(-1000)), CashFlow(day(150), Decimal(-5000))]
    valuations = [valuation(day(0), 1000), valuation(day(150), 6100), valuation(day(228), 6700)]
    assert format(time_weighted_return(valuations, flows), ".4%") == "20.8197%"
