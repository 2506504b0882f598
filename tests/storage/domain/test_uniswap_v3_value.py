"""What positions of Uniswap v3 hold: fees to the last unit although their growth wraps around, and their value."""

from decimal import Decimal
from fractions import Fraction
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from strongroom.domain.protocols.fee_growth import ZERO_GROWTH, FeeGrowth, fee_growth_inside, uncollected_fees
from strongroom.domain.protocols.tick_math import MAX_TICK, MIN_TICK, sqrt_ratio_at_tick
from strongroom.domain.protocols.uniswap_v3_pool import UniswapV3Pool
from strongroom.domain.protocols.uniswap_v3_position import UniswapV3Position
from strongroom.domain.protocols.uniswap_v3_value import UniswapV3Holding, holding_value, position_holding, spot_price

MAX_UINT256 = 2**256 - 1
growths = st.builds(FeeGrowth, st.integers(0, MAX_UINT256), st.integers(0, MAX_UINT256))
ticks = st.integers(MIN_TICK, MAX_TICK - 1)
ranges = st.tuples(ticks, ticks).filter(lambda pair: pair[0] != pair[1]).map(sorted)
liquidities = st.integers(0, 2**128 - 1)
owed = st.integers(0, 2**128 - 1)


def a_pool(tick=0, growth=ZERO_GROWTH, **fields):
    """Return a pool at a tick, with this global fee growth."""
    known = {
        "pool_id": UUID(int=1),
        "token0_id": UUID(int=2),
        "token1_id": UUID(int=3),
        "fee_pips": 3000,
        "tick_spacing": 60,
        "sqrt_price_x96": sqrt_ratio_at_tick(tick),
        "tick": tick,
        "liquidity": 10**18,
        "fee_growth_global0_x128": growth.token0_x128,
        "fee_growth_global1_x128": growth.token1_x128,
        "block_number": 1,
    }
    return UniswapV3Pool(**known | fields)


def a_v3_position(lower=-2, upper=2, liquidity=0, last=ZERO_GROWTH, **fields):
    """Return a position between two ticks, with this fee growth at its last change."""
    known = {
        "position_id": UUID(int=4),
        "nft_token_id": 1,
        "tick_lower": lower,
        "tick_upper": upper,
        "liquidity": liquidity,
        "fee_growth_inside0_last_x128": last.token0_x128,
        "fee_growth_inside1_last_x128": last.token1_x128,
        "tokens_owed0": 0,
        "tokens_owed1": 0,
    }
    return UniswapV3Position(**known | fields)


class TickByTick:
    """A pool's fee growth kept as the contract keeps it: at every crossing the growth outside a tick turns over."""

    def __init__(self, lower, upper, tick, total):
        self.lower, self.upper, self.tick, self.total = lower, upper, tick, total
        self.outside = {bound: total if bound <= tick else 0 for bound in (lower, upper)}

    def grow(self, growth):
        """Take fees at the current tick."""
        self.total = (self.total + growth) % 2**256

    def move(self, tick):
        """Cross whichever of the two ticks lies on the way."""
        for bound in (self.lower, self.upper):
            if (self.tick >= bound) != (tick >= bound):
                self.outside[bound] = (self.total - self.outside[bound]) % 2**256
        self.tick = tick


@given(ranges, ticks, st.integers(0, MAX_UINT256), st.lists(st.tuples(ticks, st.integers(0, 2**200)), max_size=12))
def test_the_growth_inside_is_what_grew_while_the_price_was_inside_whatever_wrapped_around(bounds, tick, total, path):
    """The growth inside is what grew while the price was inside whatever wrapped around."""
    lower, upper = bounds
    chain = TickByTick(lower, upper, tick, total)

    def inside():
        return fee_growth_inside(
            a_pool(chain.tick, FeeGrowth(chain.total, 0)),
            a_v3_position(lower, upper),
            outside_lower=FeeGrowth(chain.outside[lower], 0),
            outside_upper=FeeGrowth(chain.outside[upper], 0),
        )

    start, earned = inside(), 0
    for goal, growth in path:
        chain.grow(growth)
        earned += growth if lower <= chain.tick < upper else 0
        chain.move(goal)
    assert inside().since(start).token0_x128 == earned % 2**256


