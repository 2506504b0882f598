"""What growth costs: the same reads over 10,000 to 10,000,000 prices, in interleaved rounds over all sizes."""

import statistics
from collections.abc import Sequence
from contextlib import AsyncExitStack
from datetime import datetime, timedelta
from functools import partial
from random import Random
from typing import Any, Final
from uuid import UUID

import asyncpg
from rich.console import Console
from rich.table import Table

from strongroom import Storage, open_storage
from strongroom.adapters.embedded import EmbeddedServer
from strongroom.domain.pricing.price import PriceSource
from strongroom.ports.repositories.price import IN_RANGE

from . import statements as sql
from .contenders.contender import Contender
from .contenders.driver import UnresetConnection, use_text_for_numerics
from .kept import Address, kept_database
from .platform_world import MAX_AGE, PAGE, START, Sample, add_coins, coin_id
from .rounds import Numbers, Spread, measure

SIZES: Final = (10_000, 100_000, 1_000_000, 10_000_000)
WORKS: Final = {
    "growth-get": "get a price by its key",
    "growth-as-of": "price as of a time",
    "growth-page": "a page of 100 prices",
}
CALLS: Final = {"growth-get": 200, "growth-as-of": 200, "growth-page": 60}
END: Final = START + timedelta(days=1000)
GET: Final = f"SELECT {', '.join(sql.PRICE)} FROM price WHERE coin_id = $1 AND at = $2 AND source = $3"
FILL: Final = """
    INSERT INTO price (coin_id, at, source, price_usd)
    SELECT coin.id, $1::timestamptz + hour * interval '1 hour', 'chainlink', 2500 + (hour * 7919 % 1000) * 0.001234567
    FROM generate_series(0, $2 - 1) AS hour CROSS JOIN coin ORDER BY hour, coin.id
"""


def shape(rows: int) -> tuple[int, int]:
    """Return how many coins and how many hours make so many prices."""
    coins = min(1000, rows // 1000)
    return coins, rows // coins


async def _fill(storage: Storage, connection: "asyncpg.Connection[Any]", rows: int) -> None:
    coins, hours = shape(rows)
    await add_coins(storage, coins)
    await connection.execute(FILL, START, hours)


async def database(server: EmbeddedServer, rows: int) -> Address:
    """Return the database with so many prices."""
    return await kept_database(server, f"prices_{rows}", partial(_fill, rows=rows), filled_by="1")


class Asked:
    """The prices of a size that are asked for, 4,000 of them: most are asked for once in a turn."""

    def __init__(self, rows: int) -> None:
        random, (coins, hours) = Random(rows), shape(rows)
        self._keys = [
            (coin_id(random.randrange(coins)), START + timedelta(hours=random.randrange(hours - PAGE)))
            for _ in range(4000)
        ]

    def key(self, number: int) -> tuple[UUID, datetime]:
        """Return the coin and the hour of a call."""
        return self._keys[number % len(self._keys)]

    def ask(self, number: int) -> tuple[UUID, datetime]:
        """Return the coin and the time of a call, some minutes after the hour."""
        coin, at = self.key(number)
        return coin, at + timedelta(minutes=7)


class _Ours(Contender):
    """strongroom over so many prices."""

    def __init__(self, rows: int) -> None:
        self.name = f"strongroom, {rows}"
        self._asked = Asked(rows)

    async def open(self, address: Address, sample: Sample) -> None:
        del sample
        self._stack = AsyncExitStack()
        opening = open_storage(address.url, min_size=1, apply_migrations=False, schema_check="off")
        prices = (await self._stack.enter_async_context(opening)).prices
        asked = self._asked

        async def page(number: int) -> Any:
            coin, at = asked.key(number)
            return await prices.page(IN_RANGE, coin, at, END, limit=PAGE)

        self.works = {
            "growth-get": lambda number: prices.get((*asked.key(number), PriceSource.CHAINLINK)),
            "growth-as-of": lambda number: prices.as_of(*asked.ask(number), max_age=MAX_AGE),
            "growth-page": page,
        }

    async def close(self) -> None:
        await self._stack.aclose()


class _Tuned(Contender):
    """The tuned floor over so many prices."""

    def __init__(self, rows: int) -> None:
        self.name = f"tuned, {rows}"
        self._asked = Asked(rows)

    async def open(self, address: Address, sample: Sample) -> None:
        del sample
        self._pool: asyncpg.Pool[Any] = await asyncpg.create_pool(
            address.url, min_size=1, init=use_text_for_numerics, connection_class=UnresetConnection
        )
        self.works = {"growth-get": self._get, "growth-as-of": self._as_of, "growth-page": self._page}

    async def close(self) -> None:
        await self._pool.close()

    async def _get(self, number: int) -> Any:
        async with self._pool.acquire() as connection:
            return await connection.fetchrow(GET, *self._asked.key(number), "chainlink")

    async def _as_of(self, number: int) -> Any:
        coin, at = self._asked.ask(number)
        async with self._pool.acquire() as connection:
            return await connection.fetchrow(sql.AS_OF, coin, at, at - MAX_AGE)

    async def _page(self, number: int) -> Any:
        coin, at = self._asked.key(number)
        async with self._pool.acquire() as connection:
            return await connection.fetch(sql.STREAM + f" LIMIT {PAGE}", coin, at, END)


async def measure_growth(
    server: EmbeddedServer, work: str, sizes: Sequence[int], budget: float
) -> list[dict[str, Any]]:
    """Return, for each size, what a call costs, beside the tuned floor there and beside the smallest size."""
    contenders: list[Contender] = []
    try:
        for rows in sizes:
            address = await database(server, rows)
            for contender in (_Ours(rows), _Tuned(rows)):
                await contender.open(address, Sample.draw())
                contenders.append(contender)
        print(f"{WORKS[work]}, {', '.join(f'{rows:,}' for rows in sizes)} rows")
        seconds = await measure(contenders, work, calls=CALLS[work], tasks=1, budget=budget, numbers=Numbers())
    finally:
        for contender in contenders:
            await contender.close()
    smallest = seconds[f"strongroom, {sizes[0]}"]
    return [
        {
            "work": work,
            "title": WORKS[work],
            "rows": rows,
            "microseconds": round(statistics.median(own) * 1e6, 1),
            "tuned_floor": _spread(seconds[f"tuned, {rows}"], own),
            "times_the_smallest": _spread(own, smallest),
        }
        for rows in sizes
        for own in [seconds[f"strongroom, {rows}"]]
    ]


def show(grown: Sequence[dict[str, Any]]) -> None:
    """Print what growth costs."""
    if not grown:
        return
    table = Table("work", "rows", "µs a call", "tuned floor / ours", "x the smallest", title="growth")
    for each in grown:
        spreads = [f"{one['median']:.2f} ({one['min']:.2f}..{one['max']:.2f})" for one in _spreads(each)]
        table.add_row(each["title"], f"{each['rows']:,}", f"{each['microseconds']:,.0f}", *spreads)
    Console(width=110).print(table)


def _spreads(grown: dict[str, Any]) -> list[dict[str, float]]:
    return [grown["tuned_floor"], grown["times_the_smallest"]]


def _spread(those: list[float], these: list[float]) -> dict[str, float]:
    spread = Spread.of([that / this for that, this in zip(those, these, strict=True)])
    return {"median": round(spread.median, 3), "min": round(spread.least, 3), "max": round(spread.most, 3)}
