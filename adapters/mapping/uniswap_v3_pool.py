"""The table of Uniswap v3 pools."""

from strongroom.domain.protocols.uniswap_v3_pool import UniswapV3Pool
from strongroom.ports.repositories.uniswap_v3_pool import UniswapV3PoolRepository

from .coin import COIN
from .declaration import declare
from .pool import POOL
from .table import Check, OnDelete

UNISWAP_V3_POOL = declare(
    UniswapV3Pool,
    "uniswap_v3_pool",
    repository=UniswapV3PoolRepository,
    key=("pool_id",),
    references={
        "pool_id": (POOL, OnDelete.CASCADE),
        "token0_id": (COIN, OnDelete.RESTRICT),
        "token1_id": (COIN, OnDelete.RESTRICT),
    },
    checks=(
        Check("uniswap_v3_pool_tokens_check", "token0_id <> token1_id", lambda pool: pool.token0_id != pool.token1_id),
    ),
    indexes=(
        ("token0_id", "token1_id"),
        ("token1_id",),
    ),
)
