"""The table of subscription plans."""

from strongroom.domain.transactions.subscription_plan import SubscriptionPlan

from .enums import ENUMS
from .table import Owner, declare

SUBSCRIPTION_PLAN = declare(
    SubscriptionPlan,
    "subscription_plan",
    repository="subscription_plans",
    owner=Owner.FRONTEND,
    enums=ENUMS,
    uniques=(("code",),),
    indexes=(("is_active", "price_usd"),),
)
