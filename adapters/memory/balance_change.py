"""Balance changes in memory."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from strongroom.adapters.mapping.balance_change import BALANCE_CHANGE
from strongroom.domain.transactions.balance_change import BalanceChange
from strongroom.ports.criteria import Criteria, eq, le
from strongroom.ports.repositories.balance_change import BY_ADDRESS, BalanceChangeKey, BalanceChangeRepository

from .repository import MemoryRepository

BY_ADDRESS_UNTIL_BLOCK = Criteria(where=(eq("chain_id"), eq("address"), le("block_number")))
BY_CHAIN = Criteria(where=(eq("chain_id"),))


class MemoryBalanceChangeRepository(MemoryRepository[BalanceChange, BalanceChangeKey], BalanceChangeRepository):
    """Balance changes, by (chain id, transaction hash, source, position, address)."""

    table = BALANCE_CHANGE

    async def balances(self, address: str, *, at: datetime | None = None) -> dict[UUID, int]:
        """Return an address's balance of every coin, in raw units."""
        owner = BALANCE_CHANGE.checked_value(BALANCE_CHANGE.column("address"), address)
        until = None if at is None else BALANCE_CHANGE.checked_value(BALANCE_CHANGE.column("at"), at)
        changes = await self._matching(BY_ADDRESS, (owner,))
        sums = _sums(change for change in changes if until is None or change.at <= until)
        return {coin_id: balance for coin_id, balance in sums.items() if balance}

    async def balances_at_block(self, chain_id: int, address: str, block_number: int) -> dict[UUID, int]:
        """Return an address's balance of every coin of a chain after a block, in raw units."""
        sums = _sums(await self._matching(BY_ADDRESS_UNTIL_BLOCK, (chain_id, address, block_number)))
        return {coin_id: balance for coin_id, balance in sums.items() if balance}

    async def totals(self, chain_id: int) -> dict[UUID, int]:
        """Return the sum of a chain's changes per coin over all addresses, fees and withdrawals aside."""
        changes = await self._matching(BY_CHAIN, (chain_id,))
        return _sums(change for change in changes if not change.has_one_end)


def _sums(changes: Iterable[BalanceChange]) -> dict[UUID, int]:
    sums: dict[UUID, int] = defaultdict(int)
    for change in changes:
        sums[change.coin_id] += change.delta
    return dict(sums)
