"""The pairs of Uniswap v2."""

from uuid import UUID

from attrs import frozen

from ..values.fields import Count64, Uint112, Uint256, checked


@frozen(kw_only=True, field_transformer=checked)
class UniswapV2Pair:
    """The state of a Uniswap v2 pair after a block, in raw units.

    ``k_last`` is the product of the reserves after the last change of liquidity; 0 where no protocol fee is taken. A
    factory that switches the fee off leaves ``k_last`` until the next mint or burn: ``is_fee_on`` says whether its
    feeTo is set.
    """

    pool_id: UUID
    token0_id: UUID
    token1_id: UUID
    reserve0: Uint112
    reserve1: Uint112
    total_supply: Uint256
    k_last: Uint256
    block_number: Count64
    is_fee_on: bool = True
