"""Whole-number arithmetic as the contracts do it: no fractions, a stated rounding, and a limit of 256 bits."""

from enum import Enum
from typing import Final

from ..values.fields import MAX_UINT256
from .errors import WouldRevert

MAX_UINT128: Final = 2**128 - 1
MAX_UINT160: Final = 2**160 - 1


class Rounding(Enum):
    """Which whole number stands for a fraction between two."""

    DOWN = "down"
    UP = "up"


def divide(dividend: int, divisor: int, rounding: Rounding = Rounding.DOWN) -> int:
    """Return a quotient as a whole number. Raises WouldRevert for a divisor of 0."""
    if divisor == 0:
        raise WouldRevert("divide", reason="division by zero")
    return -(-dividend // divisor) if rounding is Rounding.UP else dividend // divisor


def mul_div(left: int, right: int, divisor: int, rounding: Rounding = Rounding.DOWN) -> int:
    """Return ``left * right / divisor`` with no limit on the product, as v3-core's FullMath and OpenZeppelin's Math do.

    Raises WouldRevert for a divisor of 0 and for a result beyond uint256.
    """
    return require_at_most(divide(left * right, divisor, rounding), MAX_UINT256, "mul_div")


def whole_token(decimals: int) -> int:
    """Return the raw units of one whole token. Raises WouldRevert beyond uint256, from 78 decimals on."""
    return require_at_most(int(10**decimals), MAX_UINT256, "whole_token")


def checked_product(left: int, right: int, function: str) -> int:
    """Return a product. Raises WouldRevert beyond uint256, as checked arithmetic does."""
    return require_at_most(left * right, MAX_UINT256, function)


def require_at_most(value: int, most: int, function: str) -> int:
    """Return a value that is in ``0..most``. Raises WouldRevert for another."""
    if not 0 <= value <= most:
        raise WouldRevert(function, reason=f"the result is not in 0..2^{most.bit_length()}-1")
    return value


def wrap(value: int, bits: int) -> int:
    """Return what is left of a value in so many bits: the contracts' unchecked arithmetic, which wraps around."""
    return value & ((1 << bits) - 1)
