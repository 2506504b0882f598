"""How fast reads through the port are, beside raw asyncpg returning bare Records of the same rows.

Run: ``uv run python tests/benchmarks/reads.py [--positions 20000]``. Both work on connections of the same settings, in
interleaved rounds; printed are the medians of each round's ratio (raw time divided by ours: 1.00 is as fast as raw).
Two floors: asyncpg as it comes, and asyncpg with the text codec for numerics, which is exact and which we use.
"""

import argparse
import asyncio
import gc
import statistics
import tempfile
import time
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import asyncpg
from attrs import frozen
from rich.console import Console
from rich.table import Table

from strongroom.adapters.embedded import start_embedded
from strongroom.adapters.mapping.position import POSITION
from strongroom.adapters.mapping.position_valuation import POSITION_VALUATION
from strongroom.adapters.postgres import PostgresSettings, PostgresStorage, open_postgres
from strongroom.adapters.postgres.migrator import Migrator
from strongroom.adapters.postgres.pool import PooledConnection
from strongroom.adapters.postgres.price import AS_OF, AS_OF_MANY
from strongroom.adapters.postgres.sql import statements_of
from strongroom.domain.positions.pool import PoolKind
from strongroom.domain.positions.position import Position
from strongroom.domain.positions.position_valuation import PositionValuation, ValuationSource
from strongroom.domain.pricing.coin import CoinStandard
from strongroom.domain.pricing.price import Price, PriceSource
from strongroom.domain.protocols.chain import Chain
from strongroom.domain.values.address import ChainFamily
from strongroom.ports.repositories.coin import CreateCoin
from strongroom.ports.repositories.pool import CreatePool
from strongroom.ports.repositories.position import OF_USER
from strongroom.ports.repositories.position_valuation import IN_RANGE
from strongroom.ports.repositories.protocol import CreateProtocol
from strongroom.ports.repositories.user import CreateUser
from strongroom.ports.repositories.wallet import CreateWallet

START = datetime(2026, 1, 1, tzinfo=UTC)
POSITIONS_OF_A_USER = 40
VALUATIONS = 10_000
ROUNDS = 25
Work = Callable[[], Awaitable[Any]]


@frozen
class Case:
    """One kind of read: ours, and the SQL and values of the raw one."""

    name: str
    calls: int
    ours: Work
    sql: str
    values: tuple[Any, ...]


