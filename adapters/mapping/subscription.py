"""The table of subscriptions."""

from strongroom.domain.transactions.subscription import Subscription
from strongroom.domain.transactions.subscription_periods import LIVE

from .enums import ENUMS
from .table import Check, OnDelete, Owner, Unique, declare, foreign_key

SUBSCRIPTION = declare(
    Subscription,
    "subscription",
    repository="subscriptions",
    owner=Owner.FRONTEND,
    enums=ENUMS,
    uniques=(
        Unique(
            "subscription_user_id_key",
            ("user_id",),
            where="status IN ('trialing', 'active', 'past_due')",
            applies=lambda subscription: subscription.status in LIVE,
        ),
    ),
    foreign_keys=(
        foreign_key("subscription", "user_id", "user", OnDelete.CASCADE),
        foreign_key("subscription", "plan_id", "subscription_plan", OnDelete.RESTRICT),
    ),
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
