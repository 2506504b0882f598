"""Tortoise over asyncpg. It has no stream that holds few rows, and no statement for many pairs at once."""

from typing import Any
from uuid import uuid4

from tortoise import Tortoise
from tortoise.expressions import F
from tortoise.transactions import in_transaction

from strongroom.domain.positions.position import PositionStatus
from strongroom.domain.positions.position_valuation import ValuationSource

from ..kept import Address
from ..platform_world import END, MAX_AGE, PAGE, POOL_ID, SHARES, START, Sample, time_of, user_id, value_of, wallet_id
from . import tortoise_models
from .contender import CONNECTIONS, Contender
from .tortoise_models import Position, Price, Valuation


class TortoiseOrm(Contender):
    """Tortoise's models."""

    name = "Tortoise"

    async def open(self, address: Address, sample: Sample) -> None:
        credentials = {
            "host": address.host,
            "port": address.port,
            "user": address.user,
            "password": "",
            "database": address.database,
            "minsize": 1,
            "maxsize": CONNECTIONS,
        }
        self._context = await Tortoise.init(
            config={
                "connections": {"default": {"engine": "tortoise.backends.asyncpg", "credentials": credentials}},
                "apps": {"models": {"models": [tortoise_models.__name__], "default_connection": "default"}},
            }
        )
        self.works = {
            "get": lambda number: Position.get(id=sample.position(number)),
            "find": lambda number: _listed(Position.filter(user_id=sample.user(number)).order_by("opened_at", "id")),
            "wide": lambda _: _listed(
                Valuation.filter(position_id=sample.valued, at__gte=START, at__lt=END).order_by("at")
            ),
            "page": lambda number: _page(sample, number),
            "as-of": lambda number: _as_of(sample, number),
            "update": lambda number: _update(sample, number),
            "create": _create,
        }

    async def close(self) -> None:
        await Tortoise.close_connections()


async def _listed(query: Any) -> list[Any]:
    return list(await query)


async def _page(sample: Sample, number: int) -> list[Any]:
    coin, at = sample.ask(number)
    return await Price.filter(coin_id=coin, at__gt=at, at__lt=END).order_by("at", "source").limit(PAGE)


async def _as_of(sample: Sample, number: int) -> Any:
    coin, at = sample.ask(number)
    return await Price.filter(coin_id=coin, at__lte=at, at__gte=at - MAX_AGE).order_by("-at", "source").first()


async def _update(sample: Sample, number: int) -> Any:
    """Value a position if its version is the one that was read."""
    at, value = time_of(number), value_of(number)
    async with in_transaction() as transaction:
        position = await Position.get(id=sample.position(number)).using_db(transaction)
        moved = (
            await Position.filter(id=position.id, version=position.version)
            .using_db(transaction)
            .update(value_usd=value, valued_at=at, updated_at=at, version=F("version") + 1)
        )
        if moved != 1:
            raise LookupError(position.id)
        await _append(transaction, position.id, number, position.shares)
    return position


async def _create(number: int) -> Any:
    at = time_of(number)
    async with in_transaction() as transaction:
        position = await Position.create(
            using_db=transaction,
            id=uuid4(),
            user_id=user_id(0),
            safe_id=None,
            wallet_id=wallet_id(0),
            pool_id=POOL_ID,
            status=PositionStatus.ACTIVE,
            shares=0,
            cost_basis_usd=0,
            realised_pnl_usd=0,
            value_usd=0,
            valued_at=None,
            opened_at=at,
            closed_at=None,
            created_at=at,
            updated_at=at,
            version=1,
        )
        await _append(transaction, position.id, number, SHARES)
    return position


async def _append(transaction: Any, position: Any, number: int, shares: Any) -> None:
    await Valuation.create(
        using_db=transaction,
        position_id=position,
        at=time_of(number),
        value_usd=value_of(number),
        shares=shares,
        price_per_share=None,
        source=ValuationSource.ONCHAIN,
    )
