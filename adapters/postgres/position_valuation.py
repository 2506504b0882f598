"""Valuations of positions in PostgreSQL."""

from datetime import datetime
from typing import Final
from uuid import UUID

from strongroom.adapters.mapping.position_valuation import POSITION_VALUATION
from strongroom.domain.positions.position_valuation import PositionValuation
from strongroom.ports.repositories.position_valuation import PositionValuationRepository

from .latest import latest_by_parent, latest_of_many_sql
from .repository import PostgresRepository

AS_OF_MANY: Final = latest_of_many_sql(POSITION_VALUATION)


class PostgresPositionValuationRepository(
    PostgresRepository[PositionValuation, tuple[UUID, datetime]], PositionValuationRepository
):
    """Valuations of positions, by (position id, time)."""

    table = POSITION_VALUATION

    async def as_of_many(self, position_ids: list[UUID], at: datetime) -> dict[UUID, PositionValuation]:
        """Return each position's newest valuation at or before a time, in one statement."""
        return await latest_by_parent(self._executor, POSITION_VALUATION, AS_OF_MANY, position_ids, at)
