"""What users have subscribed to."""

from datetime import datetime
from enum import Enum
from uuid import UUID

from attrs import frozen

from ..values.fields import Count32, checked


class SubscriptionStatus(Enum):
    """Whether a subscription runs; the first three are live."""

    TRIALING = "trialing"
    ACTIVE = "active"
    PAST_DUE = "past_due"
    CANCELLED = "cancelled"
    EXPIRED = "expired"


@frozen(kw_only=True, field_transformer=checked)
class Subscription:
    """A user's subscription to a plan, paid from the start of its current period until just before the end.

    It ends at ``cancel_at``, where that is set, and otherwise goes on with the next period. Periods by the month end on
    the day and at the time of ``anchor_at`` in the customer's ``time_zone``, an IANA name: see billing_calendar.
    A trial is free until just before ``trial_end``.
    """

    id: UUID
    user_id: UUID
    plan_id: UUID
    status: SubscriptionStatus
    current_period_start: datetime
    current_period_end: datetime
    cancel_at: datetime | None = None
    created_at: datetime
    version: Count32 = 1
    anchor_at: datetime | None = None
    time_zone: str = "UTC"
    trial_end: datetime | None = None
