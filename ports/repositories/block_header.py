"""The repository of block headers."""

from typing import Protocol

from strongroom.domain.transactions.block_header import BlockHeader

from ..criteria import Criteria, asc, desc, eq, ge, gt, le
from ..repository import Repository

BY_CHAIN_NEWEST_FIRST = Criteria(where=(eq("chain_id"),), order=(desc("number"),))
BY_CHAIN_FROM = Criteria(where=(eq("chain_id"), ge("number")), order=(asc("number"),))
BY_CHAIN_BETWEEN = Criteria(where=(eq("chain_id"), ge("number"), le("number")), order=(asc("number"),))
BY_CHAIN_ABOVE = Criteria(where=(eq("chain_id"), gt("number")), order=(asc("number"),))
BY_HASH = Criteria(where=(eq("chain_id"), eq("hash")))


class BlockHeaderRepository(Repository[BlockHeader, tuple[int, int]], Protocol):
    """Block headers, by (chain id, number)."""

    async def head(self, chain_id: int) -> BlockHeader | None:
        """Return a chain's highest block, or None."""
        return await self.find_one(BY_CHAIN_NEWEST_FIRST, chain_id)

    async def find_from(self, chain_id: int, number: int, *, limit: int | None = None) -> list[BlockHeader]:
        """Return a chain's blocks from a number on, the lowest first."""
        return await self.find(BY_CHAIN_FROM, chain_id, number, limit=limit)

    async def find_between(
        self, chain_id: int, first: int, last: int, *, limit: int | None = None
    ) -> list[BlockHeader]:
        """Return a chain's blocks from a number up to and with another, the lowest first."""
        return await self.find(BY_CHAIN_BETWEEN, chain_id, first, last, limit=limit)

    async def remove_above(self, chain_id: int, number: int) -> int:
        """Delete a chain's blocks above a number, and return how many there were."""
        return await self.remove_where(BY_CHAIN_ABOVE, chain_id, number)

    async def find_by_hash(self, chain_id: int, block_hash: str) -> BlockHeader | None:
        """Return a chain's block with a hash, or None."""
        return await self.find_one(BY_HASH, chain_id, block_hash)
