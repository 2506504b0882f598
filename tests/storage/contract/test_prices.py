"""Prices: as of a time, with a limit of age, one or many, and of a range."""

from datetime import datetime, timedelta
from decimal import Decimal
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from strongroom.domain.pricing.coin import Coin
from strongroom.domain.pricing.price import Price, PriceSource
from strongroom.ports.clock import FixedClock
from strongroom.ports.errors import InvalidValue
from strongroom.ports.storage import Storage
from strongroom.testing.factory import START_TIME, World

from .property_settings import RELAXED

HOURS = st.integers(-3, 3)
AGES = st.sampled_from([None, timedelta(0), timedelta(hours=1), timedelta(hours=2), timedelta(hours=-1)])


def naive(prices: list[Price], coin_id: UUID, at: datetime, max_age: timedelta | None) -> Price | None:
    """Return the price as of a time by looking at every price."""
    sources = list(PriceSource)
    known = [price for price in prices if price.coin_id == coin_id and price.at <= at]
    newest = max(known, key=lambda price: (price.at, -sources.index(price.source)), default=None)
    if newest is None or (max_age is not None and at - newest.at > max_age):
        return None
    return newest


@RELAXED
@given(
    times=st.lists(st.tuples(st.booleans(), HOURS, st.sampled_from(PriceSource)), max_size=8, unique=True),
    asked=st.lists(st.tuples(st.sampled_from([0, 1, 2]), HOURS, st.sampled_from([-1, 0, 1])), max_size=5),
    max_age=AGES,
)
async def test_prices_as_of_equal_a_naive_model(
    world: World,
    times: list[tuple[bool, int, PriceSource]],
    asked: list[tuple[int, int, int]],
    max_age: timedelta | None,
) -> None:
    """``as_of`` and ``as_of_many`` return the newest price at or before each time, unless it is too old."""
    coins = await world.several(Coin, 3)
    prices = [
        await world.added(Price, coin_id=coins[second].id, at=START_TIME + timedelta(hours=hours), source=source)
        for second, hours, source in times
    ]
    pairs = [
        (coins[coin].id, START_TIME + timedelta(hours=hours, microseconds=offset)) for coin, hours, offset in asked
    ]
    wanted = [naive(prices, coin_id, at, max_age) for coin_id, at in pairs]
    assert await world.storage.prices.as_of_many(pairs, max_age=max_age) == wanted
    assert [await world.storage.prices.as_of(coin_id, at, max_age=max_age) for coin_id, at in pairs] == wanted


async def test_a_price_of_exactly_the_maximum_age_counts(storage: Storage, world: World) -> None:
    """A price exactly ``max_age`` old counts, one a microsecond older does not; the older one before it never does."""
    coin = await world.added(Coin)
    await world.added(Price, coin_id=coin.id, at=START_TIME - timedelta(days=400))
    price = await world.added(Price, coin_id=coin.id, at=START_TIME)
    day = timedelta(days=1)
    assert await storage.prices.as_of(coin.id, START_TIME + day, max_age=day) == price
    assert await storage.prices.as_of(coin.id, START_TIME + day + timedelta(microseconds=1), max_age=day) is None
    assert await storage.prices.as_of(coin.id, START_TIME + day, max_age=None) == price
    assert await storage.prices.as_of(coin.id, START_TIME + timedelta(days=9000)) == price


async def test_prices_of_real_coins_are_stored(storage: Storage, world: World) -> None:
    """A price of 0, and one of 18 places, are prices."""
    for amount in (Decimal(0), Decimal("0.000000000000000001"), Decimal("99999999999999999999.999999999999999999")):
        price = await world.added(Price, price_usd=amount)
        assert await storage.prices.as_of(price.coin_id, price.at) == price


async def test_many_prices_are_asked_for_at_once(storage: Storage, world: World) -> None:
    """A thousand pairs are answered in their order, repeated ones too; none are answered by none."""
    coin = await world.added(Coin)
    await world.added(Price, coin_id=coin.id, at=START_TIME)
    pairs = [(coin.id, START_TIME + timedelta(minutes=number % 3 - 1)) for number in range(1000)]
    found = await storage.prices.as_of_many(pairs)
    assert [price is not None for price in found] == [number % 3 > 0 for number in range(1000)]
    assert await storage.prices.as_of_many([]) == []


async def test_the_latest_prices_are_those_of_now(storage: Storage, world: World, clock: FixedClock) -> None:
    """Each coin's newest price by the clock's now, once however often it is asked for; without one it is left out."""
    coins = await world.several(Coin, 3)
    for coin, hours in ((0, -2), (0, -1), (1, -3), (1, 1), (2, 1)):
        await world.added(Price, coin_id=coins[coin].id, at=START_TIME + timedelta(hours=hours))
    ids = [coin.id for coin in coins]
    found = await storage.prices.latest([*ids, ids[0]])
    assert {coin_id: price.at for coin_id, price in found.items()} == {
        ids[0]: START_TIME - timedelta(hours=1),
        ids[1]: START_TIME - timedelta(hours=3),
    }
    assert list(await storage.prices.latest(ids, max_age=timedelta(hours=2))) == [ids[0]]
    clock.time += timedelta(hours=1)
    assert {price.at for price in (await storage.prices.latest(ids)).values()} == {clock.now(), found[ids[0]].at}
    assert await storage.prices.latest([]) == {}


async def test_invalid_arguments_are_refused(storage: Storage, world: World) -> None:
    """A time without a zone, or what is no identity, raises InvalidValue."""
    coin = await world.added(Coin)
    naive_time = datetime(2026, 1, 1)  # noqa: DTZ001 - what must be refused
    for coin_id, at in ((coin.id, naive_time), ("nonsense", START_TIME), (None, START_TIME), (coin.id, None)):
        with pytest.raises(InvalidValue):
            await storage.prices.as_of(coin_id, at)  # type: ignore[arg-type]
        with pytest.raises(InvalidValue):
            await storage.prices.as_of_many([(coin_id, at)])  # type: ignore[list-item]


async def test_prices_of_a_range(storage: Storage, world: World) -> None:
    """A range holds its start and not its end, across months, by time and source; the stream yields the same."""
    coin = await world.added(Coin)
    rows = [
        await world.added(Price, coin_id=coin.id, at=START_TIME + timedelta(days=day), source=source)
        for day, source in (
            (70, PriceSource.MANUAL),
            (35, PriceSource.MANUAL),
            (35, PriceSource.COINGECKO),
            (0, PriceSource.CHAINLINK),
        )
    ]
    await world.added(Price, at=START_TIME)
    found = await storage.prices.find_by_coin(coin.id, rows[3].at, rows[0].at)
    assert found == [rows[3], rows[2], rows[1]]
    assert [row async for row in storage.prices.stream_by_coin(coin.id, rows[3].at, rows[0].at)] == found
