"""Valuations of positions in PostgreSQL."""

from datetime import datetime
from typing import Final
from uuid import UUID

from strongroom.adapters.mapping.position_valuation import POSITION_VALUATION
from strongroom.domain.positions.position_valuation import PositionValuation
from strongroom.ports.repositories.position_valuation import PositionValuationRepository

from .repository import PostgresRepository
from .sql import listed, statements_of

AS_OF_MANY: Final = f"""
    SELECT {listed(statements_of(POSITION_VALUATION).names, "newest.")}
    FROM (SELECT DISTINCT position_id FROM unnest($1::uuid[]) AS position_id) AS wanted,
    LATERAL (
        SELECT * FROM nmt_position_valuation AS valuation
        WHERE valuation.position_id = wanted.position_id AND valuation.at <= $2
        ORDER BY valuation.at DESC LIMIT 1
    ) AS newest
"""


class PostgresPositionValuationRepository(
    PostgresRepository[PositionValuation, tuple[UUID, datetime]], PositionValuationRepository
):
    """Valuations of positions, by (position id, time)."""

    table = POSITION_VALUATION

    async def as_of_many(self, position_ids: list[UUID], at: datetime) -> dict[UUID, PositionValuation]:
        """Return each position's newest valuation at or before a time, in one statement."""
        position, time = POSITION_VALUATION.column("position_id"), POSITION_VALUATION.column("at")
        wanted = [POSITION_VALUATION.checked_value(position, position_id) for position_id in position_ids]
        until = POSITION_VALUATION.checked_value(time, at)
        rows = self._entities(await self._executor.fetch(POSITION_VALUATION, AS_OF_MANY, wanted, until))
        return {row.position_id: row for row in rows}
