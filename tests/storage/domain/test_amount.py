"""Amounts of tokens."""

from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from strongroom.domain.errors import InvalidValue
from strongroom.domain.values.amount import DecimalsDiffer, TokenAmount
from strongroom.domain.values.fields import MAX_UINT256

raws = st.integers(-MAX_UINT256, MAX_UINT256) | st.integers(-1000, 1000)
decimals = st.sampled_from([0, 2, 6, 18, 27, 255]) | st.integers(0, 255)


@given(raws, decimals)
def test_an_amount_is_written_and_read_back_without_loss(raw, places):
    """An amount is written and read back without loss."""
    amount = TokenAmount(raw, places)
    assert TokenAmount.parse(str(amount), places) == amount
    assert "E" not in str(amount)


@given(raws, decimals)
def test_an_amount_in_whole_tokens_is_exact(raw, places):
    """An amount in whole tokens is exact."""
    assert Fraction(TokenAmount(raw, places).to_decimal()) == Fraction(raw, 10**places)


@given(st.integers(-(10**30), 10**30), st.integers(-(10**30), 10**30), decimals)
def test_sums_differences_and_order_are_those_of_the_raw_units(left, right, places):
    """Sums differences and order are those of the raw units."""
    first, second = TokenAmount(left, places), TokenAmount(right, places)
    assert (first + second).raw == left + right
    assert (first - second).raw == left - right
    assert (first < second, first <= second, first > second, first >= second, first == second) == (
        left < right,
        left <= right,
        left > right,
        left >= right,
        left == right,
    )


@given(st.integers(0, MAX_UINT256), decimals, st.decimals(min_value=0, max_value=10**19, places=18))
def test_the_value_at_a_price_is_within_half_of_the_eighteenth_place_of_the_exact_one(raw, places, price):
    """The value at a price is within half of the eighteenth place of the exact one."""
    exact = Fraction(raw, 10**places) * Fraction(price)
    value = TokenAmount(raw, places).value_at(price)
    assert abs(Fraction(value) - exact) <= Fraction(1, 2 * 10**18)
    assert value.as_tuple().exponent == -18


@pytest.mark.parametrize(
    ("text", "places", "raw"),
    [
        ("1.5", 18, 15 * 10**17),
        ("1.50", 1, 15),
        ("0", 0, 0),
        ("-0.25", 2, -25),
        ("007", 2, 700),
        (str(MAX_UINT256), 0, MAX_UINT256),
        ("0." + "0" * 26 + "1", 27, 1),
    ],
)
def test_plain_numbers_are_read(text, places, raw):
    """Plain numbers are read."""
    assert TokenAmount.parse(text, places) == TokenAmount(raw, places)


@pytest.mark.parametrize("text", ["", ".5", "1.", "1e3", "+1", " 1", "1 ", "1,5", "1_0", "٣", "NaN", "1" * 5000, "--1"])
def test_other_texts_are_refused(text):
    """Other texts are refused."""
    with pytest.raises(InvalidValue, match="plain decimal number"):
        TokenAmount.parse(text, 18)


@pytest.mark.parametrize(("text", "places"), [("1.5", 0), ("0.001", 2), ("0." + "0" * 27 + "1", 27)])
def test_more_places_than_the_token_has_are_refused_not_rounded(text, places):
    """More places than the token has are refused not rounded."""
    with pytest.raises(InvalidValue, match=f"more than the token's {places} decimals"):
        TokenAmount.parse(text, places)


@pytest.mark.parametrize(
    ("raw", "places", "text"),
    [(MAX_UINT256, 0, str(MAX_UINT256)), (-5, 2, "-0.05"), (100, 2, "1"), (1, 27, "0." + "0" * 26 + "1")],
)
def test_an_amount_is_written_without_exponent_and_trailing_zeros(raw, places, text):
    """An amount is written without exponent and trailing zeros."""
    assert str(TokenAmount(raw, places)) == text


def test_amounts_of_different_decimals_are_neither_added_nor_compared():
    """Amounts of different decimals are neither added nor compared."""
    usdc, ether = TokenAmount(1, 6), TokenAmount(1, 18)
    for together in (lambda: usdc + ether, lambda: usdc - ether, lambda: usdc < ether, lambda: usdc >= ether):
        with pytest.raises(DecimalsDiffer) as refusal:
            together()
        assert (refusal.value.left, refusal.value.right) == (6, 18)
    assert usdc != ether


@pytest.mark.parametrize(
    ("raw", "places"), [(MAX_UINT256 + 1, 18), (-MAX_UINT256 - 1, 18), (1, 256), (1, -1), (1.5, 18)]
)
def test_an_amount_beyond_the_bounds_is_refused(raw, places):
    """An amount beyond the bounds is refused."""
    with pytest.raises(InvalidValue):
        TokenAmount(raw, places)


def test_a_sum_beyond_2_to_the_256_less_1_is_refused():
    """A sum beyond 2^256-1 is refused."""
    with pytest.raises(InvalidValue):
        TokenAmount(MAX_UINT256, 0) + TokenAmount(1, 0)


def test_the_largest_amount_at_the_largest_price_keeps_every_digit():
    """The largest amount at the largest price keeps every digit."""
    price = Decimal("99999999999999999999.999999999999999999")
    assert TokenAmount(MAX_UINT256, 0).value_at(price) == Fraction(MAX_UINT256) * Fraction(price)
