"""Prices in PostgreSQL."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from strongroom.adapters.mapping.price import PRICE
from strongroom.domain.pricing.price import Price, PriceSource
from strongroom.ports.repositories.price import PriceRepository

from .repository import PostgresRepository
from .sql import listed, statements_of

_COLUMNS: Final = statements_of(PRICE).columns
_YOUNG_ENOUGH: Final = "($3::interval IS NULL OR at >= $2 - $3::interval)"

AS_OF: Final = f"""
    SELECT {_COLUMNS} FROM price
    WHERE coin_id = $1 AND at <= $2 AND {_YOUNG_ENOUGH}
    ORDER BY at DESC, source LIMIT 1
"""

AS_OF_MANY: Final = f"""
    SELECT asked.number, {listed(statements_of(PRICE).names, "newest.")}
    FROM unnest($1::uuid[], $2::timestamptz[]) WITH ORDINALITY AS asked (coin_id, at, number),
    LATERAL (
        SELECT * FROM price
        WHERE price.coin_id = asked.coin_id AND price.at <= asked.at
          AND ($3::interval IS NULL OR price.at >= asked.at - $3::interval)
        ORDER BY price.at DESC, price.source LIMIT 1
    ) AS newest
"""


class PostgresPriceRepository(PostgresRepository[Price, tuple[UUID, datetime, PriceSource]], PriceRepository):
    """Prices of coins in USD, by (coin id, time, source)."""

    table = PRICE

    async def as_of(self, coin_id: UUID, at: datetime, *, max_age: timedelta | None = None) -> Price | None:
        """Return a coin's newest price at or before a time, or None."""
        rows = await self._executor.fetch(PRICE, AS_OF, *_asked(coin_id, at), max_age)
        return self._sql.hydrate(rows[0]) if rows else None

    async def as_of_many(
        self, pairs: Sequence[tuple[UUID, datetime]], *, max_age: timedelta | None = None
    ) -> list[Price | None]:
        """Return ``as_of`` of every (coin id, time) pair, in the order of the pairs, in one statement."""
        asked = [_asked(coin_id, at) for coin_id, at in pairs]
        found: list[Price | None] = [None] * len(asked)
        if not asked:
            return found
        coins, times = zip(*asked, strict=True)
        for number, *values in await self._executor.fetch(PRICE, AS_OF_MANY, list(coins), list(times), max_age):
            found[number - 1] = self._sql.hydrate(values)
        return found


def _asked(coin_id: UUID, at: datetime) -> tuple[UUID, datetime]:
    """Return what was asked for, cleaned. Raises InvalidValue."""
    return (
        PRICE.checked_value(PRICE.column("coin_id"), coin_id),
        PRICE.checked_value(PRICE.column("at"), at),
    )