@given(liquidities, growths, st.integers(0, 2**128), st.integers(0, 2**128), st.integers(0, 2**64))
def test_fees_are_the_growth_since_the_last_change_times_the_liquidity_rounded_down(
    liquidity, last, grown0, grown1, kept
):
    """Fees are the growth since the last change times the liquidity rounded down."""
    position = a_v3_position(liquidity=liquidity // 4, last=last, tokens_owed0=kept, tokens_owed1=0)
    inside = FeeGrowth((last.token0_x128 + grown0) % 2**256, (last.token1_x128 + grown1) % 2**256)
    fees0, fees1 = uncollected_fees(position, inside)
    assert fees0 == kept + grown0 * (liquidity // 4) // 2**128
    assert fees1 == grown1 * (liquidity // 4) // 2**128


@given(liquidities, growths, growths, owed, owed)
def test_fees_wrap_around_at_128_bits_as_the_contract_adds_them(liquidity, last, inside, owed0, owed1):
    """Fees wrap around at 128 bits as the contract adds them."""
    position = a_v3_position(liquidity=liquidity, last=last, tokens_owed0=owed0, tokens_owed1=owed1)
    fees = uncollected_fees(position, inside)
    growth = inside.since(last)
    credited = [part * liquidity // 2**128 % 2**128 for part in (growth.token0_x128, growth.token1_x128)]
    assert fees == ((owed0 + credited[0]) % 2**128, (owed1 + credited[1]) % 2**128)


@given(growths, growths)
def test_the_growth_since_is_what_has_to_be_added_to_get_from_one_to_the_other(one, other):
    """The growth since is what has to be added to get from one to the other."""
    since = other.since(one)
    assert (one.token0_x128 + since.token0_x128) % 2**256 == other.token0_x128
    assert (one.token1_x128 + since.token1_x128) % 2**256 == other.token1_x128
    assert one.since(one) == ZERO_GROWTH


FIFTEEN = FeeGrowth(15, 15)


@pytest.mark.parametrize(
    ("tick", "outside_lower", "outside_upper", "inside"),
    [
        (0, ZERO_GROWTH, ZERO_GROWTH, FIFTEEN),
        (4, ZERO_GROWTH, ZERO_GROWTH, ZERO_GROWTH),
        (-4, ZERO_GROWTH, ZERO_GROWTH, ZERO_GROWTH),
        (0, ZERO_GROWTH, FeeGrowth(2, 3), FeeGrowth(13, 12)),
        (0, FeeGrowth(2, 3), ZERO_GROWTH, FeeGrowth(13, 12)),
        (0, FeeGrowth(2, 3), FeeGrowth(4, 1), FeeGrowth(9, 11)),
        (0, FeeGrowth(MAX_UINT256 - 3, MAX_UINT256 - 2), FeeGrowth(3, 5), FeeGrowth(16, 13)),
    ],
)
def test_the_growth_inside_is_that_which_the_tests_of_v3_core_publish(tick, outside_lower, outside_upper, inside):
    """The growth inside is that which the tests of v3-core publish."""
    growth = fee_growth_inside(
        a_pool(tick, FIFTEEN), a_v3_position(), outside_lower=outside_lower, outside_upper=outside_upper
    )
    assert growth == inside


@given(ranges, ticks, liquidities)
def test_outside_its_range_a_position_holds_one_token_alone(bounds, tick, liquidity):
    """Outside its range a position holds one token alone."""
    lower, upper = bounds
    position = a_v3_position(lower, upper, liquidity)
    holding = position_holding(a_pool(tick), position, outside_lower=ZERO_GROWTH, outside_upper=ZERO_GROWTH)
    if tick < lower:
        assert holding.amount1 == 0
    if tick >= upper:
        assert holding.amount0 == 0
    assert (holding.fees0, holding.fees1) == (0, 0)


def test_a_holding_is_worth_its_amounts_and_fees_at_the_prices_of_whole_tokens():
    """A holding is worth its amounts and fees at the prices of whole tokens."""
    holding = UniswapV3Holding(amount0=1_500_000, amount1=2 * 10**18, fees0=500_000, fees1=10**17)
    value = holding_value(holding, decimals0=6, decimals1=18, price0_usd=Decimal("1.001"), price1_usd=Decimal("1800.5"))
    assert value == Decimal("2.002") + Decimal("2.1") * Decimal("1800.5")


@given(st.integers(4295128739, 2**159), st.integers(0, 27), st.integers(0, 27))
def test_the_spot_price_is_the_square_of_the_root_in_whole_tokens_to_18_places(root, decimals0, decimals1):
    """The spot price is the square of the root in whole tokens to 18 places."""
    exact = Fraction(root**2 * 10**decimals0, 2**192 * 10**decimals1)
    price = spot_price(a_pool(sqrt_price_x96=root), decimals0=decimals0, decimals1=decimals1)
    assert abs(Fraction(price) - exact) <= Fraction(1, 2 * 10**18)


def test_the_spot_price_of_usdc_in_ether_is_that_of_the_pool():
    """The spot price of USDC in ether is that of the pool."""
    price = spot_price(a_pool(sqrt_price_x96=2**96, tick=0), decimals0=6, decimals1=18)
    assert price == Decimal("1e-12")
