"""The repository of owners' confirmations."""

from collections.abc import Sequence
from typing import Protocol
from uuid import UUID

from strongroom.domain.safes.safe_confirmation import SafeConfirmation

from ..criteria import Criteria, among, asc, eq
from ..repository import Creating, Repository

OF_TRANSACTION = Criteria(where=(eq("safe_transaction_id"),), order=(asc("confirmed_at"),))
OF_TRANSACTIONS = Criteria(where=(among("safe_transaction_id"),), order=(asc("confirmed_at"),))


class SafeConfirmationRepository(Repository[SafeConfirmation, tuple[UUID, str]], Creating, Protocol):
    """Owners' confirmations, by transaction and address; ``confirm_transaction`` makes them."""

    async def find_by_transaction(self, safe_transaction_id: UUID) -> list[SafeConfirmation]:
        """Return a transaction's confirmations, the oldest first."""
        return await self.find(OF_TRANSACTION, safe_transaction_id)

    async def find_by_transactions(self, safe_transaction_ids: Sequence[UUID]) -> dict[UUID, list[SafeConfirmation]]:
        """Return the confirmations of each transaction, the oldest first, in one statement; an empty list for none."""
        found: dict[UUID, list[SafeConfirmation]] = {each: [] for each in safe_transaction_ids}
        if found:
            for confirmation in await self.find(OF_TRANSACTIONS, list(found)):
                found[confirmation.safe_transaction_id].append(confirmation)
        return found
