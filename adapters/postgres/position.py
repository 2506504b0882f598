"""Positions in PostgreSQL."""

from datetime import UTC, datetime
from decimal import Decimal
from typing import Final
from uuid import UUID

from strongroom.adapters.mapping.position import POSITION
from strongroom.adapters.mapping.position_valuation import POSITION_VALUATION
from strongroom.domain.positions.position import Position
from strongroom.domain.positions.position_valuation import ValuationSource
from strongroom.ports.errors import NotFound
from strongroom.ports.repositories.position import PositionRepository

from .repository import PostgresRepository, query_argument
from .sql import EQ, LE, PLUS, table_statements
from .unreadable import read

UPDATE_VALUATION: Final = f"""
    WITH valued AS (
        UPDATE {POSITION.sql_name}
        SET value_usd = CASE WHEN valued_at IS NULL OR valued_at {LE} $2 THEN $3::numeric(38,18) ELSE value_usd END,
            valued_at = CASE WHEN valued_at IS NULL OR valued_at {LE} $2 THEN $2 ELSE valued_at END,
            updated_at = $6,
            version = version {PLUS} 1
        WHERE id {EQ} $1
        RETURNING {table_statements(POSITION).columns}
    ),
    appended AS (
        INSERT INTO {POSITION_VALUATION.sql_name} (position_id, at, value_usd, shares, price_per_share, source)
        SELECT id, $2, $3, shares, $4, $5 FROM valued
    )
    SELECT {table_statements(POSITION).columns} FROM valued
"""


class PostgresPositionRepository(PostgresRepository[Position, UUID], PositionRepository):
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
        """Value a position: append the valuation and move the position to it, in one statement."""
        now = self.now()
        valued_at = at or now
        POSITION_VALUATION.check(POSITION_VALUATION.hydrate((id, valued_at, value_usd, 0, price_per_share, source)))
        values = (id, valued_at, value_usd, price_per_share, query_argument(source), now)
        valuation = (id, valued_at.astimezone(UTC))
        again, build = (self._sql.get, [id]), self._sql.hydrate_all
        found: list[Position] = await read(
            self._executor, POSITION, UPDATE_VALUATION, values, build, key=valuation, source=again
        )
        if not found:
            raise NotFound(POSITION.label, id)
        return found[0]
