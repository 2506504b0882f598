"""Prices in PostgreSQL."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, Final
from uuid import UUID

from strongroom.adapters.mapping.price import PRICE
from strongroom.adapters.mapping.queries import require_max_age
from strongroom.domain.pricing.price import Price, PriceSource
from strongroom.domain.values.field_types import MAX_TIMESTAMP, MIN_TIMESTAMP
from strongroom.ports.repositories.price import PriceRepository

from .repository import PostgresRepository
from .sql import EQ, GE, LE, column_list, table_statements
from .unreadable import read

AS_OF: Final = f"""
    SELECT {table_statements(PRICE).columns} FROM {PRICE.sql_name}
    WHERE coin_id {EQ} $1 AND at {LE} $2 AND at {GE} $3
    ORDER BY at DESC, source LIMIT 1
"""

AS_OF_MANY: Final = f"""
    SELECT {column_list(table_statements(PRICE).names, "newest.")}
    FROM ROWS FROM (
        pg_catalog.unnest($1::pg_catalog.uuid[]),
        pg_catalog.unnest($2::pg_catalog.timestamptz[]),
        pg_catalog.unnest($3::pg_catalog.timestamptz[])
    ) WITH ORDINALITY AS asked (coin_id, latest, earliest, number)
    LEFT JOIN LATERAL (
        SELECT * FROM {PRICE.sql_name} AS price
        WHERE price.coin_id {EQ} asked.coin_id AND price.at {LE} asked.latest AND price.at {GE} asked.earliest
        ORDER BY price.at DESC, price.source LIMIT 1
    ) AS newest ON true
    ORDER BY asked.number
"""

NEVER: Final = datetime.max.replace(tzinfo=UTC)
"""Later than any stored time."""


class PostgresPriceRepository(PostgresRepository[Price, tuple[UUID, datetime, PriceSource]], PriceRepository):
    """Prices of coins in USD, by (coin id, time, source)."""

    table = PRICE

    async def as_of(self, coin_id: UUID, at: datetime, *, max_age: timedelta | None = None) -> Price | None:
        """Return a coin's newest price at or before a time, or None."""
        require_max_age(max_age)
        coin, latest = _check_arguments(coin_id, at)
        found = await self._read(AS_OF, [coin, latest, *_earliest_times([latest], max_age)])
        return found[0] if found else None

    async def as_of_many(
        self, pairs: Sequence[tuple[UUID, datetime]], *, max_age: timedelta | None = None
    ) -> list[Price | None]:
        """Return ``as_of`` of every (coin id, time) pair, in the order of the pairs, in one statement."""
        require_max_age(max_age)
        if not pairs:
            return []
        asked = [_check_arguments(coin_id, at) for coin_id, at in pairs]
        latest = [at for _, at in asked]
        coins = [coin for coin, _ in asked]
        given = [coins, latest, _earliest_times(latest, max_age)]
        return await read(self._executor, PRICE, AS_OF_MANY, given, self._found)

    def _found(self, rows: Sequence[Any]) -> list[Price | None]:
        return [None if row[0] is None else self._sql.hydrate(row) for row in rows]


def _check_arguments(coin_id: UUID, at: datetime) -> tuple[UUID, datetime]:
    """Return a coin and a time, cleaned and checked. Raises InvalidValue."""
    if isinstance(coin_id, UUID) and type(at) is datetime and at.tzinfo is UTC and MIN_TIMESTAMP <= at <= MAX_TIMESTAMP:
        return coin_id, at
    return PRICE.checked_value(PRICE.column("coin_id"), coin_id), PRICE.checked_value(PRICE.column("at"), at)


def _earliest_times(times: list[datetime], max_age: timedelta | None) -> list[datetime]:
    """Return the earliest time that will do for each: bounds on both sides prune the partitions of a generic plan."""
    if max_age is None or max_age >= MAX_TIMESTAMP - MIN_TIMESTAMP:
        return [MIN_TIMESTAMP] * len(times)
    if max_age < timedelta(0):
        return [NEVER] * len(times)
    from_the_first = MIN_TIMESTAMP + max_age
    return [at - max_age if at > from_the_first else MIN_TIMESTAMP for at in times]
