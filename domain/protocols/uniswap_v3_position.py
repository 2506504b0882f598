"""The positions in pools of Uniswap v3."""

from uuid import UUID

from attrs import frozen

from ..values.fields import Tick, Uint128, Uint256, checked


@frozen(kw_only=True, field_transformer=checked)
class UniswapV3Position:
    """A position of a Uniswap v3 pool between two ticks, as NonfungiblePositionManager holds it.

    The fee growths (Q128.128) are those at the last change of the position, when ``tokens_owed`` were credited.
    """

    position_id: UUID
    nft_token_id: Uint256
    tick_lower: Tick
    tick_upper: Tick
    liquidity: Uint128
    fee_growth_inside0_last_x128: Uint256
    fee_growth_inside1_last_x128: Uint256
    tokens_owed0: Uint128
    tokens_owed1: Uint128
