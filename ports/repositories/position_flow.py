"""The repository of positions' flows."""

from datetime import datetime
from decimal import Decimal
from typing import Protocol
from uuid import UUID

from attrs import frozen

from strongroom.domain.positions.position_flow import FlowKind, PositionFlow

from ..creation import new_entity
from ..criteria import Criteria, asc, eq, ge, in_, lt
from ..repository import Creating, Repository

BY_POSITION = Criteria(where=(eq("position_id"),), order=(asc("at"),))
BY_POSITIONS = Criteria(where=(in_("position_id"),), order=(asc("at"),))
IN_RANGE = Criteria(where=(eq("position_id"), ge("at"), lt("at")), order=(asc("at"),))


@frozen(kw_only=True)
class CreatePositionFlow:
    """The fields of a new flow: ``amount`` in raw units of the coin, ``shares_delta`` in raw shares, signed."""

    position_id: UUID
    kind: FlowKind
    coin_id: UUID
    amount: int
    amount_usd: Decimal
    shares_delta: int
    chain_id: int | None = None
    transaction_hash: str | None = None
    log_index: int | None = None
    at: datetime


class PositionFlowRepository(Repository[PositionFlow, UUID], Creating, Protocol):
    """Flows of positions, by id; a flow that is written never changes: ``update`` raises InvalidValue."""

    async def create(self, command: CreatePositionFlow) -> PositionFlow:
        """Add a flow. Raises AlreadyExists when the same log was recorded as the same kind for the same coin."""
        return await self.add(new_entity(PositionFlow, command, id=self.next_id(), now=self.now()))

    async def find_by_position(
        self, position_id: UUID, start: datetime | None = None, end: datetime | None = None, *, limit: int | None = None
    ) -> list[PositionFlow]:
        """Return a position's flows, the oldest first; with both bounds, from ``start`` up to but not at ``end``.

        Raises ValueError when one bound is given without the other.
        """
        if start is None and end is None:
            return await self.find(BY_POSITION, position_id, limit=limit)
        if start is None or end is None:
            message = "give both start and end, or neither"
            raise ValueError(message)
        return await self.find(IN_RANGE, position_id, start, end, limit=limit)

    async def find_by_positions(self, position_ids: list[UUID], *, limit: int | None = None) -> list[PositionFlow]:
        """Return the flows of many positions in one statement, the oldest first."""
        return await self.find(BY_POSITIONS, position_ids, limit=limit)
