"""The table of prices."""

from strongroom.domain.pricing.price import Price
from strongroom.ports.repositories.price import PriceRepository

from .coin import COIN
from .declaration import declare
from .table import OnDelete

PRICE = declare(
    Price,
    "price",
    repository=PriceRepository,
    key=("coin_id", "at", "source"),
    references={"coin_id": (COIN, OnDelete.RESTRICT)},
    partitioned_by="at",
    memory="strongroom.adapters.memory.price:MemoryPriceRepository",
    postgres="strongroom.adapters.postgres.price:PostgresPriceRepository",
)
