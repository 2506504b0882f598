"""The repository of states of Uniswap v3 pools."""

from typing import Protocol
from uuid import UUID

from strongroom.domain.protocols.uniswap_v3_pool import UniswapV3Pool

from ..criteria import Criteria, eq
from ..repository import Repository

BY_COINS = Criteria(where=(eq("token0_id"), eq("token1_id")))


class UniswapV3PoolRepository(Repository[UniswapV3Pool, UUID], Protocol):
    """States of Uniswap v3 pools, by pool."""

    async def find_by_coins(self, token0_id: UUID, token1_id: UUID, *, limit: int | None = None) -> list[UniswapV3Pool]:
        """Return the states of the pools of two coins, in the order of the contract's tokens, by pool."""
        return await self.find(BY_COINS, token0_id, token1_id, limit=limit)
