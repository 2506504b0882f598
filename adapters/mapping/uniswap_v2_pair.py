"""The table of Uniswap v2 pairs."""

from strongroom.domain.protocols.uniswap_v2_pair import UniswapV2Pair

from .enums import ENUMS
from .table import Check, OnDelete, Owner, declare, foreign_key

UNISWAP_V2_PAIR = declare(
    UniswapV2Pair,
    "uniswap_v2_pair",
    repository="uniswap_v2_pairs",
    owner=Owner.BACKEND,
    enums=ENUMS,
    key=("pool_id",),
    foreign_keys=(
        foreign_key("uniswap_v2_pair", "pool_id", "nmt_pool", OnDelete.CASCADE),
        foreign_key("uniswap_v2_pair", "token0_id", "coin", OnDelete.RESTRICT),
        foreign_key("uniswap_v2_pair", "token1_id", "coin", OnDelete.RESTRICT),
    ),
    checks=(
        Check("uniswap_v2_pair_tokens_check", "token0_id <> token1_id", lambda pair: pair.token0_id != pair.token1_id),
    ),
    indexes=(
        ("token0_id", "token1_id"),
        ("token1_id",),
    ),
)
