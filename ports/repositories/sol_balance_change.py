"""The repository of balances around Solana transactions."""

from typing import Protocol

from strongroom.domain.transactions.sol_balance_change import SolBalanceChange

from ..repository import Repository


class SolBalanceChangeRepository(Repository[SolBalanceChange, tuple[str, int]], Protocol):
    """Balances around Solana transactions, by signature and account index."""
