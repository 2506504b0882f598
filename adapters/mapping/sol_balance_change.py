"""The table of balances around Solana transactions."""

from strongroom.domain.transactions.sol_balance_change import SolBalanceChange

from .enums import ENUMS
from .table import OnDelete, Owner, declare, foreign_key

SOL_BALANCE_CHANGE = declare(
    SolBalanceChange,
    "sol_balance_change",
    repository="sol_balance_changes",
    owner=Owner.BACKEND,
    enums=ENUMS,
    key=("signature", "account_index"),
    foreign_keys=(
        foreign_key("sol_balance_change", "signature", "sol_transaction", OnDelete.RESTRICT, ("signature",)),
    ),
    indexes=(("address", "at"),),
)
