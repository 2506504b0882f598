"""Prices in PostgreSQL."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from strongroom.adapters.mapping.price import PRICE
from strongroom.domain.pricing.price import Price, PriceSource
from strongroom.domain.values.kinds import EARLIEST
from strongroom.ports.repositories.price import PriceRepository

from .repository import PostgresRepository
from .sql import listed, statements_of

AS_OF: Final = f"""
    SELECT {statements_of(PRICE).columns} FROM price
    WHERE coin_id = $1 AND at <= $2 AND at >= $3
    ORDER BY at DESC, source LIMIT 1
"""

AS_OF_MANY: Final = f"""
    SELECT {listed(statements_of(PRICE).names, "newest.")}
    FROM unnest($1::uuid[], $2::timestamptz[], $3::timestamptz[])
         WITH ORDINALITY AS asked (coin_id, latest, earliest, number)
    LEFT JOIN LATERAL (
        SELECT * FROM price
        WHERE price.coin_id = asked.coin_id AND price.at <= asked.latest AND price.at >= asked.earliest
        ORDER BY price.at DESC, price.source LIMIT 1
    ) AS newest ON true
    ORDER BY asked.number
"""


class PostgresPriceRepository(PostgresRepository[Price, tuple[UUID, datetime, PriceSource]], PriceRepository):
    """Prices of coins in USD, by (coin id, time, source)."""

    table = PRICE

    async def as_of(self, coin_id: UUID, at: datetime, *, max_age: timedelta | None = None) -> Price | None:
        """Return a coin's newest price at or before a time, or None."""
        rows = await self._executor.fetch(PRICE, AS_OF, *_asked(coin_id, at, max_age))
        return self._sql.hydrate(rows[0]) if rows else None

    async def as_of_many(
        self, pairs: Sequence[tuple[UUID, datetime]], *, max_age: timedelta | None = None
    ) -> list[Price | None]:
        """Return ``as_of`` of every (coin id, time) pair, in the order of the pairs, in one statement."""
        asked = [_asked(coin_id, at, max_age) for coin_id, at in pairs]
        if not asked:
            return []
        columns = [list(column) for column in zip(*asked, strict=True)]
        rows = await self._executor.fetch(PRICE, AS_OF_MANY, *columns)
        return [None if row[0] is None else self._sql.hydrate(row) for row in rows]


def _asked(coin_id: UUID, at: datetime, max_age: timedelta | None) -> tuple[UUID, datetime, datetime]:
    """Return the coin, the latest and the earliest time that will do, cleaned: bounds on both sides prune partitions.

    Raises InvalidValue.
    """
    coin = PRICE.checked_value(PRICE.column("coin_id"), coin_id)
    latest = PRICE.checked_value(PRICE.column("at"), at)
    is_bounded = max_age is not None and max_age < latest - EARLIEST
    return (
        coin,
        latest,
        latest - max_age if max_age is not None and is_bounded else EARLIEST,
    )
