"""The repository of states of Uniswap v3 pools."""

from typing import Protocol
from uuid import UUID

from strongroom.domain.protocols.uniswap_v3_pool import UniswapV3Pool

from ..repository import Repository


class UniswapV3PoolRepository(Repository[UniswapV3Pool, UUID], Protocol):
    """States of Uniswap v3 pools, by pool."""
