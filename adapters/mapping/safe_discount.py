"""The table of Safes' discounts."""

from strongroom.domain.safes.safe_discount import SafeDiscount
from strongroom.ports.repositories.safe_discount import SafeDiscountRepository

from .declaration import declare
from .safe_account import SAFE_ACCOUNT
from .subscription_plan import SUBSCRIPTION_PLAN
from .table import Check, OnDelete, Owner


def _used_within_limit(discount: SafeDiscount) -> bool | None:
    return None if discount.max_uses is None else discount.uses <= discount.max_uses


SAFE_DISCOUNT = declare(
    SafeDiscount,
    "safe_discount",
    repository=SafeDiscountRepository,
    owner=Owner.FRONTEND,
    references={
        "safe_id": (SAFE_ACCOUNT, OnDelete.CASCADE),
        "plan_id": (SUBSCRIPTION_PLAN, OnDelete.RESTRICT),
    },
    checks=(Check("safe_discount_uses_limit_check", "uses <= max_uses", _used_within_limit),),
    indexes=(
        ("safe_id", "valid_from"),
        ("plan_id",),
    ),
)
