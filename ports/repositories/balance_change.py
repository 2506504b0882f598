"""The repository of balance changes."""

from datetime import datetime
from typing import Protocol
from uuid import UUID

from strongroom.domain.transactions.balance_change import BalanceChange, BalanceSource

from ..criteria import Criteria, asc, eq, gt
from ..repository import Repository

BY_TRANSACTION = Criteria(
    where=(eq("chain_id"), eq("transaction_hash")), order=(asc("source"), asc("position"), asc("address"))
)
BY_ADDRESS = Criteria(where=(eq("address"),), order=(asc("at"), asc("block_number")))

BalanceChangeKey = tuple[int, str, BalanceSource, int, str]
ABOVE = Criteria(where=(eq("chain_id"), gt("block_number")), order=(asc("block_number"),))


class BalanceChangeRepository(Repository[BalanceChange, BalanceChangeKey], Protocol):
    """Balance changes, by (chain id, transaction hash, source, position, address)."""

    async def find_by_transaction(
        self, chain_id: int, transaction_hash: str, *, limit: int | None = None
    ) -> list[BalanceChange]:
        """Return what a transaction changed, by source, position and address."""
        return await self.find(BY_TRANSACTION, chain_id, transaction_hash, limit=limit)

    async def find_by_address(self, address: str, *, limit: int | None = None) -> list[BalanceChange]:
        """Return the changes of an address on all chains, the oldest first."""
        return await self.find(BY_ADDRESS, address, limit=limit)

    async def balances(self, address: str, *, at: datetime | None = None) -> dict[UUID, int]:
        """Return an address's balance of every coin, in raw units: the sum of its changes (up to and at a time).

        A coin whose changes sum to zero is left out. A balance is negative if earlier history is missing.
        """
        ...

    async def balances_at_block(self, chain_id: int, address: str, block_number: int) -> dict[UUID, int]:
        """Return an address's balance of every coin of a chain after a block, in raw units; zero is left out."""
        ...

    async def totals(self, chain_id: int) -> dict[UUID, int]:
        """Return the sum of a chain's changes per coin over all addresses, but for those with one end.

        It is zero for every coin when both ends of every transfer are there; see ``has_one_end``.
        """
        ...

    async def remove_above(self, chain_id: int, block_number: int) -> int:
        """Delete a chain's changes of the blocks above a number, and return how many there were."""
        return await self.remove_where(ABOVE, chain_id, block_number)
