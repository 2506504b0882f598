"""What pools yielded."""

from datetime import datetime
from uuid import UUID

from attrs import frozen

from ..values.fields import NonNegativeUsd, Rate, checked


@frozen(kw_only=True, field_transformer=checked)
class ApyHistory:
    """The yields of a pool at a time, fractions a year (0.05 is 5 %), and what it held in USD.

    None is unknown; negative and absurd yields are taken as they are, since pools report them.
    """

    pool_id: UUID
    at: datetime
    apy: Rate | None = None
    apy_base: Rate | None = None
    apy_reward: Rate | None = None
    tvl_usd: NonNegativeUsd | None = None
