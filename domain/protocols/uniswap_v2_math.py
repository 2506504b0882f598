"""What pairs of Uniswap v2 pay, to the last raw unit as v2-core's UniswapV2Pair and v2-periphery's UniswapV2Library."""

import math
from typing import Final

from ..values.fields import MAX_UINT256
from .errors import WouldRevert
from .full_math import checked_product, require_at_most
from .uniswap_v2_pair import UniswapV2Pair

FEE_MULTIPLIER: Final = 997
"""Of 1000 parts that come in, those that count for the swap: the fee is 0.3 %."""


def quote(amount: int, reserve: int, other_reserve: int) -> int:
    """Return the other token that an amount stands for at the ratio of the reserves: UniswapV2Library.quote.

    Raises WouldRevert for an amount or a reserve of 0.
    """
    _require_trade("quote", amount, reserve, other_reserve)
    return checked_product(amount, other_reserve, "quote") // reserve


def swap_output(amount_in: int, reserve_in: int, reserve_out: int) -> int:
    """Return the most that a swap of an exact amount pays, after the fee: UniswapV2Library.getAmountOut.

    Rounded down. Raises WouldRevert for an amount or a reserve of 0, and beyond uint256.
    """
    _require_trade("swap_output", amount_in, reserve_in, reserve_out)
    kept = checked_product(amount_in, FEE_MULTIPLIER, "swap_output")
    denominator = require_at_most(checked_product(reserve_in, 1000, "swap_output") + kept, MAX_UINT256, "swap_output")
    return checked_product(kept, reserve_out, "swap_output") // denominator


def swap_input(amount_out: int, reserve_in: int, reserve_out: int) -> int:
    """Return what a swap for an exact amount costs, fee included: UniswapV2Library.getAmountIn.

    One unit more than the quotient, always. Raises WouldRevert for an amount or a reserve of 0, for an amount
    that the reserve does not exceed, and beyond uint256.
    """
    _require_trade("swap_input", amount_out, reserve_in, reserve_out)
    if amount_out >= reserve_out:
        raise WouldRevert("swap_input", reason="the reserve does not exceed what is to go out")
    numerator = checked_product(checked_product(reserve_in, amount_out, "swap_input"), 1000, "swap_input")
    return numerator // checked_product(reserve_out - amount_out, FEE_MULTIPLIER, "swap_input") + 1


def protocol_fee_liquidity(pair: UniswapV2Pair) -> int:
    """Return the liquidity that the next mint or burn makes for the protocol: UniswapV2Pair._mintFee.

    A sixth of the growth of the root of the reserves' product since ``k_last``; 0 where no fee is taken. Raises
    WouldRevert beyond uint256.
    """
    if not pair.is_fee_on:
        return 0
    root, last = math.isqrt(pair.reserve0 * pair.reserve1), math.isqrt(pair.k_last)
    if pair.k_last == 0 or root <= last:
        return 0
    return checked_product(pair.total_supply, root - last, "protocol_fee_liquidity") // (5 * root + last)


def share_of_reserves(pair: UniswapV2Pair, liquidity: int) -> tuple[int, int]:
    """Return the raw token0 and token1 that so much liquidity stands for, as UniswapV2Pair.burn pays them.

    Rounded down, and after the protocol's fee, which dilutes every share. ``(0, 0)`` for no liquidity. Raises
    WouldRevert for more liquidity than there is, where either amount rounds to 0, and beyond uint256.
    """
    if not 0 <= liquidity <= pair.total_supply:
        raise WouldRevert("share_of_reserves", reason=f"{liquidity} is not in 0..{pair.total_supply}, the supply")
    if liquidity == 0:
        return 0, 0
    supply = require_at_most(pair.total_supply + protocol_fee_liquidity(pair), MAX_UINT256, "share_of_reserves")
    amount0 = checked_product(liquidity, pair.reserve0, "share_of_reserves") // supply
    amount1 = checked_product(liquidity, pair.reserve1, "share_of_reserves") // supply
    if not (amount0 and amount1):
        raise WouldRevert("share_of_reserves", reason="one of the two amounts rounds to 0")
    return amount0, amount1


def _require_trade(function: str, amount: int, *reserves: int) -> None:
    if amount <= 0:
        raise WouldRevert(function, reason="the amount is zero")
    if min(reserves) <= 0:
        raise WouldRevert(function, reason="a reserve is empty")
