"""The table of Solana transactions."""

from strongroom.domain.transactions.sol_transaction import SolTransaction
from strongroom.ports.repositories.sol_transaction import SolTransactionRepository

from .declaration import declare

SOL_TRANSACTION = declare(
    SolTransaction,
    "sol_transaction",
    repository=SolTransactionRepository,
    key=("signature",),
    indexes=(("slot",),),
)
