"""The repository of portfolios' snapshots."""

from datetime import date
from typing import Protocol
from uuid import UUID

from strongroom.domain.positions.portfolio_snapshot import PortfolioSnapshot

from ..criteria import Criteria, asc, desc, eq, ge, le
from ..repository import Repository

BY_USER_BETWEEN = Criteria(where=(eq("user_id"), ge("day"), le("day")), order=(asc("day"),))
BY_USER_UNTIL = Criteria(where=(eq("user_id"), le("day")), order=(desc("day"),))


class PortfolioSnapshotRepository(Repository[PortfolioSnapshot, tuple[UUID, date]], Protocol):
    """Portfolios' snapshots, by user and day; ``take_portfolio_snapshot`` makes them."""

    async def find_between(
        self, user_id: UUID, first: date, last: date, *, limit: int | None = None
    ) -> list[PortfolioSnapshot]:
        """Return a user's snapshots of the days from the first to the last, both included, the oldest first."""
        return await self.find(BY_USER_BETWEEN, user_id, first, last, limit=limit)

    async def as_of(self, user_id: UUID, day: date) -> PortfolioSnapshot | None:
        """Return a user's newest snapshot of a day or before it, or None."""
        return await self.find_one(BY_USER_UNTIL, user_id, day)
