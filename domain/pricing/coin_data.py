"""The market figures of coins."""

from datetime import datetime
from uuid import UUID

from attrs import frozen

from ..values.fields import Json, NonNegativeDecimal, NonNegativeUsd, checked


@frozen(kw_only=True, field_transformer=checked)
class CoinData:
    """The market figures of a coin as last read; supplies are in whole coins, None is unknown."""

    coin_id: UUID
    market_cap_usd: NonNegativeUsd | None = None
    fully_diluted_usd: NonNegativeUsd | None = None
    volume_24h_usd: NonNegativeUsd | None = None
    circulating_supply: NonNegativeDecimal | None = None
    total_supply: NonNegativeDecimal | None = None
    ath_usd: NonNegativeUsd | None = None
    ath_at: datetime | None = None
    links: Json
    updated_at: datetime
