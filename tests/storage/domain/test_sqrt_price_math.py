"""What moves between two prices of Uniswap v3: rounding for the pool, and the vectors of v3-core."""

import math
from fractions import Fraction

import pytest
from hypothesis import assume, given, reject
from hypothesis import strategies as st

from strongroom.domain.protocols.errors import WouldRevert
from strongroom.domain.protocols.full_math import Rounding, divide, mul_div, wrap
from strongroom.domain.protocols.liquidity_amounts import (
    amounts_for_liquidity,
    liquidity_for_amount0,
    liquidity_for_amount1,
    liquidity_for_amounts,
)
from strongroom.domain.protocols.sqrt_price_math import (
    amount0_delta,
    amount1_delta,
    next_sqrt_price_from_input,
    next_sqrt_price_from_output,
)
from strongroom.domain.protocols.tick_math import MAX_SQRT_RATIO, MIN_SQRT_RATIO

MAX_UINT128 = 2**128 - 1
MAX_UINT256 = 2**256 - 1
ONE = 10**18
TENTH = 10**17
prices = st.integers(MIN_SQRT_RATIO, MAX_SQRT_RATIO - 1) | st.integers(32, 159).map(lambda bits: 2**bits)
liquidities = st.integers(0, MAX_UINT128) | st.integers(0, 127).map(lambda bits: 2**bits)
roundings = st.sampled_from(Rounding)
swap_inputs = st.tuples(prices, st.integers(1, MAX_UINT128), st.integers(0, MAX_UINT256), st.booleans())


