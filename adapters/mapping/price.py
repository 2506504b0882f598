"""The table of prices."""

from strongroom.domain.pricing.price import Price

from .enums import ENUMS
from .table import OnDelete, Owner, declare, foreign_key

PRICE = declare(
    Price,
    "price",
    repository="prices",
    owner=Owner.BACKEND,
    enums=ENUMS,
    key=("coin_id", "at", "source"),
    foreign_keys=(foreign_key("price", "coin_id", "coin", OnDelete.RESTRICT),),
    partitioned_by="at",
)
