"""What a position of Uniswap v3 holds, and what it is worth."""

from decimal import Decimal

from attrs import frozen

from ..values import usd
from ..values.amount import TokenAmount
from .fee_growth import FeeGrowth, fee_growth_inside, uncollected_fees
from .liquidity_amounts import amounts_for_liquidity
from .tick_math import sqrt_ratio_at_tick
from .uniswap_v3_pool import UniswapV3Pool
from .uniswap_v3_position import UniswapV3Position


@frozen
class UniswapV3Holding:
    """What a position would pay now, in raw units: its liquidity if it were burnt, and the fees not yet collected."""

    amount0: int
    amount1: int
    fees0: int
    fees1: int


def position_holding(
    pool: UniswapV3Pool, position: UniswapV3Position, *, outside_lower: FeeGrowth, outside_upper: FeeGrowth
) -> UniswapV3Holding:
    """Return what a position of the pool holds at the pool's price, to the last raw unit.

    The amounts are those of UniswapV3Pool.burn and the fees those of ``uncollected_fees``; the growths outside
    are those of the position's two ticks. Raises WouldRevert where the contracts revert.
    """
    amount0, amount1 = amounts_for_liquidity(
        pool.sqrt_price_x96,
        sqrt_ratio_at_tick(position.tick_lower),
        sqrt_ratio_at_tick(position.tick_upper),
        position.liquidity,
    )
    inside = fee_growth_inside(pool, position, outside_lower=outside_lower, outside_upper=outside_upper)
    return UniswapV3Holding(amount0, amount1, *uncollected_fees(position, inside))


def holding_value(
    holding: UniswapV3Holding, *, decimals0: int, decimals1: int, price0_usd: Decimal, price1_usd: Decimal
) -> Decimal:
    """Return what a holding is worth in USD, fees included, at prices of one whole token each, to 18 places."""
    amount0 = TokenAmount(holding.amount0 + holding.fees0, decimals0)
    amount1 = TokenAmount(holding.amount1 + holding.fees1, decimals1)
    return usd.add(amount0.value_at(price0_usd), amount1.value_at(price1_usd))


def spot_price(pool: UniswapV3Pool, *, decimals0: int, decimals1: int) -> Decimal:
    """Return the whole token1 that one whole token0 costs at the pool's price, to 18 places.

    The price in raw units is ``(sqrt_price_x96 / 2^96)^2``; below half of 10^-18 it is stated as 0.
    """
    return usd.proportion(Decimal(1), pool.sqrt_price_x96**2 * 10**decimals0, 2**192 * 10**decimals1)
