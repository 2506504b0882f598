"""Discounts on subscriptions: which one counts, what is paid then, and how its uses are counted."""

from collections.abc import Iterable
from datetime import datetime
from decimal import Decimal
from typing import Final
from uuid import UUID

from attrs import evolve, frozen

from ..values import usd
from ..values.field_types import MAX_TIMESTAMP
from ..values.instants import utc_times
from .errors import DiscountNotUsable
from .safe_discount import SafeDiscount

WHOLE_BPS: Final = 10_000
_CENT_PLACES: Final = 2


@frozen
class Charge:
    """What is charged, in USD to the cent: ``paid_usd`` is the list price less the discount, exactly."""

    list_price_usd: Decimal
    discount_usd: Decimal
    paid_usd: Decimal
    discount_id: UUID | None


@utc_times
def reason_unusable(discount: SafeDiscount, plan_id: UUID, at: datetime) -> str | None:
    """Say why a discount cannot be used for a plan at a time, or None when it can.

    It is valid from ``valid_from`` until just before ``valid_until``, for its plan or for all, ``max_uses`` times.
    """
    if discount.plan_id not in (None, plan_id):
        return "it is for another plan"
    if at < discount.valid_from:
        return f"it is valid from {discount.valid_from.isoformat()} on"
    if discount.valid_until is not None and at >= discount.valid_until:
        return f"it was valid until {discount.valid_until.isoformat()}"
    if discount.max_uses is not None and discount.uses >= discount.max_uses:
        return f"it was used {discount.uses} times of {discount.max_uses}"
    return None


@utc_times
def best_discount(discounts: Iterable[SafeDiscount], plan_id: UUID, at: datetime) -> SafeDiscount | None:
    """Return the one discount that counts for a plan at a time: discounts do not add up. None when none is usable.

    The largest; of those as large, the one that ends first, so that it does not lapse; then the smallest id.
    """
    usable = (discount for discount in discounts if reason_unusable(discount, plan_id, at) is None)
    return next(iter(sort_by_preference(usable)), None)


def sort_by_preference(discounts: Iterable[SafeDiscount]) -> list[SafeDiscount]:
    """Return discounts in the order in which they are to be used, the one that counts first; see ``best_discount``."""
    return sorted(discounts, key=_preference)


def charge(list_price_usd: Decimal, discount: SafeDiscount | None = None) -> Charge:
    """Return what is paid for a list price with a discount, or without one.

    The list price and the discount are each rounded to the cent, half away from zero; what is paid is their
    difference, and so never negative and nothing at 100 %. Whether the discount may be used is not judged here.
    """
    price = usd.rounded(list_price_usd, _CENT_PLACES)
    off = usd.ZERO
    if discount is not None:
        off = usd.rounded(usd.proportion(price, discount.percent_bps, WHOLE_BPS), _CENT_PLACES)
    return Charge(price, off, usd.subtract(price, off), discount.id if discount else None)


@utc_times
def use_discount(discount: SafeDiscount, plan_id: UUID, at: datetime) -> SafeDiscount:
    """Return the discount with one use more. Raises DiscountNotUsable, saying why."""
    reason = reason_unusable(discount, plan_id, at)
    if reason is not None:
        raise DiscountNotUsable(discount.id, reason=reason)
    return evolve(discount, uses=discount.uses + 1)


def release_discount(discount: SafeDiscount) -> SafeDiscount:
    """Return the discount with one use less, for a payment that was not made after all; without uses it stays so."""
    return evolve(discount, uses=max(0, discount.uses - 1))


def reuse_discount(discount: SafeDiscount) -> SafeDiscount:
    """Return the discount with the use again that ``release_discount`` took, unless another has it meanwhile."""
    is_free = discount.max_uses is None or discount.uses < discount.max_uses
    return evolve(discount, uses=discount.uses + 1) if is_free else discount


def _preference(discount: SafeDiscount) -> tuple[int, datetime, UUID]:
    return -discount.percent_bps, discount.valid_until or MAX_TIMESTAMP, discount.id
