"""Prices in memory."""

from bisect import bisect_right
from collections.abc import Sequence
from datetime import datetime, timedelta
from operator import attrgetter
from uuid import UUID

from strongroom.adapters.mapping.price import PRICE
from strongroom.adapters.mapping.queries import require_max_age
from strongroom.domain.pricing.price import Price, PriceSource
from strongroom.ports.criteria import Criteria, asc, desc, eq
from strongroom.ports.repositories.price import PriceRepository

from .layers import TableView
from .repository import MemoryRepository, plan_of

BY_COIN = Criteria(where=(eq("coin_id"),), order=(asc("at"), desc("source")))
"""Oldest first, and of one time the preferred source last: what counts stands just before the first younger price."""


class MemoryPriceRepository(MemoryRepository[Price, tuple[UUID, datetime, PriceSource]], PriceRepository):
    """Prices of coins in USD, by (coin id, time, source)."""

    table = PRICE

    async def as_of(self, coin_id: UUID, at: datetime, *, max_age: timedelta | None = None) -> Price | None:
        """Return a coin's newest price at or before a time, or None."""
        return (await self.as_of_many([(coin_id, at)], max_age=max_age))[0]

    async def as_of_many(
        self, pairs: Sequence[tuple[UUID, datetime]], *, max_age: timedelta | None = None
    ) -> list[Price | None]:
        """Return ``as_of`` of every (coin id, time) pair, in the order of the pairs."""
        require_max_age(max_age)
        coin, time = PRICE.column("coin_id"), PRICE.column("at")
        asked = [(PRICE.checked_value(coin, coin_id), PRICE.checked_value(time, at)) for coin_id, at in pairs]
        if not asked:
            return []
        wanted = {coin_id for coin_id, _ in asked}
        view = await self._session.view(PRICE, lambda: lambda row: row.coin_id in wanted)
        return [_price_as_of(view, coin_id, at, max_age) for coin_id, at in asked]


def _price_as_of(view: TableView, coin_id: UUID, at: datetime, max_age: timedelta | None) -> Price | None:
    plan = plan_of(PRICE, BY_COIN)
    prices: list[Price] = view.bucket(plan.fields, coin_id).sorted_by(plan.order_key, plan.sort)
    younger = bisect_right(prices, at, key=attrgetter("at"))
    if younger == 0:
        return None
    price = prices[younger - 1]
    return price if max_age is None or at - price.at <= max_age else None
