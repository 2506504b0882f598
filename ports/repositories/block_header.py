"""The repository of block headers."""

from typing import Protocol

from strongroom.domain.transactions.block_header import BlockHeader

from ..criteria import Criteria, desc, eq
from ..repository import Repository

OF_CHAIN_NEWEST_FIRST = Criteria(where=(eq("chain_id"),), order=(desc("number"),))
BY_HASH = Criteria(where=(eq("chain_id"), eq("hash")))


class BlockHeaderRepository(Repository[BlockHeader, tuple[int, int]], Protocol):
    """Block headers, by (chain id, number)."""

    async def head(self, chain_id: int) -> BlockHeader | None:
        """Return a chain's highest block, or None."""
        return await self.find_one(OF_CHAIN_NEWEST_FIRST, chain_id)

    async def find_by_hash(self, chain_id: int, block_hash: str) -> BlockHeader | None:
        """Return a chain's block with a hash, or None."""
        return await self.find_one(BY_HASH, chain_id, block_hash)
