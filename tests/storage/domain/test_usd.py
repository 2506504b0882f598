"""Arithmetic with US dollars."""

from decimal import Decimal, localcontext
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from strongroom.domain.errors import InvalidValue
from strongroom.domain.values import usd

money = st.decimals(min_value=-(10**20), max_value=10**20, places=18)
finer = st.decimals(min_value=-(10**20), max_value=10**20, places=30)
HALF = Fraction(1, 2 * 10**18)


@given(finer)
def test_rounding_goes_to_the_nearest_of_18_places_halves_away_from_zero(value):
    """Rounding goes to the nearest of 18 places halves away from zero."""
    rounded = usd.rounded(value)
    error = abs(Fraction(rounded)) - abs(Fraction(value))
    assert -HALF < error <= HALF
    assert rounded.as_tuple().exponent == -18


@given(money, money)
def test_sums_and_differences_are_exact_whatever_the_callers_context(left, right):
    """Sums and differences are exact whatever the caller's context."""
    with localcontext() as context:
        context.prec = 3
        assert Fraction(usd.add(left, right)) == Fraction(left) + Fraction(right)
        assert Fraction(usd.subtract(left, right)) == Fraction(left) - Fraction(right)


@given(st.lists(money, max_size=20), st.randoms())
def test_a_total_does_not_depend_on_the_order(values, shuffler):
    """A total does not depend on the order."""
    expected = sum(map(Fraction, values))
    assert Fraction(usd.total(values)) == expected
    shuffler.shuffle(values)
    assert Fraction(usd.total(values)) == expected


@given(st.decimals(min_value=0, max_value=10**20, places=18), st.integers(0, 2**256 - 1), st.integers(1, 2**256 - 1))
def test_a_proportion_is_the_exact_one_rounded_and_never_more_than_the_whole(value, part, whole):
    """A proportion is the exact one rounded and never more than the whole."""
    part %= whole + 1
    taken = usd.proportion(value, part, whole)
    assert abs(Fraction(taken) - Fraction(value) * part / whole) <= HALF
    assert 0 <= taken <= value
    assert usd.proportion(value, whole, whole) == value


@pytest.mark.parametrize(
    ("value", "cents"), [("1.005", "1.01"), ("-1.005", "-1.01"), ("1.00499999999999999", "1.00"), ("-0.001", "0.00")]
)
def test_cents_round_half_away_from_zero_and_know_no_negative_zero(value, cents):
    """Cents round half away from zero and know no negative zero."""
    assert str(usd.to_cents(Decimal(value))) == cents


def test_a_fraction_has_12_places_and_is_0_of_nothing():
    """A fraction has 12 places and is 0 of nothing."""
    assert usd.fraction(Decimal(1), Decimal(3)) == Decimal("0.333333333333")
    assert usd.fraction(Decimal(0), Decimal(0)) == 0


def test_a_proportion_is_rounded_once_so_that_an_exact_half_goes_away_from_zero():
    """A proportion is rounded once, so that an exact half goes away from zero."""
    assert usd.proportion(Decimal("3e-18"), 5, 6) == Decimal("3e-18")


@pytest.mark.parametrize("value", ["NaN", "Infinity", "1e200"])
def test_non_finite_amounts_are_refused(value):
    """What is no amount of money is refused."""
    with pytest.raises(InvalidValue):
        usd.rounded(Decimal(value))


@pytest.mark.parametrize("value", [0, 1])
def test_part_of_nothing_is_an_error_of_the_program(value):
    """Part of nothing is an error of the program."""
    with pytest.raises(ArithmeticError):
        usd.proportion(Decimal(value), 1, 0)
