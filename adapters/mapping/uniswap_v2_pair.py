"""The table of Uniswap v2 pairs."""

from strongroom.domain.protocols.uniswap_v2_pair import UniswapV2Pair
from strongroom.ports.repositories.uniswap_v2_pair import UniswapV2PairRepository

from .coin import COIN
from .declaration import declare
from .pool import POOL
from .table import Check, OnDelete

UNISWAP_V2_PAIR = declare(
    UniswapV2Pair,
    "uniswap_v2_pair",
    repository=UniswapV2PairRepository,
    key=("pool_id",),
    references={
        "pool_id": (POOL, OnDelete.CASCADE),
        "token0_id": (COIN, OnDelete.RESTRICT),
        "token1_id": (COIN, OnDelete.RESTRICT),
    },
    checks=(
        Check("uniswap_v2_pair_tokens_check", "token0_id <> token1_id", lambda pair: pair.token0_id != pair.token1_id),
    ),
    indexes=(
        ("token0_id", "token1_id"),
        ("token1_id",),
    ),
)
