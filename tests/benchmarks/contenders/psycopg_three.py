"""psycopg 3 with its pool, prepared statements and binary results."""

from enum import Enum
from typing import Any, Final

from psycopg import AsyncConnection, AsyncRawCursor, AsyncRawServerCursor
from psycopg.rows import dict_row
from psycopg.types.enum import EnumInfo, register_enum
from psycopg_pool import AsyncConnectionPool

from strongroom.domain.positions.position import PositionStatus
from strongroom.domain.positions.position_valuation import ValuationSource
from strongroom.domain.pricing.price import PriceSource

from .. import statements as sql
from ..kept import Address
from ..platform_world import END, MAX_AGE, PAGE, SHARES, START, Sample, time_of, value_of
from .contender import BATCH, CONNECTIONS, Contender
from .driver import new_position

_ENUMS: Final[dict[str, type[Enum]]] = {
    "position_status": PositionStatus,
    "valuation_source": ValuationSource,
    "price_source": PriceSource,
}


class Psycopg(Contender):
    """psycopg 3, returning rows as dicts."""

    name = "psycopg 3"

    async def open(self, address: Address, sample: Sample) -> None:
        self._pool = AsyncConnectionPool(
            address.url,
            min_size=1,
            max_size=CONNECTIONS,
            open=False,
            configure=_know_enums,
            kwargs={
                "autocommit": True,
                "prepare_threshold": 0,
                "row_factory": dict_row,
                "cursor_factory": AsyncRawCursor,
            },
        )
        await self._pool.open(wait=True)
        one, many = self._one, self._many
        self.works = {
            "get": lambda number: one(sql.GET, sample.position(number)),
            "find": lambda number: many(sql.FIND, sample.user(number)),
            "wide": lambda _: many(sql.WIDE, sample.valued, START, END),
            "page": lambda number: many(sql.PAGE, *sample.ask(number), END, PAGE),
            "stream": lambda number: self._stream(sql.STREAM, sample.coin(number), START, END),
            "million": lambda _: self._stream(sql.MILLION),
            "as-of": lambda number: self._as_of(sample, number),
            "pairs": lambda _: many(sql.PAIRS, *sample.pair_arrays),
            "update": lambda number: one(sql.UPDATE, sample.position(number), time_of(number), value_of(number)),
            "create": self._create,
        }

    async def close(self) -> None:
        await self._pool.close()

    async def _one(self, statement: str, *values: Any) -> Any:
        async with self._pool.connection() as connection:
            return await (await connection.execute(statement, values, binary=True)).fetchone()

    async def _many(self, statement: str, *values: Any) -> list[Any]:
        async with self._pool.connection() as connection:
            return await (await connection.execute(statement, values, binary=True)).fetchall()

    async def _as_of(self, sample: Sample, number: int) -> Any:
        coin, at = sample.ask(number)
        return await self._one(sql.AS_OF, coin, at, at - MAX_AGE)

    async def _stream(self, statement: str, *values: Any) -> Any:
        last = None
        async with self._pool.connection() as connection, connection.transaction():
            cursor = AsyncRawServerCursor(connection, "stream")
            cursor.itersize = BATCH
            async with cursor:
                await cursor.execute(statement, values, binary=True)
                async for row in cursor:
                    last = row
        return last

    async def _create(self, number: int) -> Any:
        at, value = time_of(number), value_of(number)
        async with self._pool.connection() as connection, connection.transaction():
            cursor = await connection.execute(sql.INSERT_POSITION, new_position(number), binary=True)
            row = await cursor.fetchone()
            await connection.execute(sql.INSERT_VALUATION, (row["id"], at, value, SHARES, None, "onchain"))
        return row


async def _know_enums(connection: AsyncConnection[Any]) -> None:
    """Have enumerations travel as members."""
    for name, kind in _ENUMS.items():
        info = await EnumInfo.fetch(connection, name)
        mapping = {member: member.value for member in kind}
        register_enum(info, connection, kind, mapping=mapping)
