"""The repository of prices."""

from collections.abc import AsyncIterator, Sequence
from datetime import datetime, timedelta
from typing import Protocol
from uuid import UUID

from strongroom.domain.pricing.price import Price, PriceSource

from ..criteria import Criteria, asc, eq, ge, lt
from ..repository import Creating, Repository

IN_RANGE = Criteria(where=(eq("coin_id"), ge("at"), lt("at")), order=(asc("at"), asc("source")))


class PriceRepository(Repository[Price, tuple[UUID, datetime, PriceSource]], Creating, Protocol):
    """Prices of coins in USD, by (coin id, time, source)."""

    async def find_by_coin(
        self, coin_id: UUID, start: datetime, end: datetime, *, limit: int | None = None
    ) -> list[Price]:
        """Return a coin's prices from ``start`` up to but not at ``end``, the oldest first."""
        return await self.find(IN_RANGE, coin_id, start, end, limit=limit)

    def stream_by_coin(self, coin_id: UUID, start: datetime, end: datetime) -> AsyncIterator[Price]:
        """Yield a coin's prices from ``start`` up to but not at ``end``, the oldest first."""
        return self.stream(IN_RANGE, coin_id, start, end)

    async def as_of(self, coin_id: UUID, at: datetime, *, max_age: timedelta | None = None) -> Price | None:
        """Return a coin's newest price at or before a time, or None when there is none, or none young enough.

        A price exactly ``max_age`` old is young enough. Of several sources at the same time the first of
        PriceSource's order counts.
        """
        ...

    async def as_of_many(
        self, pairs: Sequence[tuple[UUID, datetime]], *, max_age: timedelta | None = None
    ) -> list[Price | None]:
        """Return ``as_of`` of every (coin id, time) pair, in the order of the pairs, in one statement."""
        ...

    async def latest(self, coin_ids: Sequence[UUID], *, max_age: timedelta | None = None) -> dict[UUID, Price]:
        """Return each coin's newest price by the clock's now, in one statement; coins without are left out."""
        now = self.now()
        found = await self.as_of_many([(coin_id, now) for coin_id in dict.fromkeys(coin_ids)], max_age=max_age)
        return {price.coin_id: price for price in found if price is not None}
