"""The repository of states of Uniswap v3 positions."""

from typing import Protocol
from uuid import UUID

from strongroom.domain.protocols.uniswap_v3_position import UniswapV3Position

from ..criteria import Criteria, eq
from ..repository import Repository

BY_TOKEN = Criteria(where=(eq("nft_token_id"),))


class UniswapV3PositionRepository(Repository[UniswapV3Position, UUID], Protocol):
    """States of Uniswap v3 positions, by position."""

    async def find_by_token(self, nft_token_id: int, *, limit: int | None = None) -> list[UniswapV3Position]:
        """Return the states of the positions with an id of NonfungiblePositionManager, one a chain, by position."""
        return await self.find(BY_TOKEN, nft_token_id, limit=limit)
