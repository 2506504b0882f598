"""The table of subscriptions."""

from strongroom.domain.transactions.subscription import Subscription
from strongroom.domain.transactions.subscription_periods import LIVE
from strongroom.ports.repositories.subscription import SubscriptionRepository

from .declaration import declare, unique
from .subscription_plan import SUBSCRIPTION_PLAN
from .table import Check, OnDelete, Owner
from .user import USER

SUBSCRIPTION = declare(
    Subscription,
    "subscription",
    repository=SubscriptionRepository,
    owner=Owner.FRONTEND,
    uniques=(
        unique(
            "user_id",
            where="status IN ('trialing', 'active', 'past_due')",
            applies=lambda subscription: subscription.status in LIVE,
        ),
    ),
    references={
        "user_id": (USER, OnDelete.CASCADE),
        "plan_id": (SUBSCRIPTION_PLAN, OnDelete.RESTRICT),
    },
    checks=(
        Check(
            "subscription_current_period_end_check",
            "current_period_end > current_period_start",
            lambda subscription: subscription.current_period_end > subscription.current_period_start,
        ),
    ),
    indexes=(
        ("user_id", "created_at"),
        ("plan_id",),
        ("status", "current_period_end"),
    ),
    defaults={"created_at": "CURRENT_TIMESTAMP"},
)
