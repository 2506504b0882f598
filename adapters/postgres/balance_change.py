"""Balance changes in PostgreSQL."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from strongroom.adapters.mapping.balance_change import BALANCE_CHANGE
from strongroom.domain.transactions.balance_change import BalanceChange
from strongroom.ports.repositories.balance_change import BalanceChangeKey, BalanceChangeRepository

from .repository import PostgresRepository
from .sql import EQ, LE, NE, table_statements
from .unreadable import read

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
NOT_A_NUMBER: Final = f"""
    SELECT {table_statements(BALANCE_CHANGE).columns} FROM {BALANCE_CHANGE.sql_name}
    WHERE delta {EQ} 'NaN'::pg_catalog.numeric LIMIT 1
"""


class PostgresBalanceChangeRepository(PostgresRepository[BalanceChange, BalanceChangeKey], BalanceChangeRepository):
    """Balance changes, by (chain id, transaction hash, source, position, address)."""

    table = BALANCE_CHANGE

    async def balances(self, address: str, *, at: datetime | None = None) -> dict[UUID, int]:
        """Return an address's balance of every coin, in raw units."""
        owner = BALANCE_CHANGE.checked_value(BALANCE_CHANGE.column("address"), address)
        until = None if at is None else BALANCE_CHANGE.checked_value(BALANCE_CHANGE.column("at"), at)
        return await self._sums(BALANCES, [owner, until])

    async def balances_at_block(self, chain_id: int, address: str, block_number: int) -> dict[UUID, int]:
        """Return an address's balance of every coin of a chain after a block, in raw units."""
        given = {"chain_id": chain_id, "address": address, "block_number": block_number}
        values = [BALANCE_CHANGE.checked_value(BALANCE_CHANGE.column(name), value) for name, value in given.items()]
        return await self._sums(BALANCES_AT_BLOCK, values)

    async def totals(self, chain_id: int) -> dict[UUID, int]:
        """Return the sum of a chain's changes per coin over all addresses, fees and withdrawals aside."""
        chain = BALANCE_CHANGE.checked_value(BALANCE_CHANGE.column("chain_id"), chain_id)
        return await self._sums(TOTALS, [chain])

    async def _sums(self, sql: str, values: Sequence[Any]) -> dict[UUID, int]:
        """Return the sums that a statement makes by coin. Raises UnreadableRow for a change that is no number."""
        return await read(
            self._executor,
            BALANCE_CHANGE,
            sql,
            values,
            lambda rows: {coin_id: int(total) for coin_id, total in rows},
            source=(NOT_A_NUMBER, ()),
        )
