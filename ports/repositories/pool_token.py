"""The repository of pools' tokens."""

from typing import Protocol
from uuid import UUID

from strongroom.domain.positions.pool_token import PoolToken

from ..criteria import Criteria, asc, eq
from ..repository import Repository

BY_POOL = Criteria(where=(eq("pool_id"),), order=(asc("position"),))


class PoolTokenRepository(Repository[PoolToken, tuple[UUID, int]], Protocol):
    """Tokens of pools, by (pool id, position)."""

    async def find_by_pool(self, pool_id: UUID, *, limit: int | None = None) -> list[PoolToken]:
        """Return a pool's tokens in the pool's order."""
        return await self.find(BY_POOL, pool_id, limit=limit)
