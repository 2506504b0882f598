"""The repository of states of Uniswap v2 pairs."""

from typing import Protocol
from uuid import UUID

from strongroom.domain.protocols.uniswap_v2_pair import UniswapV2Pair

from ..criteria import Criteria, eq
from ..repository import Repository

BY_COINS = Criteria(where=(eq("token0_id"), eq("token1_id")))


class UniswapV2PairRepository(Repository[UniswapV2Pair, UUID], Protocol):
    """States of Uniswap v2 pairs, by pool."""

    async def find_by_coins(self, token0_id: UUID, token1_id: UUID, *, limit: int | None = None) -> list[UniswapV2Pair]:
        """Return the states of the pairs of two coins, in the order of the contract's tokens, by pool."""
        return await self.find(BY_COINS, token0_id, token1_id, limit=limit)
