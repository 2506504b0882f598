"""The table of coins."""

from strongroom.domain.pricing.coin import Coin

from .enums import ENUMS
from .table import OnDelete, Owner, declare, foreign_key

COIN = declare(
    Coin,
    "coin",
    repository="coins",
    owner=Owner.BACKEND,
    enums=ENUMS,
    uniques=(("chain_id", "address"),),
    foreign_keys=(foreign_key("coin", "chain_id", "chain", OnDelete.RESTRICT),),
    indexes=(("symbol",),),
)
