"""The table of coins' market data."""

from strongroom.domain.pricing.coin_data import CoinData

from .enums import ENUMS
from .table import OnDelete, Owner, declare, foreign_key

COIN_DATA = declare(
    CoinData,
    "coin_data",
    repository="coin_data",
    owner=Owner.BACKEND,
    enums=ENUMS,
    key=("coin_id",),
    foreign_keys=(foreign_key("coin_data", "coin_id", "coin", OnDelete.CASCADE),),
)
