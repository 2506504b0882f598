"""Bulk upserts beside COPY: asyncpg's ``copy_records_to_table`` of the same tuples into the same table, empty."""

from collections.abc import Sequence
from contextlib import AsyncExitStack
from datetime import timedelta
from decimal import Decimal
from typing import Any, Final

import asyncpg

from strongroom import open_storage
from strongroom.adapters.embedded import EmbeddedServer
from strongroom.domain.pricing.price import Price, PriceSource
from strongroom.ports.storage import Storage

from .contenders.contender import Contender
from .kept import Address, kept_database
from .platform_world import START, Sample, add_coins, coin_id
from .rounds import OURS, Measured, Numbers, measure
from .statements import PRICE

ROWS: Final = 100_000
COINS: Final = 50
COPY: Final = "COPY of the same rows"
WORKS: Final = {
    "bulk-new": f"upsert of {ROWS:,} prices, all new",
    "bulk-half": f"upsert of {ROWS:,} prices, half present and changed",
    "bulk-equal": f"upsert of {ROWS:,} prices, all present and equal",
}


async def fill(storage: Storage, _connection: "asyncpg.Connection[Any]") -> None:
    """Store what prices refer to."""
    await add_coins(storage, COINS)


async def database(server: EmbeddedServer) -> Address:
    """Return the database with coins and no price."""
    return await kept_database(server, "bulk", fill, filled_by="1")


def tuples(*, changed: bool = False) -> list[tuple[Any, ...]]:
    """Return the rows, hour by hour, or the same keys with other prices."""
    offset = Decimal("0.5") if changed else Decimal(0)
    return [
        (
            coin_id(number % COINS),
            START + timedelta(hours=number // COINS),
            "chainlink",
            Decimal("2500.123456789012345678") + number % 997 + offset,
            None,
        )
        for number in range(ROWS)
    ]


class _Loading(Contender):
    """What both sides share: the table is put into a work's state before each turn."""

    async def open(self, address: Address, sample: Sample) -> None:
        del sample
        self._connection = await asyncpg.connect(address.url)
        self._rows = tuples()

    async def close(self) -> None:
        await self._connection.close()

    async def prepare(self, work: str) -> None:
        await self._connection.execute("TRUNCATE price")
        present = {"bulk-new": [], "bulk-half": tuples(changed=True)[::2], "bulk-equal": self._rows}[work]
        if present and self.name != COPY:
            await self._connection.copy_records_to_table("price", records=present, columns=PRICE)
            await self._connection.execute("VACUUM ANALYZE price")
        await self._connection.execute("CHECKPOINT")


class _Upsert(_Loading):
    """``bulk_upsert`` of entities."""

    name = OURS

    async def open(self, address: Address, sample: Sample) -> None:
        await super().open(address, sample)
        self._stack = AsyncExitStack()
        opening = open_storage(address.url, apply_migrations=False, schema_check="off", statement_timeout=0)
        self._storage = await self._stack.enter_async_context(opening)
        self._entities = [
            Price(coin_id=coin, at=at, source=PriceSource(source), price_usd=price_usd, confidence=confidence)
            for coin, at, source, price_usd, confidence in self._rows
        ]
        self.works = dict.fromkeys(WORKS, self._upsert)

    async def close(self) -> None:
        await self._stack.aclose()
        await super().close()

    async def _upsert(self, _number: int) -> None:
        await self._storage.prices.bulk_upsert(self._entities)


class _Copy(_Loading):
    """asyncpg's COPY of the same tuples."""

    name = COPY

    async def open(self, address: Address, sample: Sample) -> None:
        await super().open(address, sample)
        self.works = dict.fromkeys(WORKS, self._copy)

    async def _copy(self, _number: int) -> None:
        await self._connection.copy_records_to_table("price", records=self._rows, columns=PRICE)


async def measure_all(server: EmbeddedServer, works: Sequence[str], budget: float) -> list[Measured]:
    """Measure bulk upserts beside COPY, after both have been seen to leave the same rows."""
    if not works:
        return []
    address = await database(server)
    upsert, copy = _Upsert(), _Copy()
    measured = []
    for contender in (upsert, copy):
        await contender.open(address, Sample.draw())
    try:
        for work in works:
            await _require_same(upsert, copy, work, address)
            print(WORKS[work])
            seconds = await measure([upsert, copy], work, calls=1, tasks=1, budget=budget, numbers=Numbers(), warm=True)
            measured.append(Measured(work, WORKS[work], 1, seconds))
    finally:
        for contender in (upsert, copy):
            await contender.close()
    return measured


async def _require_same(upsert: Contender, copy: Contender, work: str, address: Address) -> None:
    left = []
    connection = await asyncpg.connect(address.url)
    try:
        for contender in (upsert, copy):
            await contender.prepare(work)
            await contender.seconds(work, 1, 1, 0)
            left.append(await connection.fetchval("SELECT md5(string_agg(p::text, ';' ORDER BY p)) FROM price AS p"))
    finally:
        await connection.close()
    if left[0] != left[1]:
        message = f"{work}: the upsert leaves other rows than COPY"
        raise AssertionError(message)
