"""What coins cost."""

from datetime import datetime
from enum import Enum
from uuid import UUID

from attrs import frozen

from ..values.fields import NonNegativeUsd, Rate, checked


class PriceSource(Enum):
    """Where a price comes from."""

    COINGECKO = "coingecko"
    DEFILLAMA = "defillama"
    CHAINLINK = "chainlink"
    UNISWAP_TWAP = "uniswap_twap"
    MANUAL = "manual"


@frozen(kw_only=True, field_transformer=checked)
class Price:
    """What one whole coin cost in USD at a time, by one source; ``confidence`` is a fraction."""

    coin_id: UUID
    at: datetime
    source: PriceSource
    price_usd: NonNegativeUsd
    confidence: Rate | None = None
