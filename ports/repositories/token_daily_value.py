"""The repository of coins' daily prices."""

from datetime import date, datetime
from typing import Protocol
from uuid import UUID

from strongroom.domain.pricing.token_daily_value import TokenDailyValue

from ..criteria import Criteria, asc, eq, ge, le
from ..repository import ReadRepository

BY_COIN_BETWEEN = Criteria(where=(eq("coin_id"), ge("day"), le("day")), order=(asc("day"),))


class TokenDailyValueRepository(ReadRepository[TokenDailyValue, tuple[UUID, date]], Protocol):
    """Coins' daily prices, by coin and day: as old as their last refresh, in a transaction as elsewhere."""

    async def find_between(
        self, coin_id: UUID, first: date, last: date, *, limit: int | None = None
    ) -> list[TokenDailyValue]:
        """Return a coin's values of the days from the first to the last, both included, the oldest first."""
        return await self.find(BY_COIN_BETWEEN, coin_id, first, last, limit=limit)

    async def refresh(self) -> None:
        """Make the values those of the prices that the transaction sees.

        Readers go on meanwhile with the values of before; refreshes wait for one another.
        """
        ...

    async def refreshed_at(self) -> datetime | None:
        """Return the time of the last refresh by the storage's clock; None before the first refresh."""
        ...
