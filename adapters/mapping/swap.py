"""The table of swaps."""

from strongroom.domain.transactions.swap import Swap

from .enums import ENUMS
from .table import Check, OnDelete, Owner, declare, foreign_key

SWAP = declare(
    Swap,
    "swaps",
    repository="swaps",
    owner=Owner.BACKEND,
    enums=ENUMS,
    uniques=(("chain_id", "transaction_hash", "log_index"),),
    foreign_keys=(
        foreign_key("swaps", "user_id", "user", OnDelete.SET_NULL),
        foreign_key("swaps", "pool_id", "nmt_pool", OnDelete.SET_NULL),
        foreign_key("swaps", "coin_in_id", "coin", OnDelete.RESTRICT),
        foreign_key("swaps", "coin_out_id", "coin", OnDelete.RESTRICT),
    ),
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
