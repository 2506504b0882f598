"""Balance changes in PostgreSQL."""

from datetime import datetime
from typing import Final
from uuid import UUID

from strongroom.adapters.mapping.balance_change import BALANCE_CHANGE
from strongroom.domain.transactions.balance_change import BalanceChange
from strongroom.ports.repositories.balance_change import BalanceChangeKey, BalanceChangeRepository

from .repository import PostgresRepository
from .sql import EQ, LE, NE

BALANCES: Final = f"""
    SELECT coin_id, pg_catalog.sum(delta) FROM {BALANCE_CHANGE.sql_name}
    WHERE address {EQ} $1 AND ($2::pg_catalog.timestamptz IS NULL OR at {LE} $2)
    GROUP BY coin_id HAVING pg_catalog.sum(delta) {NE} 0
"""
BALANCES_AT_BLOCK: Final = f"""
    SELECT coin_id, pg_catalog.sum(delta) FROM {BALANCE_CHANGE.sql_name}
    WHERE address {EQ} $2 AND chain_id {EQ} $1 AND block_number {LE} $3
    GROUP BY coin_id HAVING pg_catalog.sum(delta) {NE} 0
"""
TOTALS: Final = f"""
    SELECT coin_id, pg_catalog.sum(delta) FROM {BALANCE_CHANGE.sql_name}
    WHERE chain_id {EQ} $1 AND kind {NE} 'gas'::{BALANCE_CHANGE.column("kind").sql_type}
        AND source {NE} 'withdrawal'::{BALANCE_CHANGE.column("source").sql_type}
    GROUP BY coin_id
"""


class PostgresBalanceChangeRepository(PostgresRepository[BalanceChange, BalanceChangeKey], BalanceChangeRepository):
    """Balance changes, by (chain id, transaction hash, source, position, address)."""

    table = BALANCE_CHANGE

    async def balances(self, address: str, *, at: datetime | None = None) -> dict[UUID, int]:
        """Return an address's balance of every coin, in raw units."""
        owner = BALANCE_CHANGE.checked_value(BALANCE_CHANGE.column("address"), address)
        until = None if at is None else BALANCE_CHANGE.checked_value(BALANCE_CHANGE.column("at"), at)
        rows = await self._executor.fetch(BALANCE_CHANGE, BALANCES, owner, until)
        return {coin_id: int(balance) for coin_id, balance in rows}

    async def balances_at_block(self, chain_id: int, address: str, block_number: int) -> dict[UUID, int]:
        """Return an address's balance of every coin of a chain after a block, in raw units."""
        given = {"chain_id": chain_id, "address": address, "block_number": block_number}
        values = [BALANCE_CHANGE.checked_value(BALANCE_CHANGE.column(name), value) for name, value in given.items()]
        rows = await self._executor.fetch(BALANCE_CHANGE, BALANCES_AT_BLOCK, *values)
        return {coin_id: int(balance) for coin_id, balance in rows}

    async def totals(self, chain_id: int) -> dict[UUID, int]:
        """Return the sum of a chain's changes per coin over all addresses, fees and withdrawals aside."""
        chain = BALANCE_CHANGE.checked_value(BALANCE_CHANGE.column("chain_id"), chain_id)
        rows = await self._executor.fetch(BALANCE_CHANGE, TOTALS, chain)
        return {coin_id: int(total) for coin_id, total in rows}
