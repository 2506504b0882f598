"""What coins cost, day by day."""

from datetime import date
from uuid import UUID

from attrs import frozen

from ..values.fields import Count64, NonNegativeUsd, checked


@frozen(kw_only=True, field_transformer=checked)
class TokenDailyValue:
    """The prices of one whole coin on a day (UTC), in USD; ``average`` is weighted by time.

    ``samples`` counts the times of the day at which a price was known.
    """

    coin_id: UUID
    day: date
    open: NonNegativeUsd
    high: NonNegativeUsd
    low: NonNegativeUsd
    close: NonNegativeUsd
    average: NonNegativeUsd
    samples: Count64
