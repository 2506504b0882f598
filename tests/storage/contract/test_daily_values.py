"""Coins' daily prices: as old as their last refresh, and after it what ``domain.pricing.daily_values`` says."""

import asyncio
from contextlib import aclosing
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from strongroom.domain.pricing.coin import Coin
from strongroom.domain.pricing.daily_values import daily_values
from strongroom.domain.pricing.price import Price, PriceSource
from strongroom.domain.protocols.chain import Chain
from strongroom.ports.clock import FixedClock
from strongroom.ports.errors import Conflict, InvalidValue, NotFound, ReadOnlyViolation
from strongroom.ports.storage import Isolation, Repositories, Storage
from strongroom.testing.factory import START_TIME, World

from .conftest import Blocked
from .property_settings import RELAXED

DAY = timedelta(days=1)
START = datetime(2026, 1, 31, tzinfo=UTC)
DAY_LENGTH = 24 * 3600 * 10**6
BORDERS = st.sampled_from([0, 1, DAY_LENGTH - 1, DAY_LENGTH, DAY_LENGTH + 1, 2 * DAY_LENGTH - 1])
MOMENTS = st.integers(0, 3 * DAY_LENGTH - 1) | BORDERS
EXTREMES = st.sampled_from([Decimal(0), Decimal("1e-18"), Decimal("99999999999999999999.999999999999999999")])
AMOUNTS = st.decimals(min_value=0, max_value=Decimal(99999999999999999999), places=18) | EXTREMES
PRICES = st.lists(
    st.tuples(st.integers(0, 1), MOMENTS, st.sampled_from(PriceSource), AMOUNTS),
    max_size=14,
    unique_by=lambda price: price[:3],
)


class Change(Exception):
    """Leaves a transaction."""


async def priced(world: World, amount: int, at: datetime = START_TIME, **given_values: Any) -> Price:
    """Return a price as it is stored."""
    values = {"price_usd": Decimal(amount), "source": PriceSource.COINGECKO, **given_values}
    price: Price = await world.added(Price, at=at, **values)
    return price


async def closes(repositories: Repositories) -> list[Decimal]:
    """Return what every coin cost at the end of every day, as the repository says."""
    return [value.close for value in await repositories.token_daily_values.find()]


@RELAXED
@given(first=PRICES, then=PRICES)
async def test_after_a_refresh_the_values_are_the_domains(
    world: World, first: list[tuple[Any, ...]], then: list[tuple[Any, ...]]
) -> None:
    """Whatever the prices: several sources at one time, borders of days, zeros, 18 places; and as they change."""
    storage: Storage = world.storage
    coins = [coin.id for coin in await world.several(Coin, 2)]
    for rows in (first, then):
        await storage.prices.bulk_upsert(
            Price(coin_id=coins[coin], at=START + timedelta(microseconds=moment), source=source, price_usd=amount)
            for coin, moment, source, amount in rows
        )
        await storage.token_daily_values.refresh()
        wanted = daily_values(await storage.prices.find())
        assert await storage.token_daily_values.find() == wanted
    assert await storage.token_daily_values.count() == len(wanted)
    found = await storage.token_daily_values.find_between(coins[0], START.date(), (START + DAY).date())
    assert found == [row for row in wanted if row.coin_id == coins[0] and row.day <= (START + DAY).date()]


async def test_values_are_stale_until_they_are_refreshed(storage: Storage, world: World, clock: FixedClock) -> None:
    """What is added, changed and removed shows after the next refresh, whose time is kept."""
    assert await storage.token_daily_values.refreshed_at() is None
    price = await priced(world, 1)
    assert await storage.token_daily_values.find() == []
    clock.time += DAY
    await storage.token_daily_values.refresh()
    assert await storage.token_daily_values.refreshed_at() == clock.now()
    assert await closes(storage) == [1]
    await storage.prices.update(attrs.evolve(price, price_usd=Decimal(2)))
    other = await priced(world, 5, START_TIME + DAY, coin_id=price.coin_id)
    assert await closes(storage) == [1]
    await storage.token_daily_values.refresh()
    assert await closes(storage) == [2, 5]
    await storage.prices.remove((other.coin_id, other.at, other.source))
    assert await closes(storage) == [2, 5]
    clock.time += DAY
    await storage.token_daily_values.refresh()
    assert await closes(storage) == [2]
    assert await storage.token_daily_values.refreshed_at() == clock.now()


