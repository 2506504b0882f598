"""Chains, protocols, coins, pools and their tokens: creation and finders."""

from decimal import Decimal

import attrs
import pytest

from strongroom.domain.positions.pool import Pool, PoolKind
from strongroom.domain.positions.pool_token import PoolToken
from strongroom.domain.pricing.coin import Coin, CoinStandard
from strongroom.domain.pricing.coin_data import CoinData
from strongroom.domain.protocols.chain import Chain
from strongroom.domain.protocols.protocol import Protocol
from strongroom.domain.values.address import ZERO_ADDRESS
from strongroom.ports.errors import AlreadyExists, InvalidValue
from strongroom.ports.repositories.coin import CreateCoin
from strongroom.ports.repositories.pool import CreatePool
from strongroom.ports.repositories.protocol import CreateProtocol
from strongroom.ports.storage import Storage
from strongroom.testing.factory import World
from strongroom.testing.values import USDC, USDC_WRONG


async def test_a_chain_is_found_by_its_name(storage: Storage, world: World) -> None:
    """``find_by_name`` takes the name to the letter."""
    chain = await world.added(Chain, name="Ethereum")
    assert await storage.chains.find_by_name("Ethereum") == chain
    assert await storage.chains.find_by_name("ethereum") is None


async def test_a_protocol_is_found_by_its_slug(storage: Storage, world: World) -> None:
    """``find_by_slug`` finds a protocol; a slug is taken once."""
    protocol = await storage.protocols.create(CreateProtocol(slug="uniswap", name="Uniswap", category="dex"))
    await world.added(Protocol)
    assert await storage.protocols.find_by_slug("uniswap") == protocol
    assert await storage.protocols.find_by_slug("") is None
    with pytest.raises(AlreadyExists) as caught:
        await storage.protocols.create(CreateProtocol(slug="uniswap", name="Other", category="dex"))
    assert caught.value.constraint == "protocol_slug_key"


async def test_a_coin_is_found_by_its_address(storage: Storage, world: World) -> None:
    """A coin is found by chain and address in any writing, the native one by the zero address."""
    chain = await world.added(Chain)
    command = CreateCoin(
        chain_id=chain.id, address=USDC, standard=CoinStandard.ERC20, symbol="USDC", name="USD Coin", decimals=6
    )
    usdc = await storage.coins.create(command)
    native = await storage.coins.create(
        attrs.evolve(command, address=ZERO_ADDRESS, standard=CoinStandard.NATIVE, symbol="ETH", decimals=18)
    )
    other = await world.added(Coin, address=USDC, symbol="USDC")
    assert await storage.coins.find_by_address(chain.id, USDC) == usdc
    assert await storage.coins.find_by_address(chain.id, USDC.lower()) == usdc
    assert await storage.coins.find_by_address(chain.id, ZERO_ADDRESS) == native
    assert await storage.coins.find_by_address(other.chain_id, ZERO_ADDRESS) is None
    assert await storage.coins.find_by_addresses(chain.id, [USDC, ZERO_ADDRESS, "0x" + "1" * 40]) == [usdc, native]
    assert await storage.coins.find_by_addresses(chain.id, []) == []
    assert {coin.id for coin in await storage.coins.find_by_symbol("USDC")} == {usdc.id, other.id}
    with pytest.raises(InvalidValue):
        await storage.coins.find_by_address(chain.id, USDC_WRONG)
    with pytest.raises(AlreadyExists):
        await storage.coins.create(command)


async def test_the_newest_market_data_replaces_the_older(storage: Storage, world: World) -> None:
    """``upsert`` of a coin's data replaces what was known."""
    data = await world.added(CoinData, market_cap_usd=Decimal(1), links={"homepage": ["a"]})
    newer = await storage.coin_data.upsert(attrs.evolve(data, market_cap_usd=Decimal(2), links={}))
    assert (newer.market_cap_usd, newer.links) == (Decimal(2), {})
    assert await storage.coin_data.find() == [newer]


async def test_pools_are_found_by_size(storage: Storage, world: World) -> None:
    """A protocol's and a chain's pools come the largest TVL first, those of one TVL by id."""
    chain, protocol = await world.added(Chain), await world.added(Protocol)
    command = CreatePool(
        chain_id=chain.id, protocol_id=protocol.id, address=USDC, name="pool", kind=PoolKind.UNISWAP_V3
    )
    pools = [
        await storage.pools.create(attrs.evolve(command, address=f"0x{number:040x}", tvl_usd=Decimal(tvl)))
        for number, tvl in enumerate(("5", "0.000000000000000001", "100", "5"))
    ]
    await world.added(Pool)
    wanted = [pools[2], pools[0], pools[3], pools[1]]
    assert await storage.pools.find_by_protocol(protocol.id) == wanted
    assert await storage.pools.find_by_chain(chain.id) == wanted
    kinds = [await storage.pools.create(attrs.evolve(command, kind=kind)) for kind in (PoolKind.YEARN, PoolKind.MORPHO)]
    assert await storage.pools.find_by_address(chain.id, USDC, PoolKind.MORPHO) == kinds[1]
    assert await storage.pools.find_by_address(chain.id, USDC, PoolKind.STAKING) is None


async def test_real_yields_are_stored(storage: Storage, world: World) -> None:
    """APYs that pools really report are kept: absurd, negative, and none."""
    for apy in (Decimal("6418.0987"), Decimal("-0.99"), None):
        pool = await world.added(Pool, apy=apy)
        assert (await storage.pools.get(pool.id)).apy == apy


async def test_a_pools_tokens_come_in_its_order(storage: Storage, world: World) -> None:
    """``find_by_pool`` returns the tokens of a pool by position; a coin stands in a pool once."""
    pool = await world.added(Pool)
    tokens = [await world.added(PoolToken, pool_id=pool.id, position=position) for position in (2, 0, 10)]
    await world.added(PoolToken)
    assert await storage.pool_tokens.find_by_pool(pool.id) == [tokens[1], tokens[0], tokens[2]]
    with pytest.raises(AlreadyExists) as caught:
        await world.added(PoolToken, pool_id=pool.id, position=3, coin_id=tokens[0].coin_id)
    assert caught.value.constraint == "pool_token_pool_id_coin_id_key"
