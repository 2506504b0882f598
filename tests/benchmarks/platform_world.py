"""The platform that the works read and write: fewer than 100,000 rows, the same ones in every run."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from functools import cached_property
from random import Random
from typing import Any, Final
from uuid import UUID

import asyncpg
from attrs import define

from strongroom.adapters.embedded import EmbeddedServer
from strongroom.domain.accounts.user import User
from strongroom.domain.accounts.wallet import Wallet
from strongroom.domain.positions.pool import Pool, PoolKind
from strongroom.domain.positions.position import Position
from strongroom.domain.positions.position_valuation import PositionValuation, ValuationSource
from strongroom.domain.pricing.coin import Coin, CoinStandard
from strongroom.domain.pricing.price import Price, PriceSource
from strongroom.domain.protocols.chain import Chain
from strongroom.domain.protocols.protocol import Protocol
from strongroom.domain.values.address import ChainFamily
from strongroom.ports.storage import Storage

from .kept import Address, kept_database

START: Final = datetime(2026, 1, 1, tzinfo=UTC)
END: Final = datetime(2027, 1, 1, tzinfo=UTC)
WRITES: Final = datetime(2026, 12, 1, tzinfo=UTC)
"""What a run writes carries times from here on, and is removed after it."""
USERS: Final = 500
POSITIONS_OF_A_USER: Final = 40
VALUATIONS: Final = 10_000
COINS: Final = 7
HOURS: Final = 24 * 365
ASKED: Final = 1280
PAIRS: Final = 1000
PAGE: Final = 100
MAX_AGE: Final = timedelta(hours=3)
SHARES: Final = 10**24


def identity(kind: int, number: int) -> UUID:
    """Return the identity of a row of the world: a UUIDv7 that tells its kind and number."""
    return UUID(int=(kind << 112) | (number << 80) | (7 << 76) | (2 << 62) | number)


def user_id(number: int) -> UUID:
    """Return the id of a user."""
    return identity(1, number)


def wallet_id(number: int) -> UUID:
    """Return the id of a user's wallet."""
    return identity(2, number)


def position_id(number: int) -> UUID:
    """Return the id of a position."""
    return identity(3, number)


def coin_id(number: int) -> UUID:
    """Return the id of a coin."""
    return identity(4, number)


