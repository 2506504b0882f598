"""Coins' daily prices in PostgreSQL: a materialized view."""

from datetime import date, datetime
from typing import Final
from uuid import UUID

from strongroom.adapters.mapping.token_daily_value import TOKEN_DAILY_VALUE
from strongroom.adapters.mapping.view_refresh import VIEW_REFRESH
from strongroom.domain.pricing.token_daily_value import TokenDailyValue
from strongroom.ports.repositories.token_daily_value import TokenDailyValueRepository

from .repository import PostgresReadRepository
from .sql import table_statements
from .unreadable import read

VIEW: Final = TOKEN_DAILY_VALUE.sql_name
RECORD: Final = table_statements(VIEW_REFRESH).upsert.removesuffix(
    f" RETURNING {table_statements(VIEW_REFRESH).columns}"
)
IS_POPULATED: Final = f"SELECT relispopulated FROM pg_class WHERE oid = '{VIEW}'::regclass"


class PostgresTokenDailyValueRepository(
    PostgresReadRepository[TokenDailyValue, tuple[UUID, date]], TokenDailyValueRepository
):
    """Coins' daily prices, by coin and day."""

    table = TOKEN_DAILY_VALUE

    async def refresh(self) -> None:
        """Refresh the view, concurrently with its readers unless it has never been filled.

        The record comes first: who waits for it takes its snapshot of the prices after the wait.
        """
        async with self._executor.runner(self.table) as runner:
            await runner.row(RECORD + " RETURNING true", self.table.name, self.now())
            (populated,) = await runner.row(IS_POPULATED)
            await runner.execute(f"REFRESH MATERIALIZED VIEW {'CONCURRENTLY ' if populated else ''}{VIEW}")

    async def refreshed_at(self) -> datetime | None:
        """Return when the view was last refreshed."""
        refreshes = table_statements(VIEW_REFRESH)
        found = await read(self._executor, VIEW_REFRESH, refreshes.get, [self.table.name], refreshes.hydrate_all)
        return found[0].refreshed_at if found else None
