"""The pools of Uniswap v3."""

from uuid import UUID

from attrs import frozen

from ..values.fields import Count64, FeePips, PositiveCount32, Tick, Uint128, Uint160, Uint256, checked


@frozen(kw_only=True, field_transformer=checked)
class UniswapV3Pool:
    """The state of a Uniswap v3 pool after a block, in the contract's own units (Q64.96, Q128.128).

    ``fee_pips`` is in hundredths of a basis point: 3000 is 0.3 %.
    """

    pool_id: UUID
    token0_id: UUID
    token1_id: UUID
    fee_pips: FeePips
    tick_spacing: PositiveCount32
    sqrt_price_x96: Uint160
    tick: Tick
    liquidity: Uint128
    fee_growth_global0_x128: Uint256
    fee_growth_global1_x128: Uint256
    block_number: Count64
