"""Liquidity of Uniswap v3 and the tokens it stands for, to the last unit as v3-periphery's LiquidityAmounts.sol.

Square-root prices are Q64.96 and bound a range in either order; amounts are raw units. Everything is rounded
down. Every function raises WouldRevert where the contract reverts.
"""

from .full_math import MAX_UINT128, Rounding, mul_div, require_at_most
from .sqrt_price_math import amount0_delta, amount1_delta


def liquidity_for_amount0(sqrt_ratio_a_x96: int, sqrt_ratio_b_x96: int, amount0: int) -> int:
    """Return the liquidity that token0 alone makes over a range above the price: getLiquidityForAmount0."""
    lower, upper = sorted((sqrt_ratio_a_x96, sqrt_ratio_b_x96))
    intermediate = mul_div(lower, upper, 2**96)
    return require_at_most(mul_div(amount0, intermediate, upper - lower), MAX_UINT128, "liquidity_for_amount0")


def liquidity_for_amount1(sqrt_ratio_a_x96: int, sqrt_ratio_b_x96: int, amount1: int) -> int:
    """Return the liquidity that token1 alone makes over a range below the price: getLiquidityForAmount1."""
    lower, upper = sorted((sqrt_ratio_a_x96, sqrt_ratio_b_x96))
    return require_at_most(mul_div(amount1, 2**96, upper - lower), MAX_UINT128, "liquidity_for_amount1")


def liquidity_for_amounts(
    sqrt_price_x96: int, sqrt_ratio_a_x96: int, sqrt_ratio_b_x96: int, amount0: int, amount1: int
) -> int:
    """Return the most liquidity that the two amounts make over a range at a price: getLiquidityForAmounts."""
    lower, upper = sorted((sqrt_ratio_a_x96, sqrt_ratio_b_x96))
    if sqrt_price_x96 <= lower:
        return liquidity_for_amount0(lower, upper, amount0)
    if sqrt_price_x96 >= upper:
        return liquidity_for_amount1(lower, upper, amount1)
    return min(
        liquidity_for_amount0(sqrt_price_x96, upper, amount0),
        liquidity_for_amount1(lower, sqrt_price_x96, amount1),
    )


def amounts_for_liquidity(
    sqrt_price_x96: int, sqrt_ratio_a_x96: int, sqrt_ratio_b_x96: int, liquidity: int
) -> tuple[int, int]:
    """Return the token0 and token1 in liquidity over a range at a price: getAmountsForLiquidity.

    They are what burning the liquidity pays: below the range all is token0, above it all is token1.
    """
    lower, upper = sorted((sqrt_ratio_a_x96, sqrt_ratio_b_x96))
    if sqrt_price_x96 <= lower:
        return amount0_delta(lower, upper, liquidity, Rounding.DOWN), 0
    if sqrt_price_x96 >= upper:
        return 0, amount1_delta(lower, upper, liquidity, Rounding.DOWN)
    return (
        amount0_delta(sqrt_price_x96, upper, liquidity, Rounding.DOWN),
        amount1_delta(lower, sqrt_price_x96, liquidity, Rounding.DOWN),
    )
