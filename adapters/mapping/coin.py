"""The table of coins."""

from strongroom.domain.pricing.coin import Coin
from strongroom.ports.repositories.coin import CoinRepository

from .chain import CHAIN
from .declaration import declare
from .table import OnDelete

COIN = declare(
    Coin,
    "coin",
    repository=CoinRepository,
    uniques=(("chain_id", "address"),),
    references={"chain_id": (CHAIN, OnDelete.RESTRICT)},
    indexes=(("symbol",),),
)
