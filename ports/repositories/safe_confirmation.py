"""The repository of owners' confirmations."""

from collections.abc import Sequence
from typing import Protocol
from uuid import UUID

from strongroom.domain.safes.safe_confirmation import SafeConfirmation

from ..criteria import Criteria, asc, eq, in_
from ..repository import Creating, Repository

BY_TRANSACTION = Criteria(where=(eq("safe_transaction_id"),), order=(asc("confirmed_at"),))
BY_TRANSACTIONS = Criteria(where=(in_("safe_transaction_id"),), order=(asc("confirmed_at"),))


class SafeConfirmationRepository(Repository[SafeConfirmation, tuple[UUID, str]], Creating, Protocol):
    """Owners' confirmations, by transaction and address; ``confirm_transaction`` makes them."""

    async def find_by_transaction(
        self, safe_transaction_id: UUID, *, limit: int | None = None
    ) -> list[SafeConfirmation]:
        """Return a transaction's confirmations, the oldest first."""
        return await self.find(BY_TRANSACTION, safe_transaction_id, limit=limit)

    async def find_by_transactions(self, safe_transaction_ids: Sequence[UUID]) -> dict[UUID, list[SafeConfirmation]]:
        """Return the confirmations of each transaction, the oldest first, in one statement; an empty list for none."""
        found: dict[UUID, list[SafeConfirmation]] = {each: [] for each in safe_transaction_ids}
        if found:
            for confirmation in await self.find(BY_TRANSACTIONS, list(found)):
                found[confirmation.safe_transaction_id].append(confirmation)
        return found
