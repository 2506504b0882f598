"""The repository of goals."""

from datetime import date
from decimal import Decimal
from typing import Protocol
from uuid import UUID

from attrs import frozen

from strongroom.domain.accounts.goal import Goal

from ..creation import new_entity
from ..criteria import Criteria, asc, eq
from ..repository import Creating, Repository

BY_USER = Criteria(where=(eq("user_id"),), order=(asc("target_date"),))


@frozen(kw_only=True)
class CreateGoal:
    """The fields of a new goal; money is in USD."""

    user_id: UUID
    name: str
    target_usd: Decimal
    start_usd: Decimal = Decimal(0)
    monthly_contribution_usd: Decimal = Decimal(0)
    start_date: date
    target_date: date


class GoalRepository(Repository[Goal, UUID], Creating, Protocol):
    """Goals, by id."""

    async def create(self, command: CreateGoal) -> Goal:
        """Add a goal. Raises InvalidValue when its target date is not after its start."""
        return await self.add(new_entity(Goal, command, id=self.next_id(), now=self.now()))

    async def find_by_user(self, user_id: UUID, *, limit: int | None = None) -> list[Goal]:
        """Return a user's goals, the soonest first."""
        return await self.find(BY_USER, user_id, limit=limit)
