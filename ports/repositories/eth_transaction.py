"""The repository of EVM transactions."""

from typing import Protocol

from strongroom.domain.transactions.eth_transaction import EthTransaction

from ..criteria import Criteria, asc, desc, eq, gt
from ..repository import Repository

IN_BLOCK = Criteria(where=(eq("chain_id"), eq("block_number")), order=(asc("transaction_index"),))
FROM_ADDRESS = Criteria(
    where=(eq("chain_id"), eq("from_address")), order=(desc("block_number"), desc("transaction_index"))
)
ABOVE = Criteria(where=(eq("chain_id"), gt("block_number")), order=(asc("block_number"),))


class EthTransactionRepository(Repository[EthTransaction, tuple[int, str]], Protocol):
    """EVM transactions, by (chain id, hash)."""

    async def find_by_block(
        self, chain_id: int, block_number: int, *, limit: int | None = None
    ) -> list[EthTransaction]:
        """Return a block's transactions in the block's order."""
        return await self.find(IN_BLOCK, chain_id, block_number, limit=limit)

    async def find_by_sender(self, chain_id: int, address: str, *, limit: int | None = None) -> list[EthTransaction]:
        """Return the transactions that an address sent on a chain, the newest first."""
        return await self.find(FROM_ADDRESS, chain_id, address, limit=limit)

    async def remove_above(self, chain_id: int, block_number: int) -> int:
        """Delete a chain's transactions of the blocks above a number, and return how many there were."""
        return await self.remove_where(ABOVE, chain_id, block_number)
