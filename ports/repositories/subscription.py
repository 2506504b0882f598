"""The repository of subscriptions."""

from datetime import datetime
from typing import Final, Protocol
from uuid import UUID

from strongroom.domain.transactions.subscription import Subscription, SubscriptionStatus
from strongroom.domain.transactions.subscription_periods import LIVE

from ..criteria import Criteria, Cursor, asc, desc, eq, in_, le
from ..repository import Creating, Repository
from ..results import Page

BY_USER = Criteria(where=(eq("user_id"),), order=(desc("created_at"),))
BY_USER_AND_STATUSES = Criteria(where=(eq("user_id"), in_("status")), order=(desc("created_at"),))
BY_PLAN_AND_STATUSES = Criteria(where=(eq("plan_id"), in_("status")), order=(asc("created_at"),))
ENDING_BY = Criteria(where=(in_("status"), le("current_period_end")), order=(asc("current_period_end"),))

LIVE_STATUSES: Final = [status for status in SubscriptionStatus if status in LIVE]


class SubscriptionRepository(Repository[Subscription, UUID], Creating, Protocol):
    """Subscriptions, by id; ``subscribe`` makes them."""

    async def find_by_user(self, user_id: UUID, *, limit: int | None = None) -> list[Subscription]:
        """Return a user's subscriptions, of the past too, the newest first."""
        return await self.find(BY_USER, user_id, limit=limit)

    async def find_live(self, user_id: UUID) -> Subscription | None:
        """Return a user's live subscription, by its stored status, or None; there is never more than one."""
        return await self.find_one(BY_USER_AND_STATUSES, user_id, LIVE_STATUSES)

    async def find_live_by_plan(self, plan_id: UUID, *, limit: int | None = None) -> list[Subscription]:
        """Return the live subscriptions to a plan, by their stored status, the oldest first."""
        return await self.find(BY_PLAN_AND_STATUSES, plan_id, LIVE_STATUSES, limit=limit)

    async def page_ending_by(
        self, time: datetime, *, limit: int = 100, after: Cursor | None = None
    ) -> Page[Subscription]:
        """Return a page of the live subscriptions whose period ends at or before a time, the first to end first.

        A cursor is (current_period_end, id) of a subscription.
        """
        return await self.page(ENDING_BY, LIVE_STATUSES, time, limit=limit, after=after)
