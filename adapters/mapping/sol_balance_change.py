"""The table of balances around Solana transactions."""

from strongroom.domain.transactions.sol_balance_change import SolBalanceChange
from strongroom.ports.repositories.sol_balance_change import SolBalanceChangeRepository

from .declaration import declare
from .sol_transaction import SOL_TRANSACTION
from .table import OnDelete

SOL_BALANCE_CHANGE = declare(
    SolBalanceChange,
    "sol_balance_change",
    repository=SolBalanceChangeRepository,
    key=("signature", "account_index"),
    references={"signature": (SOL_TRANSACTION, OnDelete.RESTRICT)},
    indexes=(("address", "at"),),
)
