"""The repository of Solana transactions."""

from typing import Protocol

from strongroom.domain.transactions.sol_transaction import SolTransaction

from ..repository import Repository


class SolTransactionRepository(Repository[SolTransaction, str], Protocol):
    """Solana transactions, by signature."""
