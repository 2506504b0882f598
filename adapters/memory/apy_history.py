"""Pools' yields in memory."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from strongroom.adapters.mapping.apy_history import APY_HISTORY
from strongroom.domain.pricing.apy_history import ApyHistory
from strongroom.ports.repositories.apy_history import UNTIL, ApyHistoryRepository

from .latest import latest_by_parent
from .repository import MemoryRepository


class MemoryApyHistoryRepository(MemoryRepository[ApyHistory, tuple[UUID, datetime]], ApyHistoryRepository):
    """Pools' yields, by pool and time."""

    table = APY_HISTORY

    async def as_of_many(self, pool_ids: Sequence[UUID], at: datetime) -> dict[UUID, ApyHistory]:
        """Return each pool's newest yields at or before a time."""
        return await latest_by_parent(self._session, APY_HISTORY, UNTIL, pool_ids, at)
