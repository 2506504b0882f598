"""Pools by their yield, and what the contracts hold of pools and positions."""

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from strongroom.domain.positions.pool import Pool, PoolKind
from strongroom.domain.pricing.coin import Coin
from strongroom.domain.protocols.chain import Chain
from strongroom.domain.protocols.morpho_vault import MorphoVault
from strongroom.domain.protocols.protocol import Protocol
from strongroom.domain.protocols.uniswap_v2_pair import UniswapV2Pair
from strongroom.domain.protocols.uniswap_v3_pool import UniswapV3Pool
from strongroom.domain.protocols.uniswap_v3_position import UniswapV3Position
from strongroom.domain.protocols.yearn_vault import YearnVault
from strongroom.ports.errors import InvalidValue
from strongroom.ports.repositories.pool import PoolFilter
from strongroom.ports.storage import Storage
from strongroom.ports.use_cases.pool_states import find_pool_states
from strongroom.testing.factory import World

from .property_settings import RELAXED

APYS = st.sampled_from([None, None, Decimal("0.05"), Decimal(-1), Decimal("6418.098712345678"), Decimal(0)])
POOLS = st.lists(
    st.tuples(APYS, st.integers(0, 2), st.integers(0, 1), st.integers(0, 1), st.sampled_from(PoolKind), st.booleans()),
    max_size=12,
)
FILTERS = st.fixed_dictionaries(
    {},
    optional={
        "chain_id": st.integers(0, 1),
        "protocol_id": st.integers(0, 1),
        "kind": st.sampled_from(PoolKind),
        "is_active": st.none() | st.booleans(),
        "min_tvl_usd": st.integers(0, 3).map(Decimal),
    },
)


def naive(pools: list[Pool], wanted: PoolFilter) -> list[Pool]:
    """Return the pools that are wanted, by looking at every one."""
    found = [
        pool
        for pool in pools
        if wanted.chain_id in (None, pool.chain_id)
        and wanted.protocol_id in (None, pool.protocol_id)
        and wanted.kind in (None, pool.kind)
        and wanted.is_active in (None, pool.is_active)
        and (wanted.min_tvl_usd is None or pool.tvl_usd >= wanted.min_tvl_usd)
    ]
    return sorted(found, key=lambda pool: (pool.apy is None, -(pool.apy or 0), pool.id))


@RELAXED
@given(rows=POOLS, asked=FILTERS, limit=st.integers(1, 4))
async def test_pages_by_apy_equal_a_naive_model(
    world: World, rows: list[tuple[Any, ...]], asked: dict[str, Any], limit: int
) -> None:
    """All pages together are the pools of the filter, the highest APY first and the unknown last, each page full."""
    chains, protocols = await world.several(Chain, 2), await world.several(Protocol, 2)
    for apy, tvl, chain, protocol, kind, is_active in rows:
        given_values = {"apy": apy, "tvl_usd": Decimal(tvl), "kind": kind, "is_active": is_active}
        await world.added(Pool, chain_id=chains[chain].id, protocol_id=protocols[protocol].id, **given_values)
    places = {"chain_id": chains, "protocol_id": protocols}
    wanted = PoolFilter(**{name: places[name][value].id if name in places else value for name, value in asked.items()})
    expected = naive(await world.storage.pools.find(), wanted)
    found: list[Pool] = []
    after: Any = None
    while True:
        page = await world.storage.pools.page_by_apy(wanted, limit=limit, after=after)
        assert page.items == expected[len(found) : len(found) + limit]
        found += page.items
        after = page.next
        assert (after is None) == (len(found) == len(expected))
        if after is None:
            break


async def test_invalid_arguments_of_page_by_apy_are_refused(storage: Storage, world: World) -> None:
    """Active pools are listed unless it is said otherwise; a limit below 1 or what is no cursor is refused."""
    pool = await world.added(Pool, is_active=True)
    await world.added(Pool, is_active=False)
    assert (await storage.pools.page_by_apy()).items == [pool]
    assert len((await storage.pools.page_by_apy(PoolFilter(is_active=None))).items) == 2
    with pytest.raises(ValueError, match="at least 1"):
        await storage.pools.page_by_apy(limit=0)
    for cursor in ((), (None,), (Decimal(1),), ("x", pool.id), (None, None)):
        with pytest.raises(InvalidValue):
            await storage.pools.page_by_apy(after=cursor)


async def test_the_state_of_a_pool_is_found_whatever_its_kind(storage: Storage, world: World) -> None:
    """States come by pool, each from its own table; kinds without a state, and pools without one, are left out."""
    kinds = {
        PoolKind.UNISWAP_V3: UniswapV3Pool,
        PoolKind.UNISWAP_V2: UniswapV2Pair,
        PoolKind.YEARN: YearnVault,
        PoolKind.MORPHO: MorphoVault,
    }
    pools = {kind: await world.added(Pool, kind=kind) for kind in PoolKind}
    states = {pools[kind].id: await world.added(entity, pool_id=pools[kind].id) for kind, entity in kinds.items()}
    bare = await world.added(Pool, kind=PoolKind.YEARN)
    asked = [*pools.values(), bare, pools[PoolKind.MORPHO]]
    assert await find_pool_states(storage, asked) == states
    assert await find_pool_states(storage, []) == {}


async def test_states_are_found_by_their_coins(storage: Storage, world: World) -> None:
    """Uniswap's pools are found by both coins in the contract's order, vaults by their asset."""
    first, second = await world.several(Coin, 2)
    for entity, repository in ((UniswapV3Pool, storage.uniswap_v3_pools), (UniswapV2Pair, storage.uniswap_v2_pairs)):
        rows = [await world.added(entity, token0_id=first.id, token1_id=second.id) for _ in range(2)]
        await world.added(entity, token0_id=first.id)
        found = await repository.find_by_coins(first.id, second.id)
        assert found == sorted(rows, key=lambda row: row.pool_id)
        assert await repository.find_by_coins(second.id, first.id) == []
    for vault, vaults in ((YearnVault, storage.yearn_vaults), (MorphoVault, storage.morpho_vaults)):
        row = await world.added(vault, asset_id=first.id)
        await world.added(vault, asset_id=second.id)
        assert await vaults.find_by_asset(first.id) == [row]


async def test_positions_are_found_by_their_token(storage: Storage, world: World) -> None:
    """The manager of every chain counts its tokens for itself: one id may be several positions."""
    rows = [await world.added(UniswapV3Position, nft_token_id=2**256 - 1) for _ in range(2)]
    await world.added(UniswapV3Position, nft_token_id=0)
    found = await storage.uniswap_v3_positions.find_by_token(2**256 - 1)
    assert found == sorted(rows, key=lambda row: row.position_id)
    assert len(await storage.uniswap_v3_positions.find_by_token(0)) == 1
