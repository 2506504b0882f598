"""The repository of subscription plans."""

from typing import Protocol
from uuid import UUID

from strongroom.domain.transactions.subscription_plan import SubscriptionPlan

from ..repository import Repository


class SubscriptionPlanRepository(Repository[SubscriptionPlan, UUID], Protocol):
    """Subscription plans, by id."""
