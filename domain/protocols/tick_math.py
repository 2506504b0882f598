"""Ticks and square-root prices of Uniswap v3, to the last unit as v3-core's TickMath.sol.

A tick i is the price 1.0001^i, in raw units of token1 for one raw unit of token0; pools hold the square root
of the price as a Q64.96: a whole number of 2^-96.
"""

import math
from decimal import Context, Decimal
from typing import Final

from ..values.fields import MAX_UINT256
from .errors import WouldRevert
from .full_math import Rounding, divide

MIN_TICK: Final = -887272
MAX_TICK: Final = 887272
MIN_SQRT_RATIO: Final = 4295128739
"""The square-root price at MIN_TICK."""
MAX_SQRT_RATIO: Final = 1461446703485210103287273052203988822378723970342
"""The square-root price at MAX_TICK, which no price reaches."""

_BASE: Final = Decimal("1.0001")
_LOG_OF_ROOT: Final = math.log(1.0001) / 2
_EXACT: Final = Context(prec=120)


def _root_powers() -> tuple[int, ...]:
    """Return 1.0001^(-2^i / 2) as a Q128.128, rounded to the nearest, for every bit i of a tick.

    These are the constants that stand as hex digits in TickMath.sol.
    """
    powers: list[int] = []
    power = _EXACT.divide(Decimal(1), _EXACT.sqrt(_BASE))
    for _ in range(MAX_TICK.bit_length()):
        powers.append(int(_EXACT.to_integral_value(_EXACT.multiply(power, Decimal(2**128)))))
        power = _EXACT.multiply(power, power)
    return tuple(powers)


_ROOT_POWERS: Final = _root_powers()


def sqrt_ratio_at_tick(tick: int) -> int:
    """Return the square-root price at a tick, as a Q64.96 rounded up: TickMath.getSqrtRatioAtTick.

    Raises WouldRevert beyond MIN_TICK and MAX_TICK.
    """
    if not MIN_TICK <= tick <= MAX_TICK:
        raise WouldRevert("sqrt_ratio_at_tick", reason=f"{tick} is not in {MIN_TICK}..{MAX_TICK}")
    ratio = 2**128
    for bit, power in enumerate(_ROOT_POWERS):
        if abs(tick) >> bit & 1:
            ratio = ratio * power >> 128
    if tick > 0:
        ratio = MAX_UINT256 // ratio
    return divide(ratio, 2**32, Rounding.UP)


def tick_at_sqrt_ratio(sqrt_ratio_x96: int) -> int:
    """Return the greatest tick whose square-root price is not above this one: TickMath.getTickAtSqrtRatio.

    Raises WouldRevert below MIN_SQRT_RATIO, and from MAX_SQRT_RATIO on.
    """
    if not MIN_SQRT_RATIO <= sqrt_ratio_x96 < MAX_SQRT_RATIO:
        reason = f"{sqrt_ratio_x96} is not in {MIN_SQRT_RATIO}..{MAX_SQRT_RATIO - 1}"
        raise WouldRevert("tick_at_sqrt_ratio", reason=reason)
    # The logarithm only says where to look: the exact prices of the ticks decide.
    tick = math.floor((math.log(sqrt_ratio_x96) - 96 * math.log(2)) / _LOG_OF_ROOT)
    tick = max(MIN_TICK, min(tick, MAX_TICK - 1))
    while sqrt_ratio_at_tick(tick) > sqrt_ratio_x96:
        tick -= 1
    while sqrt_ratio_at_tick(tick + 1) <= sqrt_ratio_x96:
        tick += 1
    return tick
