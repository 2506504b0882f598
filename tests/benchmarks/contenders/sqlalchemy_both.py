"""SQLAlchemy 2 over asyncpg: its Core, and its ORM with a session for each call."""

from typing import Any, Final
from uuid import uuid4

from sqlalchemy import Select, bindparam, insert, select, text, update
from sqlalchemy.ext.asyncio import AsyncEngine, async_sessionmaker, create_async_engine

from strongroom.domain.positions.position import PositionStatus
from strongroom.domain.positions.position_valuation import ValuationSource

from .. import statements as sql
from ..kept import Address
from ..platform_world import END, MAX_AGE, PAGE, POOL_ID, SHARES, START, Sample, time_of, user_id, value_of, wallet_id
from .contender import BATCH, CONNECTIONS, Contender
from .sqlalchemy_tables import Position, Price, Valuation


def engine_of(address: Address) -> AsyncEngine:
    """Return an engine whose pool opens at most ``CONNECTIONS``."""
    return create_async_engine(
        "postgresql+asyncpg://",
        connect_args={
            "host": address.host,
            "port": address.port,
            "user": address.user,
            "database": address.database,
        },
        pool_size=CONNECTIONS,
        max_overflow=0,
    )


def positions_by_user(of: Any) -> Select[Any]:
    """Select a user's positions, the longest open first."""
    return select(of).where(Position.user_id == bindparam("user")).order_by(Position.opened_at, Position.id)


def valuations_in_range(of: Any) -> Select[Any]:
    """Select a position's valuations in a range, the oldest first."""
    at = Valuation.at
    within = (Valuation.position_id == bindparam("position"), at >= bindparam("start"), at < bindparam("end"))
    return select(of).where(*within).order_by(at)


def prices_in_range(of: Any) -> Select[Any]:
    """Select a coin's prices in a range, the oldest first."""
    within = (Price.coin_id == bindparam("coin"), Price.at >= bindparam("start"), Price.at < bindparam("end"))
    return select(of).where(*within).order_by(Price.at, Price.source)


def price_page(of: Any) -> Select[Any]:
    """Select the page of a coin's prices that follows a time."""
    within = (Price.coin_id == bindparam("coin"), Price.at > bindparam("after"), Price.at < bindparam("end"))
    return select(of).where(*within).order_by(Price.at, Price.source).limit(PAGE)


def price_as_of(of: Any) -> Select[Any]:
    """Select a coin's newest price at or before a time that is young enough."""
    within = (Price.coin_id == bindparam("coin"), Price.at <= bindparam("at"), Price.at >= bindparam("earliest"))
    return select(of).where(*within).order_by(Price.at.desc(), Price.source).limit(1)


def all_prices(of: Any) -> Select[Any]:
    """Select all prices in the key's order."""
    return select(of).order_by(Price.coin_id, Price.at, Price.source)


class SqlalchemyCore(Contender):
    """SQLAlchemy's Core: statements made once, rows as it gives them."""

    name = "SQLAlchemy Core"

    async def open(self, address: Address, sample: Sample) -> None:
        self._engine = engine_of(address)
        position, valuation, price = Position.__table__, Valuation.__table__, Price.__table__
        get = select(position).where(Position.id == bindparam("id"))
        find, wide, page = positions_by_user(position), valuations_in_range(valuation), price_page(price)
        as_of, stream, everything = price_as_of(price), prices_in_range(price), all_prices(price)
        pairs = text(_named(sql.PAIRS)).columns(*price.columns)
        one, many = self._one, self._many
        self.works = {
            "get": lambda number: one(get, id=sample.position(number)),
            "find": lambda number: many(find, user=sample.user(number)),
            "wide": lambda _: many(wide, position=sample.valued, start=START, end=END),
            "page": lambda number: many(page, **_page_of(sample, number)),
            "stream": lambda number: self._stream(stream, coin=sample.coin(number), start=START, end=END),
            "million": lambda _: self._stream(everything),
            "as-of": lambda number: one(as_of, **_asked(sample, number)),
            "pairs": lambda _: many(pairs, **dict(zip(("p1", "p2", "p3"), sample.pair_arrays, strict=True))),
            "update": lambda number: self._update(sample, number),
            "create": self._create,
        }

    async def close(self) -> None:
        await self._engine.dispose()

    async def _one(self, statement: Any, **values: Any) -> Any:
        async with self._engine.connect() as connection:
            return (await connection.execute(statement, values)).mappings().first()

    async def _many(self, statement: Any, **values: Any) -> list[Any]:
        async with self._engine.connect() as connection:
            return list((await connection.execute(statement, values)).all())

    async def _stream(self, statement: Any, **values: Any) -> Any:
        last = None
        options = {"yield_per": BATCH}
        async with (
            self._engine.connect() as connection,
            connection.stream(statement, values, execution_options=options) as rows,
        ):
            async for row in rows:
                last = row
        return last

    async def _update(self, sample: Sample, number: int) -> Any:
        at, value = time_of(number), value_of(number)
        async with self._engine.begin() as connection:
            moved = await connection.execute(_MOVE, {"key": sample.position(number), "value": value, "at": at})
            row = moved.mappings().one()
            appended = {"position_id": row["id"], "at": at, "value_usd": value, "shares": row["shares"]}
            await connection.execute(_APPEND, {**appended, "source": ValuationSource.ONCHAIN})
        return row

    async def _create(self, number: int) -> Any:
        at, value = time_of(number), value_of(number)
        async with self._engine.begin() as connection:
            row = (await connection.execute(_OPEN, _new_position(number))).mappings().one()
            appended = {"position_id": row["id"], "at": at, "value_usd": value, "shares": SHARES}
            await connection.execute(_APPEND, {**appended, "source": ValuationSource.ONCHAIN})
        return row


