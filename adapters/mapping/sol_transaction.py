"""The table of Solana transactions."""

from strongroom.domain.transactions.sol_transaction import SolTransaction

from .enums import ENUMS
from .table import Owner, declare

SOL_TRANSACTION = declare(
    SolTransaction,
    "sol_transaction",
    repository="sol_transactions",
    owner=Owner.BACKEND,
    enums=ENUMS,
    key=("signature",),
    indexes=(("slot",),),
)
