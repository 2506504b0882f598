"""Valuations of positions in memory."""

from datetime import datetime
from uuid import UUID

from strongroom.adapters.mapping.position_valuation import POSITION_VALUATION
from strongroom.domain.positions.position_valuation import PositionValuation
from strongroom.ports.repositories.position_valuation import UNTIL, PositionValuationRepository

from .repository import MemoryRepository, plan_of


class MemoryPositionValuationRepository(
    MemoryRepository[PositionValuation, tuple[UUID, datetime]], PositionValuationRepository
):
    """Valuations of positions, by (position id, time)."""

    table = POSITION_VALUATION

    async def as_of_many(self, position_ids: list[UUID], at: datetime) -> dict[UUID, PositionValuation]:
        """Return each position's newest valuation at or before a time."""
        plan = plan_of(POSITION_VALUATION, UNTIL)
        position, time = POSITION_VALUATION.column("position_id"), POSITION_VALUATION.column("at")
        wanted = [POSITION_VALUATION.checked_value(position, position_id) for position_id in position_ids]
        until = POSITION_VALUATION.checked_value(time, at)
        asked = [[position_id, until] for position_id in dict.fromkeys(wanted)]
        view = await self._session.view(POSITION_VALUATION, lambda: lambda row: row.position_id in wanted)
        newest = ((values[0], next(iter(plan.rows(view, values)), None)) for values in asked)
        return {position_id: row for position_id, row in newest if row is not None}
