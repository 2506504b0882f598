"""The repository of Solana transactions."""

from collections.abc import AsyncIterator
from typing import Protocol

from strongroom.domain.transactions.sol_transaction import SolTransaction

from ..criteria import Criteria, Cursor, asc, desc, ge, le
from ..repository import Repository
from ..results import Page

IN_SLOTS = Criteria(where=(ge("slot"), le("slot")), order=(asc("slot"),))
NEWEST_FIRST = Criteria(order=(desc("slot"),))


class SolTransactionRepository(Repository[SolTransaction, str], Protocol):
    """Solana transactions, by signature."""

    async def page_by_slots(
        self, first: int, last: int, *, limit: int = 100, after: Cursor | None = None
    ) -> Page[SolTransaction]:
        """Return a page of the transactions of the slots from the first to the last, both included, in their order.

        Those of one slot come by signature.
        """
        return await self.page(IN_SLOTS, first, last, limit=limit, after=after)

    def stream_by_slots(self, first: int, last: int) -> AsyncIterator[SolTransaction]:
        """Yield the transactions of the slots from the first to the last, both included, in their order."""
        return self.stream(IN_SLOTS, first, last)

    async def find_latest(self) -> SolTransaction | None:
        """Return a transaction of the last slot of which one is known, or None: where an indexer goes on."""
        return await self.find_one(NEWEST_FIRST)
