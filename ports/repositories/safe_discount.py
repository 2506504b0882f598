"""The repository of Safes' discounts."""

from collections.abc import Collection
from datetime import datetime
from typing import Protocol
from uuid import UUID

from attrs import frozen

from strongroom.domain.safes.discounts import reason_unusable, sort_by_preference
from strongroom.domain.safes.safe_discount import SafeDiscount

from ..creation import new_entity
from ..criteria import Criteria, asc, eq, in_, le
from ..repository import Creating, Repository

BY_SAFE = Criteria(where=(eq("safe_id"),), order=(asc("valid_from"),))
STARTED = Criteria(where=(in_("safe_id"), le("valid_from")), order=(asc("valid_from"),))


@frozen(kw_only=True)
class CreateSafeDiscount:
    """The fields of a new discount in basis points (10000 is 100 %); None is any plan, no end, any number of uses."""

    safe_id: UUID
    plan_id: UUID | None = None
    percent_bps: int
    reason: str
    valid_from: datetime
    valid_until: datetime | None = None
    max_uses: int | None = None


class SafeDiscountRepository(Repository[SafeDiscount, UUID], Creating, Protocol):
    """Safes' discounts, by id."""

    async def create(self, command: CreateSafeDiscount) -> SafeDiscount:
        """Add a discount that was never used. Raises ReferenceMissing for an unknown Safe or plan."""
        return await self.add(new_entity(SafeDiscount, command, id=self.next_id(), now=self.now()))

    async def find_by_safe(self, safe_id: UUID, *, limit: int | None = None) -> list[SafeDiscount]:
        """Return all discounts of a Safe, the first to be valid first."""
        return await self.find(BY_SAFE, safe_id, limit=limit)

    async def find_usable(
        self, safe_ids: Collection[UUID], plan_id: UUID, at: datetime, *, limit: int | None = None
    ) -> list[SafeDiscount]:
        """Return the discounts of some Safes that can be used for a plan at a time, the best first.

        Window, plan and uses are judged by ``reason_unusable``, and the order is that of ``best_discount``.
        """
        started = await self.find(STARTED, list(safe_ids), at, limit=limit)
        return sort_by_preference(each for each in started if reason_unusable(each, plan_id, at) is None)
