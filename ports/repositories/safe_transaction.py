"""The repository of Safes' transactions."""

from typing import Protocol
from uuid import UUID

from strongroom.domain.safes.safe_transaction import SafeTransaction

from ..repository import Repository


class SafeTransactionRepository(Repository[SafeTransaction, UUID], Protocol):
    """Safes' transactions, by id."""