async def test_values_are_read_as_those_of_any_table(storage: Storage, world: World) -> None:
    """By key, by range, by pages and as a stream, in the order of coin and day."""
    coin, other = sorted(await world.several(Coin, 2), key=lambda each: each.id)
    for number in range(4):
        await priced(world, number, START_TIME + number * DAY, coin_id=coin.id)
    await priced(world, 9, coin_id=other.id)
    await storage.token_daily_values.refresh()
    rows = await storage.token_daily_values.find()
    days = [row.day for row in rows]
    assert [row.close for row in rows] == [0, 1, 2, 3, 9]
    assert await storage.token_daily_values.find_between(coin.id, days[1], days[2]) == rows[1:3]
    assert await storage.token_daily_values.find_between(coin.id, days[2], days[1]) == []
    assert await storage.token_daily_values.get((coin.id, days[3])) == rows[3]
    assert await storage.token_daily_values.get_many([(other.id, days[4]), (other.id, days[1])]) == [rows[4]]
    page = await storage.token_daily_values.page(limit=3)
    assert [*page.items, *(await storage.token_daily_values.page(after=page.next)).items] == rows
    assert [row async for row in storage.token_daily_values.stream(batch=2)] == rows
    with pytest.raises(NotFound):
        await storage.token_daily_values.get((other.id, days[1]))
    with pytest.raises(InvalidValue):
        await storage.token_daily_values.find_between(coin.id, "today", days[1])  # type: ignore[arg-type]


@pytest.mark.parametrize("isolation", Isolation, ids=lambda isolation: isolation.name)
async def test_a_refresh_belongs_to_its_transaction(
    storage: Storage, world: World, clock: FixedClock, isolation: Isolation
) -> None:
    """It sees the transaction's own prices, shows to nobody else before the commit, and is undone with it."""
    price = await priced(world, 1)
    await storage.token_daily_values.refresh()
    before = clock.now()
    clock.time += DAY
    with pytest.raises(Change):
        async with storage.transaction(isolation=isolation) as transaction:
            await transaction.prices.update(attrs.evolve(price, price_usd=Decimal(2)))
            await transaction.token_daily_values.refresh()
            assert await closes(transaction) == [2]
            assert await transaction.token_daily_values.refreshed_at() == clock.now()
            assert await closes(storage) == [1]
            raise Change
    assert await closes(storage) == [1]
    assert await storage.token_daily_values.refreshed_at() == before
    async with storage.transaction(isolation=isolation) as transaction:
        with pytest.raises(Change):
            async with transaction.transaction() as nested:
                await nested.prices.update(attrs.evolve(price, price_usd=Decimal(3)))
                await nested.token_daily_values.refresh()
                raise Change
        assert await closes(transaction) == [1]
        await transaction.token_daily_values.refresh()
    assert await closes(storage) == [1]
    assert await storage.token_daily_values.refreshed_at() == clock.now()


async def test_concurrent_refreshes_wait(storage: Storage, world: World, blocked: Blocked) -> None:
    """The second takes its prices after the first is done, so that it never puts older values in their place."""
    price = await priced(world, 1)
    async with storage.transaction() as transaction:
        await transaction.prices.update(attrs.evolve(price, price_usd=Decimal(2)))
        await transaction.token_daily_values.refresh()
        waiting = await blocked(storage.token_daily_values.refresh())
        await priced(world, 7, START_TIME + DAY, coin_id=price.coin_id)
        assert await closes(transaction) == [2]
    await waiting
    assert await closes(storage) == [2, 7]
    await asyncio.gather(*(storage.token_daily_values.refresh() for _ in range(6)))
    assert await closes(storage) == [2, 7]


