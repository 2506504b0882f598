"""Valuations of positions in memory."""

from datetime import datetime
from uuid import UUID

from strongroom.adapters.mapping.position_valuation import POSITION_VALUATION
from strongroom.domain.positions.position_valuation import PositionValuation
from strongroom.ports.repositories.position_valuation import UNTIL, PositionValuationRepository

from .latest import latest_by_parent
from .repository import MemoryRepository


class MemoryPositionValuationRepository(
    MemoryRepository[PositionValuation, tuple[UUID, datetime]], PositionValuationRepository
):
    """Valuations of positions, by (position id, time)."""

    table = POSITION_VALUATION

    async def as_of_many(self, position_ids: list[UUID], at: datetime) -> dict[UUID, PositionValuation]:
        """Return each position's newest valuation at or before a time."""
        return await latest_by_parent(self._session, POSITION_VALUATION, UNTIL, position_ids, at)
