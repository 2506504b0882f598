"""The table of coins' market data."""

from strongroom.domain.pricing.coin_data import CoinData
from strongroom.ports.repositories.coin_data import CoinDataRepository

from .coin import COIN
from .declaration import declare
from .table import OnDelete

COIN_DATA = declare(
    CoinData,
    "coin_data",
    repository=CoinDataRepository,
    attribute="coin_data",
    key=("coin_id",),
    references={"coin_id": (COIN, OnDelete.CASCADE)},
)
