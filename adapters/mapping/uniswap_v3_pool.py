"""The table of Uniswap v3 pools."""

from strongroom.domain.protocols.uniswap_v3_pool import UniswapV3Pool

from .enums import ENUMS
from .table import Check, OnDelete, Owner, declare, foreign_key

UNISWAP_V3_POOL = declare(
    UniswapV3Pool,
    "uniswap_v3_pool",
    repository="uniswap_v3_pools",
    owner=Owner.BACKEND,
    enums=ENUMS,
    key=("pool_id",),
    foreign_keys=(
        foreign_key("uniswap_v3_pool", "pool_id", "nmt_pool", OnDelete.CASCADE),
        foreign_key("uniswap_v3_pool", "token0_id", "coin", OnDelete.RESTRICT),
        foreign_key("uniswap_v3_pool", "token1_id", "coin", OnDelete.RESTRICT),
    ),
    checks=(
        Check("uniswap_v3_pool_tokens_check", "token0_id <> token1_id", lambda pool: pool.token0_id != pool.token1_id),
    ),
    indexes=(
        ("token0_id", "token1_id"),
        ("token1_id",),
    ),
)
