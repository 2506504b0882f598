"""Pools' yields in PostgreSQL."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final
from uuid import UUID

from strongroom.adapters.mapping.apy_history import APY_HISTORY
from strongroom.domain.pricing.apy_history import ApyHistory
from strongroom.ports.repositories.apy_history import ApyHistoryRepository

from .latest import latest_by_parent, latest_of_many_sql
from .repository import PostgresRepository

AS_OF_MANY: Final = latest_of_many_sql(APY_HISTORY)


class PostgresApyHistoryRepository(PostgresRepository[ApyHistory, tuple[UUID, datetime]], ApyHistoryRepository):
    """Pools' yields, by pool and time."""

    table = APY_HISTORY

    async def as_of_many(self, pool_ids: Sequence[UUID], at: datetime) -> dict[UUID, ApyHistory]:
        """Return each pool's newest yields at or before a time, in one statement."""
        return await latest_by_parent(self._executor, APY_HISTORY, AS_OF_MANY, pool_ids, at)