async def fill(storage: PostgresStorage, positions: int) -> tuple[Position, Price]:
    """Store so many positions, 40 to a user, 10,000 valuations of one of them, and a year of hourly prices."""
    await storage.chains.add(
        Chain(id=1, family=ChainFamily.EVM, name="Ethereum", native_symbol="ETH", finality_depth=64)
    )
    protocol = await storage.protocols.create(CreateProtocol(slug="uniswap", name="Uniswap", category="dex"))
    pool = await storage.pools.create(
        CreatePool(chain_id=1, protocol_id=protocol.id, address="0x" + "1" * 40, name="X", kind=PoolKind.UNISWAP_V3)
    )
    coin = await storage.coins.create(
        CreateCoin(chain_id=1, address="0x" + "2" * 40, standard=CoinStandard.ERC20, symbol="X", name="X", decimals=18)
    )
    rows = []
    for number in range(positions // POSITIONS_OF_A_USER):
        user = await storage.users.create(CreateUser())
        wallet = await storage.wallets.create(
            CreateWallet(user_id=user.id, family=ChainFamily.EVM, address=f"0x{number:040x}", connected_at=START)
        )
        rows += [
            Position(
                id=storage.positions.next_id(),
                user_id=user.id,
                wallet_id=wallet.id,
                pool_id=pool.id,
                shares=10**24 + number,
                cost_basis_usd=Decimal("12345.678901234567890123"),
                value_usd=Decimal("23456.789012345678901234"),
                opened_at=START,
                created_at=START,
                updated_at=START,
            )
            for _ in range(POSITIONS_OF_A_USER)
        ]
    await storage.positions.bulk_upsert(rows)
    one = rows[len(rows) // 2]
    await storage.position_valuations.bulk_upsert(
        PositionValuation(
            position_id=one.id,
            at=START + timedelta(minutes=minute),
            value_usd=Decimal("23456.789012345678901234") + minute,
            shares=10**24,
            source=ValuationSource.ONCHAIN,
        )
        for minute in range(VALUATIONS)
    )
    prices = [
        Price(coin_id=coin.id, at=START + timedelta(hours=hour), source=PriceSource.CHAINLINK, price_usd=Decimal(hour))
        for hour in range(24 * 365)
    ]
    await storage.prices.bulk_upsert(prices)
    async with storage.pool.connection() as connection:
        await connection.execute("VACUUM ANALYZE")
    return one, prices[-1]


def cases(storage: PostgresStorage, position: Position, price: Price) -> list[Case]:
    """Return the reads to measure."""
    end = START + timedelta(days=400)
    pairs = [(price.coin_id, START + timedelta(hours=hour, minutes=7)) for hour in range(0, 8000, 8)]
    return [
        Case(
            "get",
            100,
            lambda: storage.positions.get(position.id),
            statements_of(POSITION).get,
            (position.id,),
        ),
        Case(
            "find_by_user (40 rows)",
            40,
            lambda: storage.positions.find_by_user(position.user_id),
            statements_of(POSITION).find(OF_USER)[1],
            (position.user_id,),
        ),
        Case(
            "10,000 valuations",
            2,
            lambda: storage.position_valuations.find_by_position(position.id, START, end),
            statements_of(POSITION_VALUATION).find(IN_RANGE)[1],
            (position.id, START, end),
        ),
        Case(
            "price as of a time",
            100,
            lambda: storage.prices.as_of(price.coin_id, price.at, max_age=timedelta(hours=3)),
            AS_OF,
            (price.coin_id, price.at, price.at - timedelta(hours=3)),
        ),
        Case(
            f"{len(pairs):,} prices as of",
            2,
            lambda: storage.prices.as_of_many(pairs, max_age=timedelta(hours=3)),
            AS_OF_MANY,
            ([coin for coin, _ in pairs], [at for _, at in pairs], [at - timedelta(hours=3) for _, at in pairs]),
        ),
    ]


async def seconds(work: Work, calls: int) -> float:
    """Return how long so many calls take."""
    begun = time.perf_counter()
    for _ in range(calls):
        await work()
    return time.perf_counter() - begun


def raw(pool: "asyncpg.Pool[Any]", case: Case) -> Work:
    """Return the raw read: a connection of a pool, the statement, bare Records."""

    async def work() -> Any:
        async with pool.acquire() as connection:
            return await connection.fetch(case.sql, *case.values)

    return work


async def with_text_codec(connection: "asyncpg.Connection[Any]") -> None:
    """Set the text codec for numerics."""
    await connection.set_type_codec("numeric", encoder=str, decoder=Decimal, schema="pg_catalog", format="text")


async def measure(url: str, positions: int) -> None:
    """Measure every case in interleaved rounds and print the ratios."""
    await Migrator(url).migrate()
    async with await open_postgres(PostgresSettings(url=url, min_size=2, max_size=4)) as storage:
        position, price = await fill(storage, positions)
        options = {"min_size": 2, "max_size": 4, "statement_cache_size": 1000, "max_cached_statement_lifetime": 0}
        plain = await asyncpg.create_pool(url, **options)
        quick = await asyncpg.create_pool(url, init=with_text_codec, connection_class=PooledConnection, **options)
        table = Table("read", "ours µs", "raw / ours", "raw, text codec, no reset / ours", title="Reads, median ratios")
        gc.collect()
        gc.freeze()
        for case in cases(storage, position, price):
            works = case.ours, raw(plain, case), raw(quick, case)
            for work in works:
                await seconds(work, case.calls)
            rounds = []
            for number in range(ROUNDS):
                order = works if number % 2 else works[::-1]
                took = {work: await seconds(work, case.calls) for work in order}
                rounds.append([took[work] for work in works])
            ours = statistics.median(own for own, _, _ in rounds) / case.calls * 1e6
            ratios = [statistics.median(times[floor] / times[0] for times in rounds) for floor in (1, 2)]
            table.add_row(case.name, f"{ours:,.0f}", *(f"{ratio:.2f}" for ratio in ratios))
        await plain.close()
        await quick.close()
        Console().print(table)


def main() -> None:
    """Start a server of the benchmark's own, measure, and stop it."""
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--positions", type=int, default=20_000)
    chosen = arguments.parse_args()
    with tempfile.TemporaryDirectory() as folder, start_embedded(Path(folder) / "data") as server:

        async def run() -> None:
            await measure(await server.ensure_database(), chosen.positions)

        try:
            import uvloop
        except ImportError:
            asyncio.run(run())
        else:
            uvloop.run(run())


if __name__ == "__main__":
    main()
