"""The repository of swaps."""

from datetime import datetime
from decimal import Decimal
from typing import Protocol
from uuid import UUID

from attrs import frozen

from strongroom.domain.transactions.swap import Swap

from ..creation import new_entity
from ..criteria import Criteria, asc, desc, eq, gt
from ..repository import Creating, Repository

BY_USER = Criteria(where=(eq("user_id"),), order=(desc("at"), desc("log_index")))
BY_TRADER = Criteria(where=(eq("trader_address"),), order=(desc("at"), desc("log_index")))
BY_LOG = Criteria(where=(eq("chain_id"), eq("transaction_hash"), eq("log_index")))
ABOVE = Criteria(where=(eq("chain_id"), gt("block_number")), order=(asc("block_number"),))


@frozen(kw_only=True)
class CreateSwap:
    """The fields of a new swap; amounts are in raw units of their coins."""

    user_id: UUID | None = None
    chain_id: int
    transaction_hash: str
    log_index: int
    pool_id: UUID | None = None
    coin_in_id: UUID
    coin_out_id: UUID
    amount_in: int
    amount_out: int
    value_usd: Decimal | None = None
    trader_address: str
    block_number: int
    block_hash: str
    at: datetime


class SwapRepository(Repository[Swap, UUID], Creating, Protocol):
    """Swaps, by id."""

    async def create(self, command: CreateSwap) -> Swap:
        """Add a swap. Raises AlreadyExists when the log was recorded already."""
        return await self.add(new_entity(Swap, command, id=self.next_id(), now=self.now()))

    async def find_by_log(self, chain_id: int, transaction_hash: str, log_index: int) -> Swap | None:
        """Return the swap that a log records, or None."""
        return await self.find_one(BY_LOG, chain_id, transaction_hash, log_index)

    async def find_by_user(self, user_id: UUID, *, limit: int | None = None) -> list[Swap]:
        """Return a user's swaps, the newest first."""
        return await self.find(BY_USER, user_id, limit=limit)

    async def find_by_trader(self, address: str, *, limit: int | None = None) -> list[Swap]:
        """Return the swaps of an address on all chains, the newest first."""
        return await self.find(BY_TRADER, address, limit=limit)

    async def remove_above(self, chain_id: int, block_number: int) -> int:
        """Delete a chain's swaps of the blocks above a number, and return how many there were."""
        return await self.remove_where(ABOVE, chain_id, block_number)
