"""The table of pools' tokens."""

from strongroom.domain.positions.pool_token import PoolToken
from strongroom.ports.repositories.pool_token import PoolTokenRepository

from .coin import COIN
from .declaration import declare
from .pool import POOL
from .table import OnDelete

POOL_TOKEN = declare(
    PoolToken,
    "pool_token",
    repository=PoolTokenRepository,
    key=("pool_id", "position"),
    uniques=(("pool_id", "coin_id"),),
    references={
        "pool_id": (POOL, OnDelete.CASCADE),
        "coin_id": (COIN, OnDelete.RESTRICT),
    },
    indexes=(("coin_id",),),
)
