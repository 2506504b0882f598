"""The fees of Uniswap v3 positions, to the last unit as v3-core's Tick.sol and Position.sol.

Fee growth is fees per unit of liquidity, a Q128.128 that wraps around at 2^256: only differences mean anything,
and they are right although one of the two values may have wrapped.
"""

from typing import Final

from attrs import frozen

from ..values.fields import Uint256, checked
from .full_math import mul_div, wrap
from .uniswap_v3_pool import UniswapV3Pool
from .uniswap_v3_position import UniswapV3Position


@frozen(field_transformer=checked)
class FeeGrowth:
    """Fees per unit of liquidity in each token, as Q128.128."""

    token0_x128: Uint256
    token1_x128: Uint256

    def since(self, earlier: "FeeGrowth") -> "FeeGrowth":
        """Return the growth from an earlier value to this one, which wraps as the contracts' subtraction does."""
        return FeeGrowth(
            wrap(self.token0_x128 - earlier.token0_x128, 256),
            wrap(self.token1_x128 - earlier.token1_x128, 256),
        )


ZERO_GROWTH: Final = FeeGrowth(0, 0)
"""The growth outside a tick that was never initialised."""


def fee_growth_inside(
    pool: UniswapV3Pool, position: UniswapV3Position, *, outside_lower: FeeGrowth, outside_upper: FeeGrowth
) -> FeeGrowth:
    """Return the fee growth between a position's two ticks: Tick.getFeeGrowthInside.

    ``outside_lower`` and ``outside_upper`` are what the pool's ticks hold as feeGrowthOutside0X128 and 1X128.
    """
    total = FeeGrowth(pool.fee_growth_global0_x128, pool.fee_growth_global1_x128)
    below = outside_lower if pool.tick >= position.tick_lower else total.since(outside_lower)
    above = outside_upper if pool.tick < position.tick_upper else total.since(outside_upper)
    return total.since(below).since(above)


def uncollected_fees(position: UniswapV3Position, inside: FeeGrowth) -> tuple[int, int]:
    """Return the raw token0 and token1 that a position could collect now, given the fee growth inside its ticks.

    What was credited at its last change and what has grown since, as Position.update and
    NonfungiblePositionManager.collect count it: the growth since, cut to uint128, is added to the tokens owed,
    and the sum wraps around at 2^128.
    """
    last = FeeGrowth(position.fee_growth_inside0_last_x128, position.fee_growth_inside1_last_x128)
    growth = inside.since(last)
    return (
        wrap(position.tokens_owed0 + mul_div(growth.token0_x128, position.liquidity, 2**128), 128),
        wrap(position.tokens_owed1 + mul_div(growth.token1_x128, position.liquidity, 2**128), 128),
    )
