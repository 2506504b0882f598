"""strongroom through its port, as a service uses it."""

from contextlib import AsyncExitStack
from typing import Any

from strongroom import Storage, open_storage
from strongroom.domain.positions.position_valuation import PositionValuation, ValuationSource
from strongroom.domain.pricing.price import PriceSource
from strongroom.ports.repositories.position import CreatePosition
from strongroom.ports.repositories.price import IN_RANGE

from ..kept import Address
from ..platform_world import END, MAX_AGE, PAGE, POOL_ID, SHARES, START, Sample, time_of, user_id, value_of, wallet_id
from .contender import BATCH, CONNECTIONS, Contender


class Strongroom(Contender):
    """The storage under measurement."""

    name = "strongroom"
    batch = BATCH

    async def open(self, address: Address, sample: Sample) -> None:
        self._stack = AsyncExitStack()
        opening = open_storage(
            address.url, max_size=CONNECTIONS, min_size=1, apply_migrations=False, schema_check="off"
        )
        storage = await self._stack.enter_async_context(opening)
        self.works = {
            "get": lambda number: storage.positions.get(sample.position(number)),
            "find": lambda number: storage.positions.find_by_user(sample.user(number)),
            "wide": lambda _: storage.position_valuations.find_by_position(sample.valued, START, END),
            "page": lambda number: _page(storage, sample, number),
            "stream": lambda number: _last(storage.prices.stream_by_coin(sample.coin(number), START, END)),
            "million": lambda _: _last(storage.prices.stream(batch=self.batch)),
            "as-of": lambda number: storage.prices.as_of(*sample.ask(number), max_age=MAX_AGE),
            "pairs": lambda _: storage.prices.as_of_many(sample.pairs, max_age=MAX_AGE),
            "update": lambda number: storage.positions.update_valuation(
                sample.position(number), value_of(number), at=time_of(number)
            ),
            "create": lambda number: _create(storage, number),
        }

    async def close(self) -> None:
        await self._stack.aclose()


async def _page(storage: Storage, sample: Sample, number: int) -> list[Any]:
    coin, at = sample.ask(number)
    cursor = (at, PriceSource.CHAINLINK, coin)
    return (await storage.prices.page(IN_RANGE, coin, START, END, limit=PAGE, after=cursor)).items


async def _last(rows: Any) -> Any:
    last = None
    async for row in rows:
        last = row
    return last


async def _create(storage: Storage, number: int) -> Any:
    """Open a position and value it in one transaction."""
    at, value = time_of(number), value_of(number)
    async with storage.transaction() as transaction:
        command = CreatePosition(user_id=user_id(0), wallet_id=wallet_id(0), pool_id=POOL_ID, opened_at=at)
        position = await transaction.positions.create(command)
        await transaction.position_valuations.add(
            PositionValuation(
                position_id=position.id, at=at, value_usd=value, shares=SHARES, source=ValuationSource.ONCHAIN
            )
        )
    return position
