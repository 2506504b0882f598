"""The sample platform: real addresses, the same on every machine, loaded once whatever is there."""

import decimal
import subprocess
import sys
from collections import Counter
from decimal import Decimal

import pytest
from attrs import evolve

from strongroom import Storage, open_storage
from strongroom.bootstrap.demo.loading import load_sample
from strongroom.bootstrap.demo.market import day_start, price_usd, share_price_usd
from strongroom.bootstrap.demo.reference_data import CHAINS, COINS, DAYS, END, ETHEREUM, POOLS, PROTOCOLS
from strongroom.bootstrap.demo.sample import sample_platform
from strongroom.domain.values.address import checksum_evm_address
from strongroom.ports.results import BulkResult
from strongroom.testing.values import numbered_uuid

FINGERPRINT = """
from hashlib import sha256
from strongroom.bootstrap.demo.sample import sample_platform
print(sha256(repr(sample_platform()).encode()).hexdigest())
"""
USDC, WETH = "0xA0b86991c6218b36c1d19D4a2e9Eb0cE3606eB48", "0xC02aaA39b223FE8D0A0e5C4F27eAD9083C756Cc2"


def test_the_sample_is_the_same_in_every_process() -> None:
    """Neither the hash seed nor the caller's decimal context matters."""
    runs = [
        subprocess.run(
            [sys.executable, "-c", f"import decimal; decimal.getcontext().prec = {precision}\n{FINGERPRINT}"],
            env={"PYTHONHASHSEED": seed},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for seed, precision in (("1", 28), ("2", 6))
    ]
    assert runs[0] == runs[1]


def test_prices_are_daily_and_end_with_the_sample() -> None:
    """91 prices of every coin, from the first day to 2026-10-31."""
    prices = sample_platform().prices
    assert Counter(price.coin_id for price in prices) == {coin.id: DAYS + 1 for coin in COINS.values()}
    assert {price.at for price in prices} == {day_start(day) for day in range(DAYS + 1)}
    assert max(price.at for price in prices) == END == day_start(DAYS)


def test_stable_coins_are_stable_and_wrapped_ether_is_ether() -> None:
    """No day takes a stable coin further than a tenth of a percent from a dollar."""
    for day in range(DAYS + 1):
        assert price_usd("WETH", day) == price_usd("ETH", day)
        for symbol, coin in COINS.items():
            if coin.is_stable:
                assert abs(price_usd(symbol, day) - 1) < Decimal("0.001")


def test_vaults_shares_grow_by_their_yield() -> None:
    """In its own coin a vault's share gains what the pool states for a year, by the day."""
    vault = POOLS["morpho-usdc"]
    with decimal.localcontext(prec=50):
        in_coins = [share_price_usd(vault, day) / price_usd("USDC", day) for day in (0, 73)]
        assert in_coins[1] / in_coins[0] == pytest.approx((1 + vault.yearly / 365) ** 73)


def test_the_addresses_are_the_real_ones_in_the_order_of_their_pools() -> None:
    """Coins stand at their contracts; Uniswap sorts a pool's tokens by address."""
    assert checksum_evm_address(COINS["USDC"].address) == USDC
    assert checksum_evm_address(COINS["WETH"].address) == WETH
    for pool in POOLS.values():
        assert pool.coins == tuple(sorted(pool.coins, key=lambda coin: coin.address))


def test_ids_of_the_sample_are_unique() -> None:
    """Over all entities that have an id."""
    sample = sample_platform()
    flows = [flow for history in sample.histories for flow in history.flows]
    positions = [history.position for history in sample.histories]
    entities = [*COINS.values(), *PROTOCOLS.values(), *(pool.pool for pool in POOLS.values()), *positions, *flows]
    entities += [*sample.users, *sample.wallets, *sample.addresses, *sample.goals]
    assert len({entity.id for entity in entities}) == len(entities)


async def test_loading_twice_changes_nothing(address: str) -> None:
    """The second time all rows are there already."""
    async with open_storage(address, min_size=1) as storage:
        first = await load_sample(storage)
        assert await load_sample(storage) == BulkResult(unchanged=first.inserted)
        assert first.inserted > 1000


async def test_loading_again_keeps_later_changes(address: str) -> None:
    """A position that moved on is not put back."""
    async with open_storage(address, min_size=1) as storage:
        await load_sample(storage)
        position = sample_platform().histories[0].position
        moved = await storage.positions.update(evolve(position, value_usd=Decimal(1)))
        await load_sample(storage)
        assert await storage.positions.get(position.id) == moved


async def test_coins_and_pools_that_are_known_keep_their_identity(address: str) -> None:
    """A storage that an import has filled knows USDC under another id: the sample then speaks of that coin."""
    async with open_storage(address, min_size=1) as storage:
        await already_there(storage)
        await load_sample(storage)
        coin = await storage.coins.find_by_address(ETHEREUM, USDC)
        assert coin is not None
        assert coin.id == numbered_uuid(1)
        assert len(await storage.prices.find_by_coin(coin.id, day_start(0), END)) == DAYS
        pool = await storage.pools.find_by_address(
            ETHEREUM, POOLS["morpho-usdc"].pool.address, POOLS["morpho-usdc"].pool.kind
        )
        assert pool is not None
        assert pool.id == numbered_uuid(3)
        assert [token.coin_id for token in await storage.pool_tokens.find_by_pool(pool.id)] == [coin.id]
        assert await storage.positions.find_by_pool(pool.id)
        assert (await load_sample(storage)).inserted == 0


async def already_there(storage: Storage) -> None:
    await storage.chains.add(CHAINS[0])
    await storage.coins.add(evolve(COINS["USDC"], id=numbered_uuid(1), name="USDC as another names it"))
    await storage.protocols.add(evolve(PROTOCOLS["morpho"], id=numbered_uuid(2)))
    await storage.pools.add(evolve(POOLS["morpho-usdc"].pool, id=numbered_uuid(3), protocol_id=numbered_uuid(2)))
