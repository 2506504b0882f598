"""asyncpg by hand: as it comes, tuned ("the tuned floor"), and tuned with an attrs class made of each row."""

from collections.abc import Callable
from datetime import datetime
from decimal import Decimal
from typing import Any, ClassVar, Final
from uuid import UUID, uuid4

import asyncpg
from attrs import field, frozen

from strongroom.domain.positions.position import PositionStatus
from strongroom.domain.positions.position_valuation import ValuationSource
from strongroom.domain.pricing.price import PriceSource

from .. import statements as sql
from ..kept import Address
from ..platform_world import END, MAX_AGE, PAGE, POOL_ID, SHARES, START, Sample, time_of, user_id, value_of, wallet_id
from .contender import BATCH, CONNECTIONS, Contender, Work

Made = Callable[[Any], Any]


class UnresetConnection(asyncpg.Connection):
    """A connection without the round trip that undoes session state when it is given back."""

    def get_reset_query(self) -> str:
        """Return nothing to run."""
        return ""


async def use_text_for_numerics(connection: "asyncpg.Connection[Any]") -> None:
    """Have numerics travel as text: exact, and faster than asyncpg's binary codec."""
    await connection.set_type_codec("numeric", encoder=str, decoder=Decimal, schema="pg_catalog", format="text")


def same(row: Any) -> Any:
    """Return the Record itself."""
    return row


class Driver(Contender):
    """asyncpg as it comes, returning Records."""

    name = "asyncpg"
    options: ClassVar[dict[str, Any]] = {}
    batch = BATCH
    position: Made = staticmethod(same)
    valuation: Made = staticmethod(same)
    price: Made = staticmethod(same)

    async def open(self, address: Address, sample: Sample) -> None:
        self._pool: asyncpg.Pool[Any] = await asyncpg.create_pool(
            address.url, min_size=1, max_size=CONNECTIONS, **self.options
        )
        self.works = self._works(sample)

    async def close(self) -> None:
        await self._pool.close()

    def _works(self, sample: Sample) -> dict[str, Work]:
        one, many, position, valuation, price = self._one, self._many, self.position, self.valuation, self.price
        return {
            "get": lambda number: one(position, sql.GET, sample.position(number)),
            "find": lambda number: many(position, sql.FIND, sample.user(number)),
            "wide": lambda _: many(valuation, sql.WIDE, sample.valued, START, END),
            "page": lambda number: many(price, sql.PAGE, *sample.ask(number), END, PAGE),
            "stream": lambda number: self._stream(sql.STREAM, sample.coin(number), START, END),
            "million": lambda _: self._stream(sql.MILLION),
            "as-of": lambda number: self._as_of(sample, number),
            "pairs": lambda _: many(price, sql.PAIRS, *sample.pair_arrays),
            "update": lambda number: one(
                position, sql.UPDATE, sample.position(number), time_of(number), value_of(number)
            ),
            "create": self._create,
        }

    async def _one(self, made: Made, statement: str, *values: Any) -> Any:
        async with self._pool.acquire() as connection:
            return made(await connection.fetchrow(statement, *values))

    async def _many(self, made: Made, statement: str, *values: Any) -> list[Any]:
        async with self._pool.acquire() as connection:
            rows = await connection.fetch(statement, *values)
        return rows if made is same else [made(row) for row in rows]

    async def _as_of(self, sample: Sample, number: int) -> Any:
        coin, at = sample.ask(number)
        return await self._one(self.price, sql.AS_OF, coin, at, at - MAX_AGE)

    async def _stream(self, statement: str, *values: Any) -> Any:
        made, last = self.price, None
        async with self._pool.acquire() as connection, connection.transaction(readonly=True):
            async for row in connection.cursor(statement, *values, prefetch=self.batch):
                last = made(row)
        return last

    async def _create(self, number: int) -> Any:
        at, value = time_of(number), value_of(number)
        async with self._pool.acquire() as connection, connection.transaction():
            row = await connection.fetchrow(sql.INSERT_POSITION, *new_position(number))
            await connection.execute(sql.INSERT_VALUATION, row["id"], at, value, SHARES, None, "onchain")
            return self.position(row)


class TunedDriver(Driver):
    """The tuned floor: numerics as text, no reset, and nothing else."""

    name = "asyncpg, tuned"
    options: ClassVar[dict[str, Any]] = {"init": use_text_for_numerics, "connection_class": UnresetConnection}


_STATUS: Final = {member.value: member for member in PositionStatus}
_VALUATION_SOURCE: Final = {member.value: member for member in ValuationSource}
_PRICE_SOURCE: Final = {member.value: member for member in PriceSource}


@frozen
class Position:
    """A position as one writes it by hand: in the columns' order, nothing checked."""

    id: UUID
    user_id: UUID
    safe_id: UUID | None
    wallet_id: UUID | None
    pool_id: UUID
    status: PositionStatus = field(converter=_STATUS.__getitem__)
    shares: int = field(converter=int)
    cost_basis_usd: Decimal
    realised_pnl_usd: Decimal
    value_usd: Decimal
    valued_at: datetime | None
    opened_at: datetime
    closed_at: datetime | None
    created_at: datetime
    updated_at: datetime
    version: int


@frozen
class Valuation:
    """A valuation as one writes it by hand."""

    position_id: UUID
    at: datetime
    value_usd: Decimal
    shares: int = field(converter=int)
    price_per_share: Decimal | None
    source: ValuationSource = field(converter=_VALUATION_SOURCE.__getitem__)


@frozen
class Price:
    """A price as one writes it by hand."""

    coin_id: UUID
    at: datetime
    source: PriceSource = field(converter=_PRICE_SOURCE.__getitem__)
    price_usd: Decimal
    confidence: Decimal | None


class AttrsDriver(TunedDriver):
    """The tuned floor and an attrs class of each row, ``cls(*row)``."""

    name = "hand-written attrs"
    position: Made = staticmethod(lambda row: Position(*row))
    valuation: Made = staticmethod(lambda row: Valuation(*row))
    price: Made = staticmethod(lambda row: Price(*row))


def new_position(number: int) -> tuple[Any, ...]:
    """Return the columns of the position without shares that write ``number`` opens."""
    at = time_of(number)
    owner = (user_id(0), None, wallet_id(0), POOL_ID)
    return (uuid4(), *owner, "active", 0, 0, 0, 0, None, at, None, at, at, 1)
