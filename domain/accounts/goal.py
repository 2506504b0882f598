"""What users save for."""

from datetime import date, datetime
from enum import Enum
from uuid import UUID

from attrs import frozen

from ..values.fields import Count32, NonNegativeUsd, PositiveUsd, checked


class GoalStatus(Enum):
    """How far a goal has come."""

    ACTIVE = "active"
    REACHED = "reached"
    ABANDONED = "abandoned"


@frozen(kw_only=True, field_transformer=checked)
class Goal:
    """A sum in USD that a user wants to own by a day, starting from ``start_usd`` and adding so much a month."""

    id: UUID
    user_id: UUID
    name: str
    target_usd: PositiveUsd
    start_usd: NonNegativeUsd
    monthly_contribution_usd: NonNegativeUsd
    start_date: date
    target_date: date
    status: GoalStatus = GoalStatus.ACTIVE
    created_at: datetime
    updated_at: datetime
    version: Count32 = 1
