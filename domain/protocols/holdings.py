"""What a position's shares stand for in coins, by the arithmetic of the protocol that it is in."""

from collections.abc import Mapping
from uuid import UUID

from attrs import frozen

from . import morpho_shares, uniswap_v2_math, yearn_shares
from .errors import WouldRevert
from .fee_growth import FeeGrowth
from .liquidity_amounts import amounts_for_liquidity
from .morpho_vault import MorphoVault
from .tick_math import sqrt_ratio_at_tick
from .uniswap_v2_pair import UniswapV2Pair
from .uniswap_v3_pool import UniswapV3Pool
from .uniswap_v3_position import UniswapV3Position
from .uniswap_v3_value import position_holding
from .yearn_vault import YearnVault

PoolState = UniswapV3Pool | UniswapV2Pair | YearnVault | MorphoVault


@frozen
class TickGrowths:
    """The fee growths outside a Uniswap v3 position's two ticks, as the pool's ``ticks`` hold them."""

    outside_lower: FeeGrowth
    outside_upper: FeeGrowth


@frozen(kw_only=True)
class CoinsHeld:
    """The raw units of each coin that a position would pay; ``has_all_fees`` is False where fees could not be told."""

    amounts: Mapping[UUID, int]
    has_all_fees: bool = True


def coins_of_shares(
    state: UniswapV2Pair | YearnVault | MorphoVault, shares: int, decimals: Mapping[UUID, int]
) -> CoinsHeld:
    """Return what raw shares of a pair or a vault stand for, rounded down as the contract pays.

    - Uniswap v2: what burning the liquidity pays, after the protocol's fee; nothing where the pair would revert.
    - Yearn: the shares at the vault's stored price per share, which knows what profits are unlocked.
    - Morpho: the assets after the vault's totals, which have to be up to date.

    ``decimals`` are those of the coins, by id. Raises WouldRevert beyond uint256, and KeyError for an unknown coin.
    """
    if isinstance(state, UniswapV2Pair):
        try:
            amount0, amount1 = uniswap_v2_math.share_of_reserves(state, shares)
        except WouldRevert:
            if shares > state.total_supply:
                raise
            amount0 = amount1 = 0
        return CoinsHeld(amounts={state.token0_id: amount0, state.token1_id: amount1})
    places = decimals[state.asset_id]
    if isinstance(state, YearnVault):
        return CoinsHeld(amounts={state.asset_id: yearn_shares.assets_at_price(shares, state.price_per_share, places)})
    return CoinsHeld(amounts={state.asset_id: morpho_shares.assets_for_shares(state, shares, places)})


def coins_of_range(pool: UniswapV3Pool, position: UniswapV3Position, ticks: TickGrowths | None = None) -> CoinsHeld:
    """Return what a Uniswap v3 position would pay at the pool's price: its liquidity burnt, and its fees.

    Without the growths of its ticks only the fees that were credited count, and ``has_all_fees`` says so. Raises
    WouldRevert where the contracts revert.
    """
    if ticks is not None:
        held = position_holding(pool, position, outside_lower=ticks.outside_lower, outside_upper=ticks.outside_upper)
        return CoinsHeld(amounts={pool.token0_id: held.amount0 + held.fees0, pool.token1_id: held.amount1 + held.fees1})
    lower, upper = sqrt_ratio_at_tick(position.tick_lower), sqrt_ratio_at_tick(position.tick_upper)
    amount0, amount1 = amounts_for_liquidity(pool.sqrt_price_x96, lower, upper, position.liquidity)
    return CoinsHeld(
        amounts={pool.token0_id: amount0 + position.tokens_owed0, pool.token1_id: amount1 + position.tokens_owed1},
        has_all_fees=False,
    )
