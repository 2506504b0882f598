"""The repository of balances around Solana transactions."""

from collections.abc import AsyncIterator
from datetime import datetime
from typing import Protocol

from strongroom.domain.transactions.sol_balance_change import SolBalanceChange

from ..criteria import Criteria, Cursor, asc, desc, eq, ge, lt
from ..repository import Repository
from ..results import Page

BY_TRANSACTION = Criteria(where=(eq("signature"),), order=(asc("account_index"),))
OLDEST_FIRST = Criteria(where=(eq("address"), ge("at"), lt("at")), order=(asc("at"),))
NEWEST_FIRST = Criteria(
    where=(eq("address"), ge("at"), lt("at")), order=(desc("at"), desc("signature"), desc("account_index"))
)


class SolBalanceChangeRepository(Repository[SolBalanceChange, tuple[str, int]], Protocol):
    """Balances around Solana transactions, by signature and account index."""

    async def find_by_transaction(self, signature: str, *, limit: int | None = None) -> list[SolBalanceChange]:
        """Return the balances that a transaction touched, in the order of its accounts."""
        return await self.find(BY_TRANSACTION, signature, limit=limit)

    async def page_by_address(  # noqa: PLR0913 - which page, by name
        self,
        address: str,
        start: datetime,
        end: datetime,
        *,
        newest_first: bool = False,
        limit: int = 100,
        after: Cursor | None = None,
    ) -> Page[SolBalanceChange]:
        """Return a page of an address's balances from ``start`` up to but not at ``end``, in order of time.

        Of one time they come by signature and account; a cursor is (time, signature, account index) in both
        directions.
        """
        criteria = NEWEST_FIRST if newest_first else OLDEST_FIRST
        return await self.page(criteria, address, start, end, limit=limit, after=after)

    def stream_by_address(self, address: str, start: datetime, end: datetime) -> AsyncIterator[SolBalanceChange]:
        """Yield an address's balances from ``start`` up to but not at ``end``, the oldest first."""
        return self.stream(OLDEST_FIRST, address, start, end)
