"""The table of swaps."""

from strongroom.domain.transactions.swap import Swap
from strongroom.ports.repositories.swap import SwapRepository

from .coin import COIN
from .declaration import declare
from .pool import POOL
from .table import Check, OnDelete
from .user import USER

SWAP = declare(
    Swap,
    "swaps",
    repository=SwapRepository,
    uniques=(("chain_id", "transaction_hash", "log_index"),),
    references={
        "user_id": (USER, OnDelete.SET_NULL),
        "pool_id": (POOL, OnDelete.SET_NULL),
        "coin_in_id": (COIN, OnDelete.RESTRICT),
        "coin_out_id": (COIN, OnDelete.RESTRICT),
    },
    checks=(Check("swaps_coins_check", "coin_in_id <> coin_out_id", lambda swap: swap.coin_in_id != swap.coin_out_id),),
    indexes=(
        ("user_id", "at"),
        ("trader_address", "at"),
        ("chain_id", "block_number"),
        ("pool_id",),
        ("coin_in_id",),
        ("coin_out_id",),
    ),
)
