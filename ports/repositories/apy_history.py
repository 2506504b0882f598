"""The repository of pools' yields."""

from collections.abc import AsyncIterator, Sequence
from datetime import datetime
from typing import Protocol
from uuid import UUID

from strongroom.domain.pricing.apy_history import ApyHistory

from ..criteria import Criteria, asc, desc, eq, ge, le, lt
from ..repository import Repository

IN_RANGE = Criteria(where=(eq("pool_id"), ge("at"), lt("at")), order=(asc("at"),))
UNTIL = Criteria(where=(eq("pool_id"), le("at")), order=(desc("at"),))


class ApyHistoryRepository(Repository[ApyHistory, tuple[UUID, datetime]], Protocol):
    """Pools' yields, by pool and time."""

    async def find_by_pool(
        self, pool_id: UUID, start: datetime, end: datetime, *, limit: int | None = None
    ) -> list[ApyHistory]:
        """Return a pool's yields from ``start`` up to but not at ``end``, the oldest first."""
        return await self.find(IN_RANGE, pool_id, start, end, limit=limit)

    def stream_by_pool(self, pool_id: UUID, start: datetime, end: datetime) -> AsyncIterator[ApyHistory]:
        """Yield a pool's yields from ``start`` up to but not at ``end``, the oldest first."""
        return self.stream(IN_RANGE, pool_id, start, end)

    async def as_of(self, pool_id: UUID, at: datetime) -> ApyHistory | None:
        """Return a pool's newest yields at or before a time, or None."""
        return await self.find_one(UNTIL, pool_id, at)

    async def as_of_many(self, pool_ids: Sequence[UUID], at: datetime) -> dict[UUID, ApyHistory]:
        """Return each pool's newest yields at or before a time, in one statement; those without are left out."""
        ...