def root(numerator, denominator=1):
    """Return the square-root price of a fraction as the tests of v3-core encode it."""
    return math.isqrt((numerator << 192) // denominator)


@given(st.integers(0, MAX_UINT256), st.integers(0, MAX_UINT256), st.integers(1, MAX_UINT256))
def test_a_product_is_divided_exactly_up_or_down_or_does_not_fit(left, right, divisor):
    """A product is divided exactly up or down or does not fit."""
    exact = Fraction(left * right, divisor)
    if math.ceil(exact) > MAX_UINT256:
        with pytest.raises(WouldRevert):
            mul_div(left, right, divisor, Rounding.UP)
    else:
        assert mul_div(left, right, divisor) == math.floor(exact)
        assert mul_div(left, right, divisor, Rounding.UP) == math.ceil(exact)


@given(st.integers(-(2**300), 2**300), st.integers(1, 256))
def test_wrapping_keeps_the_low_bits(value, bits):
    """Wrapping keeps the low bits."""
    assert wrap(value, bits) == value % 2**bits


def test_nothing_is_divided_by_zero():
    """Nothing is divided by zero."""
    with pytest.raises(WouldRevert, match="division by zero"):
        divide(1, 0)


@given(prices, prices, liquidities)
def test_amounts_rounded_up_exceed_those_rounded_down_by_one_unit_at_most(one, other, liquidity):
    """Amounts rounded up exceed those rounded down by one unit at most."""
    lower, upper = sorted((one, other))
    exact0 = Fraction(liquidity << 96) * (upper - lower) / upper / lower
    exact1 = Fraction(liquidity * (upper - lower), 2**96)
    down0 = amount0_delta(one, other, liquidity, Rounding.DOWN)
    assert down0 == math.floor(exact0)
    assert amount0_delta(one, other, liquidity, Rounding.UP) == math.ceil(exact0)
    assert amount1_delta(one, other, liquidity, Rounding.DOWN) == math.floor(exact1)
    assert amount1_delta(one, other, liquidity, Rounding.UP) == math.ceil(exact1)


@given(prices, prices, liquidities, roundings)
def test_the_order_of_two_prices_does_not_matter(one, other, liquidity, rounding):
    """The order of two prices does not matter."""
    assert amount0_delta(one, other, liquidity, rounding) == amount0_delta(other, one, liquidity, rounding)
    assert amount1_delta(one, other, liquidity, rounding) == amount1_delta(other, one, liquidity, rounding)


@given(swap_inputs)
def test_the_price_after_an_input_never_passes_what_the_input_pays_for(swap):
    """The price after an input never passes what the input pays for."""
    price, liquidity, amount, zero_for_one = swap
    try:
        after = next_sqrt_price_from_input(price, liquidity, amount, zero_for_one=zero_for_one)
    except WouldRevert:
        reject()
    if zero_for_one:
        assert after <= price
        assert amount0_delta(after, price, liquidity, Rounding.UP) <= amount
    else:
        assert after >= price
        assert amount1_delta(price, after, liquidity, Rounding.UP) <= amount


@given(st.integers(2**150, MAX_SQRT_RATIO - 1), st.integers(1, MAX_UINT128), st.integers(2**107, 2**130))
def test_where_the_sum_overflows_the_contract_divides_first_and_the_last_units_differ(price, liquidity, amount):
    """Where the sum overflows the contract divides first and the last units differ."""
    scaled = liquidity * 2**96
    after = next_sqrt_price_from_input(price, liquidity, amount, zero_for_one=True)
    assert after == math.ceil(Fraction(scaled, scaled // price + amount))


def test_the_last_units_of_an_overflowing_sum_are_those_of_the_contract():
    """A price that the exact quotient would put one unit higher or lower."""
    price, liquidity, amount = 3 * 2**157, 2**127 + 1, 2**107
    after = next_sqrt_price_from_input(price, liquidity, amount, zero_for_one=True)
    scaled = liquidity * 2**96
    assert after == math.ceil(Fraction(scaled, scaled // price + amount))
    assert after != math.ceil(Fraction(scaled * price, scaled + amount * price))


@given(prices, st.integers(1, MAX_UINT128), st.integers(0, 2**128), st.booleans())
def test_the_price_after_an_output_pays_for_all_of_the_output(price, liquidity, amount, zero_for_one):
    """The price after an output pays for all of the output."""
    try:
        after = next_sqrt_price_from_output(price, liquidity, amount, zero_for_one=zero_for_one)
    except WouldRevert:
        reject()
    if zero_for_one:
        assert after <= price
        assert amount1_delta(after, price, liquidity, Rounding.DOWN) >= amount
    else:
        assert after >= price
        assert amount0_delta(price, after, liquidity, Rounding.DOWN) >= amount


@pytest.mark.parametrize(
    ("price", "liquidity", "amount", "zero_for_one", "after"),
    [
        (1, 1, 2**255, True, 1),
        (root(1), TENTH, 0, True, root(1)),
        (root(1), TENTH, 0, False, root(1)),
        (root(1), ONE, TENTH, False, 87150978765690771352898345369),
        (root(1), ONE, TENTH, True, 72025602285694852357767227579),
        (root(1), 10 * ONE, 2**100, True, 624999999995069620),
        (root(1), 1, MAX_UINT256 // 2, True, 1),
        (
            1025574284609383690408304870162715216695788925244,
            50015962439936049619261659728067971248,
            406,
            True,
            1025574284609383582644711336373707553698163132913,
        ),
    ],
)
def test_the_prices_after_inputs_are_those_that_are_published(price, liquidity, amount, zero_for_one, after):
    """The prices after inputs are those that are published."""
    assert next_sqrt_price_from_input(price, liquidity, amount, zero_for_one=zero_for_one) == after


@pytest.mark.parametrize(
    ("price", "liquidity", "amount", "zero_for_one", "after"),
    [
        (root(1), TENTH, 0, True, root(1)),
        (root(1), TENTH, 0, False, root(1)),
        (root(1), ONE, TENTH, False, 88031291682515930659493278152),
        (root(1), ONE, TENTH, True, 71305346262837903834189555302),
        (20282409603651670423947251286016, 1024, 262143, True, 77371252455336267181195264),
    ],
)
def test_the_prices_after_outputs_are_those_that_are_published(price, liquidity, amount, zero_for_one, after):
    """The prices after outputs are those that are published."""
    assert next_sqrt_price_from_output(price, liquidity, amount, zero_for_one=zero_for_one) == after


@pytest.mark.parametrize(
    ("swap", "price", "liquidity", "amount", "zero_for_one"),
    [
        (next_sqrt_price_from_input, 0, 1, TENTH, False),
        (next_sqrt_price_from_input, 1, 0, TENTH, True),
        (next_sqrt_price_from_input, 2**160 - 1, 1024, 1024, False),
        (next_sqrt_price_from_output, 0, 1, TENTH, False),
        (next_sqrt_price_from_output, 1, 0, TENTH, True),
        (next_sqrt_price_from_output, 20282409603651670423947251286016, 1024, 4, False),
        (next_sqrt_price_from_output, 20282409603651670423947251286016, 1024, 5, False),
        (next_sqrt_price_from_output, 20282409603651670423947251286016, 1024, 262144, True),
        (next_sqrt_price_from_output, 20282409603651670423947251286016, 1024, 262145, True),
        (next_sqrt_price_from_output, root(1), 1, MAX_UINT256, True),
        (next_sqrt_price_from_output, root(1), 1, MAX_UINT256, False),
    ],
)
def test_what_the_contract_reverts_is_refused(swap, price, liquidity, amount, zero_for_one):
    """What the contract reverts is refused."""
    with pytest.raises(WouldRevert):
        swap(price, liquidity, amount, zero_for_one=zero_for_one)


def test_the_amounts_between_prices_are_those_that_are_published():
    """The amounts between prices are those that are published."""
    assert amount0_delta(root(1), root(121, 100), ONE, Rounding.UP) == 90909090909090910
    assert amount0_delta(root(1), root(121, 100), ONE, Rounding.DOWN) == 90909090909090909
    assert amount1_delta(root(1), root(121, 100), ONE, Rounding.UP) == TENTH
    assert amount1_delta(root(1), root(121, 100), ONE, Rounding.DOWN) == TENTH - 1
    overflowing = root(2**90), root(2**96), ONE
    assert amount0_delta(*overflowing, Rounding.UP) == amount0_delta(*overflowing, Rounding.DOWN) + 1
    before, after = 1025574284609383690408304870162715216695788925244, 1025574284609383582644711336373707553698163132913
    assert amount0_delta(before, after, 50015962439936049619261659728067971248, Rounding.UP) == 406


def test_between_a_price_of_zero_and_another_there_is_no_amount_of_token0():
    """Between a price of zero and another there is no amount of token0."""
    with pytest.raises(WouldRevert, match="a price is zero"):
        amount0_delta(0, root(1), 1, Rounding.DOWN)


@given(prices, prices, prices, st.integers(0, 2**128), st.integers(0, 2**128))
def test_liquidity_made_of_two_amounts_never_pays_out_more_than_them(price, one, other, amount0, amount1):
    """Liquidity made of two amounts never pays out more than them."""
    assume(one != other)
    try:
        liquidity = liquidity_for_amounts(price, one, other, amount0, amount1)
    except WouldRevert:
        reject()
    paid0, paid1 = amounts_for_liquidity(price, one, other, liquidity)
    assert paid0 <= amount0
    assert paid1 <= amount1


@given(prices, prices, prices, liquidities)
def test_below_its_range_liquidity_is_all_token0_and_above_it_all_token1(price, one, other, liquidity):
    """Below its range liquidity is all token0 and above it all token1."""
    lower, upper = sorted((one, other))
    amount0, amount1 = amounts_for_liquidity(price, one, other, liquidity)
    if price <= lower:
        assert (amount0, amount1) == (amount0_delta(lower, upper, liquidity, Rounding.DOWN), 0)
    elif price >= upper:
        assert (amount0, amount1) == (0, amount1_delta(lower, upper, liquidity, Rounding.DOWN))
    else:
        assert amount0 <= amount0_delta(lower, upper, liquidity, Rounding.DOWN)
        assert amount1 <= amount1_delta(lower, upper, liquidity, Rounding.DOWN)


@pytest.mark.parametrize(
    ("price", "liquidity"),
    [((1, 1), 2148), ((99, 110), 1048), ((100, 110), 1048), ((111, 100), 2097), ((110, 100), 2097)],
)
def test_the_liquidity_of_amounts_is_that_which_is_published(price, liquidity):
    """The liquidity of amounts is that which is published."""
    assert liquidity_for_amounts(root(*price), root(100, 110), root(110, 100), 100, 200) == liquidity


@pytest.mark.parametrize(
    ("price", "liquidity", "amounts"),
    [((1, 1), 2148, (99, 99)), ((99, 110), 1048, (99, 0)), ((111, 100), 2097, (0, 199))],
)
def test_the_amounts_of_liquidity_are_those_that_are_published(price, liquidity, amounts):
    """The amounts of liquidity are those that are published."""
    assert amounts_for_liquidity(root(*price), root(100, 110), root(110, 100), liquidity) == amounts


def test_a_range_of_no_width_takes_no_liquidity():
    """A range of no width takes no liquidity."""
    for make in (liquidity_for_amount0, liquidity_for_amount1):
        with pytest.raises(WouldRevert):
            make(root(1), root(1), 1)
