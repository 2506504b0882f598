"""The repository of states of Uniswap v3 positions."""

from typing import Protocol
from uuid import UUID

from strongroom.domain.protocols.uniswap_v3_position import UniswapV3Position

from ..repository import Repository


class UniswapV3PositionRepository(Repository[UniswapV3Position, UUID], Protocol):
    """States of Uniswap v3 positions, by position."""
