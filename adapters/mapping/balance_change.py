"""The table of balance changes."""

from strongroom.domain.transactions.balance_change import BalanceChange

from .enums import ENUMS
from .table import OnDelete, Owner, declare, foreign_key

BALANCE_CHANGE = declare(
    BalanceChange,
    "balance_change",
    repository="balance_changes",
    owner=Owner.BACKEND,
    enums=ENUMS,
    key=("chain_id", "transaction_hash", "source", "position", "address"),
    foreign_keys=(foreign_key("balance_change", "coin_id", "coin", OnDelete.RESTRICT),),
    indexes=(("address", "coin_id", "at"), ("chain_id", "block_number"), ("coin_id",)),
)
