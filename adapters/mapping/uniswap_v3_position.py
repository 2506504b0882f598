"""The table of Uniswap v3 positions."""

from strongroom.domain.protocols.uniswap_v3_position import UniswapV3Position

from .enums import ENUMS
from .table import Check, OnDelete, Owner, declare, foreign_key

UNISWAP_V3_POSITION = declare(
    UniswapV3Position,
    "uniswap_v3_position",
    repository="uniswap_v3_positions",
    owner=Owner.BACKEND,
    enums=ENUMS,
    key=("position_id",),
    foreign_keys=(foreign_key("uniswap_v3_position", "position_id", "nmt_position", OnDelete.CASCADE),),
    checks=(
        Check(
            "uniswap_v3_position_ticks_check",
            "tick_lower < tick_upper",
            lambda position: position.tick_lower < position.tick_upper,
        ),
    ),
    indexes=(("nft_token_id",),),
)
