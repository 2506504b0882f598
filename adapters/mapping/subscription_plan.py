"""The table of subscription plans."""

from strongroom.domain.transactions.subscription_plan import SubscriptionPlan
from strongroom.ports.repositories.subscription_plan import SubscriptionPlanRepository

from .declaration import declare
from .table import Owner

SUBSCRIPTION_PLAN = declare(
    SubscriptionPlan,
    "subscription_plan",
    repository=SubscriptionPlanRepository,
    owner=Owner.FRONTEND,
    uniques=(("code",),),
    indexes=(("is_active", "price_usd"),),
)
