"""The repository of positions' valuations."""

from collections.abc import AsyncIterator
from datetime import datetime
from typing import Protocol
from uuid import UUID

from strongroom.domain.positions.position_valuation import PositionValuation

from ..criteria import Criteria, asc, desc, eq, ge, le, lt
from ..repository import Repository

IN_RANGE = Criteria(where=(eq("position_id"), ge("at"), lt("at")), order=(asc("at"),))
UNTIL = Criteria(where=(eq("position_id"), le("at")), order=(desc("at"),))


class PositionValuationRepository(Repository[PositionValuation, tuple[UUID, datetime]], Protocol):
    """Valuations of positions, by (position id, time)."""

    async def find_by_position(
        self, position_id: UUID, start: datetime, end: datetime, *, limit: int | None = None
    ) -> list[PositionValuation]:
        """Return a position's valuations from ``start`` up to but not at ``end``, the oldest first."""
        return await self.find(IN_RANGE, position_id, start, end, limit=limit)

    def stream_by_position(self, position_id: UUID, start: datetime, end: datetime) -> AsyncIterator[PositionValuation]:
        """Yield a position's valuations from ``start`` up to but not at ``end``, the oldest first."""
        return self.stream(IN_RANGE, position_id, start, end)

    async def as_of(self, position_id: UUID, at: datetime) -> PositionValuation | None:
        """Return a position's newest valuation at or before a time, or None."""
        return await self.find_one(UNTIL, position_id, at)

    async def as_of_many(self, position_ids: list[UUID], at: datetime) -> dict[UUID, PositionValuation]:
        """Return each position's newest valuation at or before a time, in one statement; those without are left out."""
        ...
