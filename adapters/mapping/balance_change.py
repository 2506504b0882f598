"""The table of balance changes."""

from strongroom.domain.transactions.balance_change import BalanceChange
from strongroom.ports.repositories.balance_change import BalanceChangeRepository

from .coin import COIN
from .declaration import declare
from .table import OnDelete

BALANCE_CHANGE = declare(
    BalanceChange,
    "balance_change",
    repository=BalanceChangeRepository,
    key=("chain_id", "transaction_hash", "source", "position", "address"),
    references={"coin_id": (COIN, OnDelete.RESTRICT)},
    indexes=(("address", "coin_id", "at"), ("chain_id", "block_number"), ("coin_id",)),
    memory="strongroom.adapters.memory.balance_change:MemoryBalanceChangeRepository",
    postgres="strongroom.adapters.postgres.balance_change:PostgresBalanceChangeRepository",
)
