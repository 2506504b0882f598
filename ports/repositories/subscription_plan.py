"""The repository of subscription plans."""

from decimal import Decimal
from typing import Any, Protocol
from uuid import UUID

from attrs import Factory, field, frozen

from strongroom.domain.transactions.subscription_plan import SubscriptionPlan

from ..creation import new_entity
from ..criteria import Criteria, asc, eq
from ..repository import Creating, Repository

BY_CODE = Criteria(where=(eq("code"),))
ACTIVE = Criteria(where=(eq("is_active"),), order=(asc("price_usd"),))


@frozen(kw_only=True)
class CreateSubscriptionPlan:
    """The fields of a new plan: its list price in USD for every ``period_months``, or ``period_days`` of 24 hours.

    The days may be left out of a plan by the month: they do not count then, and are stored as 30 a month.
    """

    code: str
    name: str
    price_usd: Decimal
    period_months: int | None = None
    period_days: int = field(default=Factory(lambda self: 30 * (self.period_months or 0), takes_self=True))
    features: dict[str, Any] = field(factory=dict)


class SubscriptionPlanRepository(Repository[SubscriptionPlan, UUID], Creating, Protocol):
    """Subscription plans, by id."""

    async def create(self, command: CreateSubscriptionPlan) -> SubscriptionPlan:
        """Add a plan that is offered. Raises AlreadyExists when there is one with the code."""
        return await self.add(new_entity(SubscriptionPlan, command, id=self.next_id(), now=self.now()))

    async def find_by_code(self, code: str) -> SubscriptionPlan | None:
        """Return the plan with a code, offered or not, or None."""
        return await self.find_one(BY_CODE, code)

    async def find_active(self, *, limit: int | None = None) -> list[SubscriptionPlan]:
        """Return the plans that are offered, the cheapest first."""
        return await self.find(ACTIVE, True, limit=limit)
