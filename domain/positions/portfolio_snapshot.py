"""What users' portfolios were worth, day by day."""

from datetime import date
from uuid import UUID

from attrs import frozen

from ..values.fields import Json, NonNegativeUsd, Usd, checked


@frozen(kw_only=True, field_transformer=checked)
class PortfolioSnapshot:
    """A user's portfolio at the end of a day (UTC), in USD; all but ``total_usd`` since the first flow.

    ``by_protocol`` holds the value in each protocol, as text, by the protocol's id.
    """

    user_id: UUID
    day: date
    total_usd: NonNegativeUsd
    deposited_usd: NonNegativeUsd
    withdrawn_usd: NonNegativeUsd
    fees_usd: NonNegativeUsd
    pnl_usd: Usd
    by_protocol: Json
