"""The repository of states of Uniswap v2 pairs."""

from typing import Protocol
from uuid import UUID

from strongroom.domain.protocols.uniswap_v2_pair import UniswapV2Pair

from ..repository import Repository


class UniswapV2PairRepository(Repository[UniswapV2Pair, UUID], Protocol):
    """States of Uniswap v2 pairs, by pool."""
