"""The price that counts at a time: the newest that was known then, and whether it is too old to trust."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from attrs import frozen

from ..values.instants import utc_times
from .price import Price, PriceSource

SOURCE_PREFERENCE: Final = tuple(PriceSource)
"""Of several sources at the same time the first of these counts: the order in which PriceSource names them."""

_SOURCE_RANK: Final = {source: rank for rank, source in enumerate(SOURCE_PREFERENCE)}


@frozen
class FreshPrice:
    """The price of a coin as of a time, no older than the limit."""

    price: Price
    age: timedelta


@frozen
class StalePrice:
    """The newest price of a coin as of a time, which is older than the limit."""

    price: Price
    age: timedelta


@frozen
class NoPrice:
    """No price of a coin was known at a time."""

    coin_id: UUID


@utc_times
def price_as_of(
    prices: Iterable[Price], coin_id: UUID, at: datetime, *, max_age: timedelta | None = None
) -> FreshPrice | StalePrice | NoPrice:
    """Return a coin's newest price at or before a time; of several sources at its time, by SOURCE_PREFERENCE.

    A price exactly ``max_age`` old is fresh; without a limit every price is. Prices of other coins and later
    prices do not matter, nor does the order of any.
    """
    candidates = (price for price in prices if price.coin_id == coin_id)
    return prices_as_of(candidates, at, max_age=max_age).get(coin_id, NoPrice(coin_id))


@utc_times
def prices_as_of(
    prices: Iterable[Price], at: datetime, *, max_age: timedelta | None = None
) -> dict[UUID, FreshPrice | StalePrice]:
    """Return ``price_as_of`` of every coin that had a price at the time, by coin id."""
    newest: dict[UUID, Price] = {}
    for price in prices:
        if price.at <= at and _is_preferred(price, newest.get(price.coin_id)):
            newest[price.coin_id] = price
    return {coin_id: _with_freshness(price, at - price.at, max_age) for coin_id, price in newest.items()}


def _is_preferred(price: Price, other: Price | None) -> bool:
    return other is None or (price.at, -_SOURCE_RANK[price.source]) > (other.at, -_SOURCE_RANK[other.source])


def _with_freshness(price: Price, age: timedelta, max_age: timedelta | None) -> FreshPrice | StalePrice:
    return FreshPrice(price, age) if max_age is None or age <= max_age else StalePrice(price, age)
