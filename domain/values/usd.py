"""Arithmetic with US dollars: Decimals of 18 places, rounded half away from zero as PostgreSQL's numeric rounds.

Every function works in a context of its own, wide enough for a uint256 times a price: the caller's decimal
context, 28 digits by default, never rounds anything.
"""

from collections.abc import Iterable
from decimal import Decimal, InvalidOperation
from typing import Final

from ..errors import InvalidValue
from .field_types import DECIMAL_CONTEXT

USD_PLACES: Final = 18
RATE_PLACES: Final = 12
ZERO: Final = Decimal(0)


def rounded(value: Decimal, places: int = USD_PLACES) -> Decimal:
    """Return a value rounded to so many places, half away from zero; a negative zero becomes zero.

    Raises InvalidValue for a value that is not finite, or has about a hundred digits before the point.
    """
    if not value.is_finite():
        raise InvalidValue(None, reason=f"{value} is not a finite number")
    try:
        return DECIMAL_CONTEXT.plus(
            value.quantize(Decimal(1).scaleb(-places, DECIMAL_CONTEXT), context=DECIMAL_CONTEXT)
        )
    except InvalidOperation:
        raise InvalidValue(None, reason=f"{value:.3e} is too large to be rounded to {places} places") from None


def to_cents(value: Decimal) -> Decimal:
    """Return USD rounded to whole cents, half away from zero: for display, never for accounts."""
    return rounded(value, 2)


def add(left: Decimal, right: Decimal) -> Decimal:
    """Return the sum of two USD values, to 18 places."""
    return rounded(DECIMAL_CONTEXT.add(left, right))


def subtract(left: Decimal, right: Decimal) -> Decimal:
    """Return the difference of two USD values, to 18 places."""
    return rounded(DECIMAL_CONTEXT.subtract(left, right))


def total(values: Iterable[Decimal]) -> Decimal:
    """Return the sum of USD values, to 18 places; 0 for none. The order of the values does not matter."""
    result = ZERO
    for value in values:
        result = DECIMAL_CONTEXT.add(result, rounded(value))
    return result


def multiply(quantity: Decimal, price: Decimal) -> Decimal:
    """Return a quantity at a price, in USD to 18 places; exact before that rounding for up to 120 digits."""
    return rounded(DECIMAL_CONTEXT.multiply(quantity, price))


def proportion(value: Decimal, part: int, whole: int) -> Decimal:
    """Return the ``part / whole`` of a USD value, to 18 places; all of it, to the digit, when the two are equal.

    Rounded once, for a value that Usd can hold and uint256 parts. Raises ArithmeticError when there is no whole.
    """
    return rounded(DECIMAL_CONTEXT.divide(DECIMAL_CONTEXT.multiply(value, Decimal(part)), Decimal(whole)))


def fraction(part: Decimal, whole: Decimal) -> Decimal:
    """Return ``part / whole`` as a rate, to 12 places (0.05 is 5 %); 0 when there is no whole."""
    return rounded(DECIMAL_CONTEXT.divide(part, whole), RATE_PLACES) if whole else ZERO
