"""The table of Uniswap v3 positions."""

from strongroom.domain.protocols.uniswap_v3_position import UniswapV3Position
from strongroom.ports.repositories.uniswap_v3_position import UniswapV3PositionRepository

from .declaration import declare
from .position import POSITION
from .table import Check, OnDelete

UNISWAP_V3_POSITION = declare(
    UniswapV3Position,
    "uniswap_v3_position",
    repository=UniswapV3PositionRepository,
    key=("position_id",),
    references={"position_id": (POSITION, OnDelete.CASCADE)},
    checks=(
        Check(
            "uniswap_v3_position_ticks_check",
            "tick_lower < tick_upper",
            lambda position: position.tick_lower < position.tick_upper,
        ),
    ),
    indexes=(("nft_token_id",),),
)
