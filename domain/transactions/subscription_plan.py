"""What users may subscribe to."""

from uuid import UUID

from attrs import frozen

from ..values.fields import Json, NonNegativeUsd, PositiveCount32, checked


@frozen(kw_only=True, field_transformer=checked)
class SubscriptionPlan:
    """A plan of the platform, known by its code, at a list price in USD for every period.

    A period is ``period_months`` of the calendar, 12 for a year, or ``period_days`` of 24 hours where that is None.
    """

    id: UUID
    code: str
    name: str
    price_usd: NonNegativeUsd
    period_days: PositiveCount32
    features: Json
    is_active: bool = True
    period_months: PositiveCount32 | None = None
