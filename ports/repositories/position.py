"""The repository of positions."""

from datetime import datetime
from decimal import Decimal
from typing import Protocol
from uuid import UUID

from attrs import frozen

from strongroom.domain.positions.position import Position, PositionStatus
from strongroom.domain.positions.position_valuation import ValuationSource

from ..creation import new_entity
from ..criteria import Criteria, asc, eq
from ..repository import Creating, Repository

BY_USER = Criteria(where=(eq("user_id"),), order=(asc("opened_at"),))
BY_USER_AND_STATUS = Criteria(where=(eq("user_id"), eq("status")), order=(asc("opened_at"),))
BY_POOL = Criteria(where=(eq("pool_id"),), order=(asc("opened_at"),))
BY_WALLET = Criteria(where=(eq("wallet_id"),), order=(asc("opened_at"),))
BY_SAFE = Criteria(where=(eq("safe_id"),), order=(asc("opened_at"),))


@frozen(kw_only=True)
class CreatePosition:
    """The fields of a new position: exactly one of Safe and wallet holds it."""

    user_id: UUID
    safe_id: UUID | None = None
    wallet_id: UUID | None = None
    pool_id: UUID
    opened_at: datetime


class PositionRepository(Repository[Position, UUID], Creating, Protocol):
    """Positions, by id."""

    async def create(self, command: CreatePosition) -> Position:
        """Add an open position without shares. Raises ReferenceMissing, or InvalidValue without exactly one holder."""
        return await self.add(new_entity(Position, command, id=self.next_id(), now=self.now()))

    async def find_by_user(
        self, user_id: UUID, *, status: PositionStatus | None = None, limit: int | None = None
    ) -> list[Position]:
        """Return a user's positions, the longest open first; with ``status``, only those with that status."""
        if status is None:
            return await self.find(BY_USER, user_id, limit=limit)
        return await self.find(BY_USER_AND_STATUS, user_id, status, limit=limit)

    async def find_by_pool(self, pool_id: UUID, *, limit: int | None = None) -> list[Position]:
        """Return a pool's positions, the longest open first."""
        return await self.find(BY_POOL, pool_id, limit=limit)

    async def find_by_wallet(self, wallet_id: UUID, *, limit: int | None = None) -> list[Position]:
        """Return a wallet's positions, the longest open first."""
        return await self.find(BY_WALLET, wallet_id, limit=limit)

    async def find_by_safe(self, safe_id: UUID, *, limit: int | None = None) -> list[Position]:
        """Return a Safe's positions, the longest open first."""
        return await self.find(BY_SAFE, safe_id, limit=limit)

    async def update_valuation(
        self,
        id: UUID,  # noqa: A002
        value_usd: Decimal,
        *,
        at: datetime | None = None,
        price_per_share: Decimal | None = None,
        source: ValuationSource = ValuationSource.ONCHAIN,
    ) -> Position:
        """Value a position in USD: append the valuation and move the position to it, atomically; return the position.

        ``at`` is the clock's now unless given. The valuation holds the shares that the position has. A valuation
        older than the position's newest is appended, and leaves the position as it is but for its version and
        ``updated_at``. Raises NotFound, AlreadyExists when the position has a valuation of that very time, and
        InvalidValue.
        """
        ...
