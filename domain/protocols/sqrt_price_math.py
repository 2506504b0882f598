"""What moves between two prices of Uniswap v3, to the last unit as v3-core's SqrtPriceMath.sol.

Square-root prices are Q64.96, amounts raw units of the tokens. What a pool asks for is rounded up and what it
gives is rounded down. Every function raises WouldRevert where the contract reverts.
"""

from ..values.fields import MAX_UINT256
from .errors import WouldRevert
from .full_math import MAX_UINT160, Rounding, divide, mul_div, require_at_most


def amount0_delta(sqrt_ratio_a_x96: int, sqrt_ratio_b_x96: int, liquidity: int, rounding: Rounding) -> int:
    """Return the token0 between two prices, in either order: ``liquidity * (1/sqrt(lower) - 1/sqrt(upper))``.

    getAmount0Delta, which divides twice and rounds both times.
    """
    lower, upper = sorted((sqrt_ratio_a_x96, sqrt_ratio_b_x96))
    if lower == 0:
        raise WouldRevert("amount0_delta", reason="a price is zero")
    return divide(mul_div(liquidity << 96, upper - lower, upper, rounding), lower, rounding)


def amount1_delta(sqrt_ratio_a_x96: int, sqrt_ratio_b_x96: int, liquidity: int, rounding: Rounding) -> int:
    """Return the token1 between two prices, in either order: ``liquidity * (sqrt(upper) - sqrt(lower))``.

    getAmount1Delta.
    """
    lower, upper = sorted((sqrt_ratio_a_x96, sqrt_ratio_b_x96))
    return mul_div(liquidity, upper - lower, 2**96, rounding)


def next_sqrt_price_from_input(sqrt_price_x96: int, liquidity: int, amount_in: int, *, zero_for_one: bool) -> int:
    """Return the price after so much token0 (``zero_for_one``) or token1 came in: getNextSqrtPriceFromInput.

    Rounded so that the price never passes the one that the amount pays for.
    """
    _require_market(sqrt_price_x96, liquidity, amount_in)
    if zero_for_one:
        return _after_token0(sqrt_price_x96, liquidity, amount_in, coming_in=True)
    return _after_token1(sqrt_price_x96, liquidity, amount_in, coming_in=True)


def next_sqrt_price_from_output(sqrt_price_x96: int, liquidity: int, amount_out: int, *, zero_for_one: bool) -> int:
    """Return the price after so much token1 (``zero_for_one``) or token0 went out: getNextSqrtPriceFromOutput.

    Rounded so that the price passes the one that the amount costs.
    """
    _require_market(sqrt_price_x96, liquidity, amount_out)
    if zero_for_one:
        return _after_token1(sqrt_price_x96, liquidity, amount_out, coming_in=False)
    return _after_token0(sqrt_price_x96, liquidity, amount_out, coming_in=False)


def _require_market(sqrt_price_x96: int, liquidity: int, amount: int) -> None:
    require_at_most(amount, MAX_UINT256, "next_sqrt_price")
    if sqrt_price_x96 <= 0:
        raise WouldRevert("next_sqrt_price", reason="the price is zero")
    if liquidity <= 0:
        raise WouldRevert("next_sqrt_price", reason="there is no liquidity")


def _after_token0(sqrt_price_x96: int, liquidity: int, amount: int, *, coming_in: bool) -> int:
    if amount == 0:
        return sqrt_price_x96
    scaled = liquidity << 96
    moved = amount * sqrt_price_x96
    denominator = scaled + moved if coming_in else scaled - moved
    if 0 < denominator <= MAX_UINT256:
        price = mul_div(scaled, sqrt_price_x96, denominator, Rounding.UP)
        return require_at_most(price, MAX_UINT160, "next_sqrt_price")
    if not coming_in:
        raise WouldRevert("next_sqrt_price", reason="the pool does not hold more token0 than goes out")
    # Where the sum overflows, the contract divides first and loses precision: so the last units differ.
    denominator = require_at_most(scaled // sqrt_price_x96 + amount, MAX_UINT256, "next_sqrt_price")
    return require_at_most(divide(scaled, denominator, Rounding.UP), MAX_UINT160, "next_sqrt_price")


def _after_token1(sqrt_price_x96: int, liquidity: int, amount: int, *, coming_in: bool) -> int:
    moved = mul_div(amount, 2**96, liquidity, Rounding.DOWN if coming_in else Rounding.UP)
    price = sqrt_price_x96 + moved if coming_in else sqrt_price_x96 - moved
    if price <= 0:
        raise WouldRevert("next_sqrt_price", reason="the pool does not hold more token1 than goes out")
    return require_at_most(price, MAX_UINT160, "next_sqrt_price")
