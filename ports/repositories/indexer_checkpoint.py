"""The repository of indexers' checkpoints."""

from typing import Protocol

from strongroom.domain.transactions.indexer_checkpoint import IndexerCheckpoint

from ..criteria import Criteria, asc, eq
from ..repository import Repository

BY_CHAIN = Criteria(where=(eq("chain_id"),), order=(asc("stream"),))


class IndexerCheckpointRepository(Repository[IndexerCheckpoint, tuple[int, str]], Protocol):
    """Checkpoints, by (chain id, stream)."""

    async def find_by_chain(self, chain_id: int, *, limit: int | None = None) -> list[IndexerCheckpoint]:
        """Return a chain's checkpoints, by stream."""
        return await self.find(BY_CHAIN, chain_id, limit=limit)
