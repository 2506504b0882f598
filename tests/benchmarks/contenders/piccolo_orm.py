"""Piccolo over asyncpg, returning its objects."""

import warnings
from typing import Any
from uuid import uuid4

from piccolo.columns import UUID, Integer, Numeric, Timestamptz, Varchar
from piccolo.engine.postgres import PostgresEngine
from piccolo.table import Table

from ..kept import Address
from ..platform_world import END, MAX_AGE, PAGE, POOL_ID, SHARES, START, Sample, time_of, user_id, value_of, wallet_id
from .contender import BATCH, CONNECTIONS, Contender


class Position(Table, tablename="nmt_position"):
    """A position."""

    id = UUID(primary_key=True)
    user_id = UUID()
    safe_id = UUID(null=True, default=None)
    wallet_id = UUID(null=True, default=None)
    pool_id = UUID()
    status = Varchar()
    shares = Numeric((78, 0))
    cost_basis_usd = Numeric((38, 18))
    realised_pnl_usd = Numeric((38, 18))
    value_usd = Numeric((38, 18))
    valued_at = Timestamptz(null=True, default=None)
    opened_at = Timestamptz()
    closed_at = Timestamptz(null=True, default=None)
    created_at = Timestamptz()
    updated_at = Timestamptz()
    version = Integer()


class Valuation(Table, tablename="nmt_position_valuation"):
    """A valuation of a position; a table has one key column, so this names a part of the key."""

    position_id = UUID(primary_key=True)
    at = Timestamptz()
    value_usd = Numeric((38, 18))
    shares = Numeric((78, 0))
    price_per_share = Numeric((38, 18), null=True, default=None)
    source = Varchar()


class Price(Table, tablename="price"):
    """A price of a coin."""

    coin_id = UUID(primary_key=True)
    at = Timestamptz()
    source = Varchar()
    price_usd = Numeric((38, 18))
    confidence = Numeric((24, 12), null=True, default=None)


class PiccoloOrm(Contender):
    """Piccolo's objects."""

    name = "Piccolo"

    async def open(self, address: Address, sample: Sample) -> None:
        config = {"host": address.host, "port": address.port, "user": address.user, "database": address.database}
        self._engine = PostgresEngine(config)
        await self._engine.start_connection_pool(min_size=1, max_size=CONNECTIONS)
        for table in (Position, Valuation, Price):
            table._meta._db = self._engine
        at, coin = Price.at, Price.coin_id
        everything = Price.objects().order_by(coin, at, Price.source)
        self.works = {
            "get": lambda number: Position.objects().get(Position.id == sample.position(number)),
            "find": lambda number: _listed(
                Position.objects()
                .where(Position.user_id == sample.user(number))
                .order_by(Position.opened_at, Position.id)
            ),
            "wide": lambda _: _listed(
                Valuation.objects()
                .where(Valuation.position_id == sample.valued, Valuation.at >= START, Valuation.at < END)
                .order_by(Valuation.at)
            ),
            "page": lambda number: _page(sample, number),
            "stream": lambda number: _last(
                Price.objects().where(coin == sample.coin(number), at >= START, at < END).order_by(at, Price.source)
            ),
            "million": lambda _: _last(everything),
            "as-of": lambda number: _as_of(sample, number),
            "update": lambda number: self._update(sample, number),
            "create": self._create,
        }

    async def close(self) -> None:
        with warnings.catch_warnings(action="ignore"):
            await self._engine.close_connection_pool()

    async def _update(self, sample: Sample, number: int) -> Any:
        """Value a position if its version is the one that was read."""
        at, value = time_of(number), value_of(number)
        async with self._engine.transaction():
            position = await Position.objects().get(Position.id == sample.position(number))
            moved = (
                await Position.update(
                    {
                        Position.value_usd: value,
                        Position.valued_at: at,
                        Position.updated_at: at,
                        Position.version: position.version + 1,
                    }
                )
                .where(Position.id == position.id, Position.version == position.version)
                .returning(Position.id)
            )
            if len(moved) != 1:
                raise LookupError(position.id)
            await Valuation.insert(_valuation(position.id, number, position.shares))
        return position

    async def _create(self, number: int) -> Any:
        at = time_of(number)
        async with self._engine.transaction():
            position = Position(
                id=uuid4(),
                user_id=user_id(0),
                wallet_id=wallet_id(0),
                pool_id=POOL_ID,
                status="active",
                shares=0,
                cost_basis_usd=0,
                realised_pnl_usd=0,
                value_usd=0,
                opened_at=at,
                created_at=at,
                updated_at=at,
                version=1,
            )
            await Position.insert(position)
            await Valuation.insert(_valuation(position.id, number, SHARES))
        return position


async def _listed(query: Any) -> list[Any]:
    return list(await query)


async def _last(query: Any) -> Any:
    last = None
    async with await query.batch(batch_size=BATCH) as batches:
        async for rows in batches:
            last = rows[-1] if rows else last
    return last


async def _page(sample: Sample, number: int) -> list[Any]:
    coin, at = sample.ask(number)
    within = (Price.coin_id == coin, Price.at > at, Price.at < END)
    return await _listed(Price.objects().where(*within).order_by(Price.at, Price.source).limit(PAGE))


async def _as_of(sample: Sample, number: int) -> Any:
    coin, at = sample.ask(number)
    within = (Price.coin_id == coin, Price.at <= at, Price.at >= at - MAX_AGE)
    newest = Price.objects().where(*within).order_by(Price.at, ascending=False).order_by(Price.source)
    return await newest.first()


def _valuation(position: Any, number: int, shares: Any) -> Valuation:
    return Valuation(
        position_id=position, at=time_of(number), value_usd=value_of(number), shares=shares, source="onchain"
    )
