"""The repository of coins' market data."""

from typing import Protocol
from uuid import UUID

from strongroom.domain.pricing.coin_data import CoinData

from ..repository import Repository


class CoinDataRepository(Repository[CoinData, UUID], Protocol):
    """Market data of coins, by coin id; the newest replaces the older (``upsert``)."""
