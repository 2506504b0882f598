"""What positions were worth."""

from datetime import datetime
from enum import Enum
from uuid import UUID

from attrs import frozen

from ..values.fields import NonNegativeUsd, Uint256, checked


class ValuationSource(Enum):
    """Where a valuation comes from."""

    ONCHAIN = "onchain"
    ORACLE = "oracle"
    MANUAL = "manual"


@frozen(kw_only=True, field_transformer=checked)
class PositionValuation:
    """What a position was worth at a time, in USD, with the raw shares it held then."""

    position_id: UUID
    at: datetime
    value_usd: NonNegativeUsd
    shares: Uint256
    price_per_share: NonNegativeUsd | None = None
    source: ValuationSource
