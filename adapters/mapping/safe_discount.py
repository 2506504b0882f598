"""The table of Safes' discounts."""

from strongroom.domain.safes.safe_discount import SafeDiscount

from .enums import ENUMS
from .table import Check, OnDelete, Owner, declare, foreign_key


def _used_within_limit(discount: SafeDiscount) -> bool | None:
    return None if discount.max_uses is None else discount.uses <= discount.max_uses


SAFE_DISCOUNT = declare(
    SafeDiscount,
    "safe_discount",
    repository="safe_discounts",
    owner=Owner.FRONTEND,
    enums=ENUMS,
    foreign_keys=(
        foreign_key("safe_discount", "safe_id", "safe_account", OnDelete.CASCADE),
        foreign_key("safe_discount", "plan_id", "subscription_plan", OnDelete.RESTRICT),
    ),
    checks=(Check("safe_discount_uses_limit_check", "uses <= max_uses", _used_within_limit),),
    indexes=(
        ("safe_id", "valid_from"),
        ("plan_id",),
    ),
)
