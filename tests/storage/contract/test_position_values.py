"""Positions are valued by their protocol's own arithmetic, at the block of their pool's state."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from strongroom.domain.positions.pool import Pool, PoolKind
from strongroom.domain.positions.position import Position
from strongroom.domain.pricing.coin import Coin
from strongroom.domain.pricing.price import Price
from strongroom.domain.protocols.errors import WouldRevert
from strongroom.domain.protocols.fee_growth import ZERO_GROWTH, FeeGrowth
from strongroom.domain.protocols.holdings import TickGrowths
from strongroom.domain.protocols.morpho_vault import MorphoVault
from strongroom.domain.protocols.uniswap_v2_pair import UniswapV2Pair
from strongroom.domain.protocols.uniswap_v3_pool import UniswapV3Pool
from strongroom.domain.protocols.uniswap_v3_position import UniswapV3Position
from strongroom.domain.protocols.yearn_vault import YearnVault
from strongroom.domain.transactions.block_header import BlockHeader
from strongroom.ports.errors import InvalidValue, NotFound
from strongroom.ports.storage import Storage
from strongroom.ports.use_cases.value_position import record_position_value, value_position
from strongroom.testing.factory import START_TIME, World

BLOCK = 77


class Held:
    """A position in a pool of two coins of 6 and 18 decimals, worth 1 and 2,000 USD, at a block that is stored."""

    def __init__(self, world: World) -> None:
        self.world = world

    async def prepared(self, kind: PoolKind, shares: int) -> "Held":
        """Store the pool, its coins with their prices, the block and the position."""
        self.usdc = await self.world.added(Coin, decimals=6)
        chain = self.usdc.chain_id
        self.weth = await self.world.added(Coin, decimals=18, chain_id=chain)
        self.pool = await self.world.added(Pool, chain_id=chain, kind=kind)
        self.position = await self.world.added(Position, pool_id=self.pool.id, shares=shares, valued_at=None)
        await self.world.added(BlockHeader, chain_id=chain, number=BLOCK, at=START_TIME)
        for coin, price in ((self.usdc, 1), (self.weth, 2000)):
            earlier = START_TIME - timedelta(hours=1)
            await self.world.added(Price, coin_id=coin.id, at=earlier, price_usd=Decimal(price))
        return self

    async def state(self, entity: type, **fields: Any) -> Any:
        """Store the pool's state after the block."""
        return await self.world.added(entity, pool_id=self.pool.id, block_number=BLOCK, **fields)

    @property
    def tokens(self) -> dict[str, Any]:
        """The two coins in the pool's order."""
        return {"token0_id": self.usdc.id, "token1_id": self.weth.id}


async def test_shares_of_a_pair_are_worth_what_burning_them_pays(storage: Storage, world: World) -> None:
    """A tenth of the liquidity is a tenth of both reserves; dust is worth nothing, and more than all reverts."""
    held = await Held(world).prepared(PoolKind.UNISWAP_V2, 10**17)
    await held.state(UniswapV2Pair, **held.tokens, reserve0=10**10, reserve1=5 * 10**18, total_supply=10**18, k_last=0)
    valued = await value_position(storage, held.position.id)
    assert valued.amounts == {held.usdc.id: 10**9, held.weth.id: 5 * 10**17}
    assert (valued.value_usd, valued.block_number, valued.at) == (Decimal(2000), BLOCK, START_TIME)
    dust = await world.added(Position, pool_id=held.pool.id, shares=1, valued_at=None)
    assert (await value_position(storage, dust.id)).value_usd == 0
    much = await world.added(Position, pool_id=held.pool.id, shares=10**19, valued_at=None)
    with pytest.raises(WouldRevert):
        await value_position(storage, much.id)


@pytest.mark.parametrize(("fees", "amount"), [(False, 0), (True, 6)])
async def test_a_range_is_worth_its_liquidity_and_its_fees(
    storage: Storage, world: World, *, fees: bool, amount: int
) -> None:
    """Below the range all is token0; fees that are not credited yet count where the ticks' growths are given."""
    held = await Held(world).prepared(PoolKind.UNISWAP_V3, 1)
    await held.state(
        UniswapV3Pool,
        **held.tokens,
        sqrt_price_x96=2**96,
        tick=0,
        liquidity=1,
        fee_growth_global0_x128=7 * 2**128 // 10**6,
        fee_growth_global1_x128=0,
    )
    await world.added(
        UniswapV3Position,
        position_id=held.position.id,
        tick_lower=-10,
        tick_upper=10,
        liquidity=10**6,
        fee_growth_inside0_last_x128=0,
        fee_growth_inside1_last_x128=0,
        tokens_owed0=3,
        tokens_owed1=0,
    )
    ticks = TickGrowths(ZERO_GROWTH, FeeGrowth(0, 0)) if fees else None
    valued = await value_position(storage, held.position.id, ticks=ticks)
    burnt, credited = 499, 3
    assert valued.amounts[held.usdc.id] == burnt + credited + amount
    assert valued.has_all_fees is fees


async def test_shares_of_a_yearn_vault_are_worth_their_price(storage: Storage, world: World) -> None:
    """So many whole shares at the vault's price per share, which knows what profits are unlocked."""
    held = await Held(world).prepared(PoolKind.YEARN, 3 * 10**6)
    await held.state(YearnVault, asset_id=held.usdc.id, price_per_share=1_500_000, total_assets=9, total_supply=6)
    valued = await value_position(storage, held.position.id)
    assert (valued.amounts, valued.value_usd) == ({held.usdc.id: 4_500_000}, Decimal("4.5"))


async def test_shares_of_a_morpho_vault_are_worth_their_assets_and_the_value_is_stored_once(
    storage: Storage, world: World
) -> None:
    """Shares stand for assets with the virtual ones; the value is the position's valuation at the block's time."""
    held = await Held(world).prepared(PoolKind.MORPHO, 10**18)
    await held.state(MorphoVault, asset_id=held.usdc.id, total_assets=4 * 10**6, total_supply=2 * 10**18)
    for _ in range(2):
        valued = await record_position_value(storage, held.position.id)
        assert valued.amounts == {held.usdc.id: 1_999_999}
    stored = await storage.position_valuations.as_of(held.position.id, START_TIME)
    assert stored is not None
    assert (stored.value_usd, stored.at, stored.shares) == (valued.value_usd, START_TIME, 10**18)
    assert (await storage.positions.get(held.position.id)).value_usd == valued.value_usd


async def test_what_is_missing_is_named(storage: Storage, world: World) -> None:
    """A pool without a state, a block without a time and a coin without a fresh price are told as such."""
    held = await Held(world).prepared(PoolKind.YEARN, 1)
    with pytest.raises(InvalidValue, match="no state of pool"):
        await value_position(storage, held.position.id)
    await held.state(YearnVault, asset_id=held.usdc.id, price_per_share=10**6)
    with pytest.raises(NotFound, match="Price"):
        await value_position(storage, held.position.id, max_age=timedelta(minutes=1))
    await storage.block_headers.remove((held.pool.chain_id, BLOCK))
    with pytest.raises(NotFound, match="BlockHeader"):
        await value_position(storage, held.position.id)
