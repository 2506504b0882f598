"""The table of pools' tokens."""

from strongroom.domain.positions.pool_token import PoolToken

from .enums import ENUMS
from .table import OnDelete, Owner, declare, foreign_key

POOL_TOKEN = declare(
    PoolToken,
    "pool_token",
    repository="pool_tokens",
    owner=Owner.BACKEND,
    enums=ENUMS,
    key=("pool_id", "position"),
    uniques=(("pool_id", "coin_id"),),
    foreign_keys=(
        foreign_key("pool_token", "pool_id", "nmt_pool", OnDelete.CASCADE),
        foreign_key("pool_token", "coin_id", "coin", OnDelete.RESTRICT),
    ),
    indexes=(("coin_id",),),
)