class SqlalchemyOrm(Contender):
    """SQLAlchemy's ORM: a session for each call, nothing expired on commit."""

    name = "SQLAlchemy ORM"

    async def open(self, address: Address, sample: Sample) -> None:
        self._engine = engine_of(address)
        self._session = async_sessionmaker(self._engine, expire_on_commit=False)
        find, wide, page = positions_by_user(Position), valuations_in_range(Valuation), price_page(Price)
        as_of, stream, everything = price_as_of(Price), prices_in_range(Price), all_prices(Price)
        pairs = select(Price).from_statement(text(_named(sql.PAIRS)).columns(*Price.__table__.columns))
        many = self._many
        self.works = {
            "get": lambda number: self._get(sample, number),
            "find": lambda number: many(find, user=sample.user(number)),
            "wide": lambda _: many(wide, position=sample.valued, start=START, end=END),
            "page": lambda number: many(page, **_page_of(sample, number)),
            "stream": lambda number: self._stream(stream, coin=sample.coin(number), start=START, end=END),
            "million": lambda _: self._stream(everything),
            "as-of": lambda number: self._one(as_of, **_asked(sample, number)),
            "pairs": lambda _: many(pairs, **dict(zip(("p1", "p2", "p3"), sample.pair_arrays, strict=True))),
            "update": lambda number: self._update(sample, number),
            "create": self._create,
        }

    async def close(self) -> None:
        await self._engine.dispose()

    async def _get(self, sample: Sample, number: int) -> Any:
        async with self._session() as session:
            return await session.get(Position, sample.position(number))

    async def _one(self, statement: Any, **values: Any) -> Any:
        async with self._session() as session:
            return (await session.scalars(statement, values)).first()

    async def _many(self, statement: Any, **values: Any) -> list[Any]:
        async with self._session() as session:
            return list((await session.scalars(statement, values)).all())

    async def _stream(self, statement: Any, **values: Any) -> Any:
        last = None
        async with self._session() as session:
            rows = await session.stream_scalars(statement, values, execution_options={"yield_per": BATCH})
            async for row in rows:
                last = row
        return last

    async def _update(self, sample: Sample, number: int) -> Any:
        at, value = time_of(number), value_of(number)
        async with self._session.begin() as session:
            position = await session.get_one(Position, sample.position(number))
            position.value_usd, position.valued_at, position.updated_at = value, at, at
            session.add(_valuation(position.id, number, position.shares))
        return position

    async def _create(self, number: int) -> Any:
        async with self._session.begin() as session:
            position = Position(**_new_position(number))
            session.add(position)
            await session.flush()
            session.add(_valuation(position.id, number, SHARES))
        return position


_MOVE: Final = (
    update(Position.__table__)
    .where(Position.id == bindparam("key"))
    .values(
        value_usd=bindparam("value"),
        valued_at=bindparam("at"),
        updated_at=bindparam("at"),
        version=Position.version + 1,
    )
    .returning(Position.__table__)
)
_APPEND: Final = insert(Valuation.__table__)
_OPEN: Final = insert(Position.__table__).returning(Position.__table__)


def _named(statement: str) -> str:
    """Return a statement with :p1 in the place of $1, and CAST in the place of :: for SQLAlchemy's text."""
    for number, kind in ((1, "uuid[]"), (2, "timestamptz[]"), (3, "timestamptz[]")):
        statement = statement.replace(f"${number}::{kind}", f"CAST(:p{number} AS {kind})")
    return statement


def _page_of(sample: Sample, number: int) -> dict[str, Any]:
    coin, at = sample.ask(number)
    return {"coin": coin, "after": at, "end": END}


def _asked(sample: Sample, number: int) -> dict[str, Any]:
    coin, at = sample.ask(number)
    return {"coin": coin, "at": at, "earliest": at - MAX_AGE}


def _new_position(number: int) -> dict[str, Any]:
    at = time_of(number)
    return {
        "id": uuid4(),
        "user_id": user_id(0),
        "safe_id": None,
        "wallet_id": wallet_id(0),
        "pool_id": POOL_ID,
        "status": PositionStatus.ACTIVE,
        "shares": 0,
        "cost_basis_usd": 0,
        "realised_pnl_usd": 0,
        "value_usd": 0,
        "valued_at": None,
        "opened_at": at,
        "closed_at": None,
        "created_at": at,
        "updated_at": at,
        "version": 1,
    }


def _valuation(position: Any, number: int, shares: Any) -> Valuation:
    return Valuation(
        position_id=position,
        at=time_of(number),
        value_usd=value_of(number),
        shares=shares,
        source=ValuationSource.ONCHAIN,
    )