POOL_ID: Final = identity(5, 1)
PROTOCOL_ID: Final = identity(6, 1)
VALUED: Final = position_id(USERS * POSITIONS_OF_A_USER // 2)
"""The position that has all the valuations."""


@define(slots=False)
class Sample:
    """What the works ask for: item n of a list for call n, from the start again after the last.

    No position is twice in its list: tasks that write at once never meet.
    """

    positions: list[UUID]
    users: list[UUID]
    coins: list[UUID]
    asked: list[tuple[UUID, datetime]]
    valued: UUID

    @classmethod
    def draw(cls) -> "Sample":
        """Return the sample, which is the same in every run."""
        random = Random(16)
        return cls(
            positions=[position_id(number) for number in random.sample(range(USERS * POSITIONS_OF_A_USER), ASKED)],
            users=[user_id(random.randrange(USERS)) for _ in range(ASKED)],
            coins=[coin_id(number) for number in range(COINS)],
            asked=[
                (coin_id(random.randrange(COINS)), START + timedelta(hours=random.randrange(HOURS - PAGE), minutes=7))
                for _ in range(ASKED)
            ],
            valued=VALUED,
        )

    @cached_property
    def pairs(self) -> list[tuple[UUID, datetime]]:
        """The (coin, time) pairs that are asked for at once."""
        return self.asked[:PAIRS]

    @cached_property
    def pair_arrays(self) -> tuple[list[UUID], list[datetime], list[datetime]]:
        """The pairs as arrays: coins, latest times, earliest times."""
        return (
            [coin for coin, _ in self.pairs],
            [at for _, at in self.pairs],
            [at - MAX_AGE for _, at in self.pairs],
        )

    def position(self, number: int) -> UUID:
        """Return the position of a call."""
        return self.positions[number % len(self.positions)]

    def user(self, number: int) -> UUID:
        """Return the user of a call."""
        return self.users[number % len(self.users)]

    def coin(self, number: int) -> UUID:
        """Return the coin of a call."""
        return self.coins[number % len(self.coins)]

    def ask(self, number: int) -> tuple[UUID, datetime]:
        """Return the coin and the time of a call."""
        return self.asked[number % len(self.asked)]

    def document(self) -> dict[str, Any]:
        """Return the sample as JSON, for a contender that is a process of its own."""
        return {
            "positions": [str(each) for each in self.positions],
            "users": [str(each) for each in self.users],
            "valued": str(self.valued),
            "start": START.isoformat(),
            "end": END.isoformat(),
            "coins": [str(each) for each in self.coins],
            "asked": [(str(coin), at.isoformat()) for coin, at in self.asked],
            "max_age_seconds": int(MAX_AGE.total_seconds()),
            "page_limit": PAGE,
            "writes": WRITES.isoformat(),
            "holder": (str(user_id(0)), str(wallet_id(0))),
            "pool": str(POOL_ID),
            "shares": str(SHARES),
        }


def time_of(number: int) -> datetime:
    """Return the time that write ``number`` carries: another one for each."""
    return WRITES + timedelta(microseconds=number)


def value_of(number: int) -> Decimal:
    """Return the value in USD that write ``number`` carries."""
    return Decimal("1000.25") + number % 1000


async def fill(storage: Storage, _connection: "asyncpg.Connection[Any]") -> None:
    """Store the world."""
    await add_coins(storage, COINS)
    await storage.protocols.add(Protocol(id=PROTOCOL_ID, slug="uniswap", name="Uniswap", category="dex"))
    await storage.pools.add(
        Pool(
            id=POOL_ID,
            chain_id=1,
            protocol_id=PROTOCOL_ID,
            address="0x" + "1" * 40,
            name="USDC/WETH",
            kind=PoolKind.UNISWAP_V3,
            tvl_usd=Decimal(0),
            created_at=START,
            updated_at=START,
        )
    )
    await storage.users.bulk_upsert(
        User(id=user_id(number), created_at=START, updated_at=START) for number in range(USERS)
    )
    await storage.wallets.bulk_upsert(
        Wallet(
            id=wallet_id(number),
            user_id=user_id(number),
            family=ChainFamily.EVM,
            address=f"0x{number:040x}",
            connected_at=START,
        )
        for number in range(USERS)
    )
    await storage.positions.bulk_upsert(
        Position(
            id=position_id(number),
            user_id=user_id(number // POSITIONS_OF_A_USER),
            wallet_id=wallet_id(number // POSITIONS_OF_A_USER),
            pool_id=POOL_ID,
            shares=SHARES + number,
            cost_basis_usd=Decimal("12345.678901234567890123") + number,
            value_usd=Decimal("23456.789012345678901234") + number,
            opened_at=START + timedelta(minutes=number % 1000),
            created_at=START,
            updated_at=START,
        )
        for number in range(USERS * POSITIONS_OF_A_USER)
    )
    await storage.position_valuations.bulk_upsert(
        PositionValuation(
            position_id=VALUED,
            at=START + timedelta(minutes=minute),
            value_usd=Decimal("23456.789012345678901234") + minute,
            shares=SHARES,
            source=ValuationSource.ONCHAIN,
        )
        for minute in range(VALUATIONS)
    )
    await storage.prices.bulk_upsert(
        Price(
            coin_id=coin_id(coin),
            at=START + timedelta(hours=hour),
            source=PriceSource.CHAINLINK,
            price_usd=Decimal("2500.123456789012345678") + (hour * 7919 + coin) % 1000,
        )
        for coin in range(COINS)
        for hour in range(HOURS)
    )


async def add_coins(storage: Storage, count: int) -> None:
    """Store a chain and so many coins."""
    await storage.chains.add(
        Chain(id=1, family=ChainFamily.EVM, name="Ethereum", native_symbol="ETH", finality_depth=64)
    )
    await storage.coins.bulk_upsert(
        Coin(
            id=coin_id(number),
            chain_id=1,
            address=f"0x{number + 1:040x}",
            standard=CoinStandard.ERC20,
            symbol=f"C{number}",
            name=f"Coin {number}",
            decimals=18,
        )
        for number in range(count)
    )


async def database(server: EmbeddedServer) -> Address:
    """Return the database that holds the world."""
    return await kept_database(server, "platform", fill, filled_by="1")


REMOVE_WRITES: Final = f"""
    DELETE FROM nmt_position_valuation WHERE at >= '{WRITES.isoformat()}';
    DELETE FROM nmt_position WHERE opened_at >= '{WRITES.isoformat()}';
    UPDATE nmt_position SET valued_at = NULL, version = 1 WHERE valued_at IS NOT NULL;
"""


async def remove_writes(connection: "asyncpg.Connection[Any]") -> None:
    """Remove what a run wrote, so that the next one finds the world as it was filled."""
    await connection.execute(REMOVE_WRITES)
    for table in ("nmt_position", "nmt_position_valuation"):
        await connection.execute(f"VACUUM ANALYZE {table}")
