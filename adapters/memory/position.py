"""Positions in memory."""

from datetime import datetime
from decimal import Decimal
from uuid import UUID

from strongroom.adapters.mapping.position import POSITION
from strongroom.adapters.mapping.position_valuation import POSITION_VALUATION
from strongroom.domain.positions.position import Position
from strongroom.domain.positions.position_valuation import PositionValuation, ValuationSource
from strongroom.ports.errors import NotFound
from strongroom.ports.repositories.position import PositionRepository

from . import statements
from .repository import MemoryRepository
from .unit_of_work import UnitOfWork


class MemoryPositionRepository(MemoryRepository[Position, UUID], PositionRepository):
    """Positions, by id."""

    table = POSITION

    async def update_valuation(
        self,
        id: UUID,  # noqa: A002
        value_usd: Decimal,
        *,
        at: datetime | None = None,
        price_per_share: Decimal | None = None,
        source: ValuationSource = ValuationSource.ONCHAIN,
    ) -> Position:
        """Value a position: append the valuation and move the position to it, atomically."""
        now = self.now()
        valuation = POSITION_VALUATION.hydrate((id, at or now, value_usd, 0, price_per_share, source))
        POSITION_VALUATION.check(valuation)
        stored: PositionValuation = POSITION_VALUATION.stored(valuation)

        def statement(unit: UnitOfWork) -> Position:
            unit.note_read(POSITION, lambda row: row.id == id)
            before: Position | None = unit.read_row(POSITION, id)
            if before is None:
                raise NotFound(POSITION.label, id)
            changes = {"version": POSITION.next_version(before.version), "updated_at": now}
            if before.valued_at is None or stored.at >= before.valued_at:
                changes |= {"value_usd": stored.value_usd, "valued_at": stored.at}
            after: Position = POSITION.replaced(before, **changes)
            statements.update_row(unit, POSITION, before, after)
            statements.insert_row(unit, POSITION_VALUATION, POSITION_VALUATION.replaced(stored, shares=before.shares))
            return after

        return await self._session.write(POSITION, statement)
