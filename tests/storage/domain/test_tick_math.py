"""Ticks and square-root prices of Uniswap v3, against the published vectors of v3-core."""

from decimal import Context, Decimal
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from strongroom.domain.protocols.errors import WouldRevert
from strongroom.domain.protocols.tick_math import (
    MAX_SQRT_RATIO,
    MAX_TICK,
    MIN_SQRT_RATIO,
    MIN_TICK,
    sqrt_ratio_at_tick,
    tick_at_sqrt_ratio,
)

EXACT = Context(prec=100)
RATIOS_OF_TICKS = {
    MIN_TICK: 4295128739,
    MIN_TICK + 1: 4295343490,
    MAX_TICK - 1: 1461373636630004318706518188784493106690254656249,
    MAX_TICK: 1461446703485210103287273052203988822378723970342,
    0: 79228162514264337593543950336,
    -50: 79030349367926598376800521322,
    -100: 78833030112140176575862854579,
    -250: 78244023372248365697264290337,
    -500: 77272108795590369356373805297,
    -1000: 75364347830767020784054125655,
    -2500: 69919044979842180277688105136,
    -3000: 68192822843687888778582228483,
    -4000: 64867181785621769311890333195,
    -5000: 61703726247759831737814779831,
    -50000: 6504256538020985011912221507,
    -150000: 43836292794701720435367485,
    -250000: 295440463448801648376846,
    -500000: 1101692437043807371,
    -738203: 7409801140451,
    50: 79426470787362580746886972461,
    100: 79625275426524748796330556128,
    250: 80224679980005306637834519095,
    500: 81233731461783161732293370115,
    1000: 83290069058676223003182343270,
    2500: 89776708723587163891445672585,
    3000: 92049301871182272007977902845,
    4000: 96768528593268422080558758223,
    5000: 101729702841318637793976746270,
    50000: 965075977353221155028623082916,
    150000: 143194173941309278083010301478497,
    250000: 21246587762933397357449903968194344,
    500000: 5697689776495288729098254600827762987878,
    738203: 847134979253254120489401328389043031315994541,
}
"""The results that v3-core's TickMath.spec.ts and its snapshot publish."""
TICKS_OF_RATIOS = {
    4295128739: -887272,
    79228162514264337593543: -276325,
    79228162514264337593543950: -138163,
    9903520314283042199192993792: -41591,
    28011385487393069959365969113: -20796,
    56022770974786139918731938227: -6932,
    79228162514264337593543950336: 0,
    112045541949572279837463876454: 6931,
    224091083899144559674927752909: 20795,
    633825300114114700748351602688: 41590,
    79228162514264337593543950336000: 138162,
    79228162514264337593543950336000000: 276324,
    1461446703485210103287273052203988822378723970341: 887271,
}

ticks = st.integers(MIN_TICK, MAX_TICK)


def exact_ratio(tick):
    """Return the square-root price at a tick from its definition, with a hundred digits."""
    return EXACT.multiply(EXACT.sqrt(EXACT.power(Decimal("1.0001"), tick)), Decimal(2**96))


def test_ten_thousand_random_ticks_come_back_from_their_prices_and_one_unit_less_is_the_tick_before():
    """Ten thousand random ticks come back from their prices and one unit less is the tick before."""
    random = Random(887272)
    for tick in (random.randint(MIN_TICK + 1, MAX_TICK - 1) for _ in range(10_000)):
        ratio = sqrt_ratio_at_tick(tick)
        assert tick_at_sqrt_ratio(ratio) == tick
        assert tick_at_sqrt_ratio(ratio - 1) == tick - 1


@given(st.integers(MIN_SQRT_RATIO, MAX_SQRT_RATIO - 1))
def test_the_tick_at_a_price_is_the_greatest_whose_price_is_not_above_it(ratio):
    """The tick at a price is the greatest whose price is not above it."""
    tick = tick_at_sqrt_ratio(ratio)
    assert sqrt_ratio_at_tick(tick) <= ratio < sqrt_ratio_at_tick(tick + 1)


@given(st.integers(32, 160), st.integers(0, 2**64))
def test_the_tick_is_the_greatest_at_prices_of_every_magnitude(bits, offset):
    """The tick is the greatest at prices of every magnitude."""
    ratio = max(MIN_SQRT_RATIO, min(2**bits + offset, MAX_SQRT_RATIO - 1))
    tick = tick_at_sqrt_ratio(ratio)
    assert sqrt_ratio_at_tick(tick) <= ratio < sqrt_ratio_at_tick(tick + 1)


@given(ticks)
def test_the_price_at_a_tick_is_its_power_of_the_base_within_a_hundredth_of_a_basis_point(tick):
    """The price at a tick is its power of the base within a hundredth of a basis point."""
    assert abs(EXACT.divide(Decimal(sqrt_ratio_at_tick(tick)), exact_ratio(tick)) - 1) < Decimal("0.000001")


@pytest.mark.parametrize("tick", [1, -1, *RATIOS_OF_TICKS])
def test_the_published_ticks_are_within_a_hundredth_of_a_basis_point_of_the_definition(tick):
    """The published ticks are within a hundredth of a basis point of the definition."""
    assert abs(EXACT.divide(Decimal(sqrt_ratio_at_tick(tick)), exact_ratio(tick)) - 1) < Decimal("0.000001")


@given(st.integers(-(2**16), 2**16))
def test_the_price_at_a_tick_near_0_is_exact_to_thirty_digits(tick):
    """The price at a tick near 0 is exact to thirty digits."""
    difference = abs(Decimal(sqrt_ratio_at_tick(tick)) - exact_ratio(tick))
    assert difference <= 1 + EXACT.multiply(exact_ratio(tick), Decimal("1e-33"))


@given(ticks.filter(lambda tick: tick < MAX_TICK))
def test_prices_rise_with_ticks(tick):
    """Prices rise with ticks."""
    assert sqrt_ratio_at_tick(tick) < sqrt_ratio_at_tick(tick + 1)


@pytest.mark.parametrize(("tick", "ratio"), RATIOS_OF_TICKS.items())
def test_the_prices_at_ticks_are_those_that_are_published(tick, ratio):
    """The prices at ticks are those that are published."""
    assert sqrt_ratio_at_tick(tick) == ratio


@pytest.mark.parametrize(("ratio", "tick"), TICKS_OF_RATIOS.items())
def test_the_ticks_at_prices_are_those_that_are_published(ratio, tick):
    """The ticks at prices are those that are published."""
    assert tick_at_sqrt_ratio(ratio) == tick


def test_the_bounds_are_the_prices_at_the_first_and_last_tick():
    """The bounds are the prices at the first and last tick."""
    assert (sqrt_ratio_at_tick(MIN_TICK), sqrt_ratio_at_tick(MAX_TICK)) == (MIN_SQRT_RATIO, MAX_SQRT_RATIO)


@pytest.mark.parametrize("tick", [MIN_TICK - 1, MAX_TICK + 1, 2**31, -(2**31)])
def test_a_tick_beyond_the_range_has_no_price(tick):
    """A tick beyond the range has no price."""
    with pytest.raises(WouldRevert, match=str(tick)):
        sqrt_ratio_at_tick(tick)


@pytest.mark.parametrize("ratio", [MIN_SQRT_RATIO - 1, MAX_SQRT_RATIO, 0, 2**160 - 1])
def test_a_price_beyond_the_range_has_no_tick(ratio):
    """A price beyond the range has no tick."""
    with pytest.raises(WouldRevert):
        tick_at_sqrt_ratio(ratio)
