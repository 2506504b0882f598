"""The discounts on subscriptions that Safes have."""

from datetime import datetime
from uuid import UUID

from attrs import frozen

from ..values.fields import Count32, PositiveBasisPoints, checked


@frozen(kw_only=True, field_transformer=checked)
class SafeDiscount:
    """A discount for the user of a Safe, from ``valid_from`` until just before ``valid_until``.

    ``plan_id`` None is any plan, ``max_uses`` None any number of uses; ``uses`` counts the payments that had it.
    """

    id: UUID
    safe_id: UUID
    plan_id: UUID | None = None
    percent_bps: PositiveBasisPoints
    reason: str
    valid_from: datetime
    valid_until: datetime | None = None
    max_uses: Count32 | None = None
    uses: Count32 = 0