async def test_readers_go_on_during_a_refresh(storage: Storage, world: World) -> None:
    """While a refresh is not committed others read, and write prices, with the values of before."""
    price = await priced(world, 1)
    await storage.token_daily_values.refresh()
    async with storage.transaction() as transaction:
        await transaction.prices.update(attrs.evolve(price, price_usd=Decimal(2)))
        await transaction.token_daily_values.refresh()
        async with asyncio.timeout(5):
            assert await closes(storage) == [1]
            async with storage.transaction(isolation=Isolation.REPEATABLE_READ, read_only=True) as reader:
                assert await closes(reader) == [1]
            await priced(world, 3, START_TIME + DAY, coin_id=price.coin_id)
    assert await closes(storage) == [2]


@pytest.mark.parametrize(
    "isolation", [Isolation.REPEATABLE_READ, Isolation.SERIALIZABLE], ids=lambda isolation: isolation.name
)
async def test_a_snapshot_keeps_the_values_that_it_began_with(
    storage: Storage, world: World, isolation: Isolation
) -> None:
    """It reads them whatever is refreshed meanwhile, and cannot refresh after another has."""
    price = await priced(world, 1)
    await storage.token_daily_values.refresh()
    with pytest.raises(Conflict):
        async with storage.transaction(isolation=isolation) as transaction:
            refreshed_at = await transaction.token_daily_values.refreshed_at()
            await storage.prices.update(attrs.evolve(price, price_usd=Decimal(2)))
            await storage.token_daily_values.refresh()
            assert await closes(transaction) == [1]
            assert await transaction.token_daily_values.refreshed_at() == refreshed_at
            await transaction.token_daily_values.refresh()
    assert await closes(storage) == [2]


async def test_a_transaction_that_only_reads_does_not_refresh(storage: Storage, world: World) -> None:
    """A refresh is a write; what it would have replaced stays."""
    await priced(world, 1)
    with pytest.raises(ReadOnlyViolation):
        async with storage.transaction(read_only=True) as transaction:
            await transaction.token_daily_values.refresh()
    assert await closes(storage) == []


async def test_daily_values_cannot_be_written(storage: Storage) -> None:
    """The repository is read and refreshed; it offers no writes."""
    offered = {name for name in dir(storage.token_daily_values) if not name.startswith("_")}
    assert offered >= {"get", "find", "page", "stream", "refresh"}
    assert not offered & {"add", "update", "upsert", "remove", "remove_where", "bulk_upsert", "bulk_add_missing"}


async def test_a_view_that_was_streamed_can_be_refreshed(storage: Storage, world: World) -> None:
    """A stream that was read, or left in the middle, keeps nothing open in its transaction."""
    price = await world.added(Price)
    await storage.token_daily_values.refresh()
    async with storage.transaction() as transaction:
        assert len([value async for value in transaction.token_daily_values.stream(batch=1)]) == 1
        await transaction.token_daily_values.refresh()
        stream: Any = transaction.token_daily_values.stream(batch=1)
        async with aclosing(stream):
            async for value in stream:
                assert value.coin_id == price.coin_id
                break
        await transaction.token_daily_values.refresh()


@pytest.mark.parametrize("refreshed_first", [True, False])
async def test_a_refresh_conflicts_with_concurrent_prices_if_serializable(
    storage: Storage, world: World, *, refreshed_first: bool
) -> None:
    """Of two serializable transactions that could not have come one after the other, one fails: a refresh reads."""
    coin = await world.added(Coin)
    price, chain = await world.ready(Price, coin_id=coin.id), await world.ready(Chain)
    with pytest.raises(Conflict):
        async with storage.transaction(isolation=Isolation.SERIALIZABLE) as refreshing:
            await refreshing.chains.find()
            async with storage.transaction(isolation=Isolation.SERIALIZABLE) as pricing:
                await pricing.chains.find()
                if refreshed_first:
                    await refreshing.token_daily_values.refresh()
                await pricing.prices.add(price)
                if not refreshed_first:
                    await refreshing.token_daily_values.refresh()
                await refreshing.chains.add(chain)
    assert await storage.chains.count() == 1
    assert await storage.prices.count() == 1
