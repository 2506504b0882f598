"""The repository of chains."""

from typing import Protocol

from strongroom.domain.protocols.chain import Chain

from ..criteria import Criteria, eq
from ..repository import Repository

BY_NAME = Criteria(where=(eq("name"),))


class ChainRepository(Repository[Chain, int], Protocol):
    """Chains, by EVM chain id (or the platform's own number for Solana)."""

    async def find_by_name(self, name: str) -> Chain | None:
        """Return the chain with the name, or None."""
        return await self.find_one(BY_NAME, name)
