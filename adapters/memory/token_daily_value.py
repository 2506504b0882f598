"""Coins' daily prices in memory: rows made anew from the prices at every refresh, and left as they are between."""

from datetime import date, datetime
from uuid import UUID

from strongroom.adapters.mapping.price import PRICE
from strongroom.adapters.mapping.token_daily_value import TOKEN_DAILY_VALUE
from strongroom.adapters.mapping.view_refresh import VIEW_REFRESH, ViewRefresh
from strongroom.domain.pricing.daily_values import daily_values
from strongroom.domain.pricing.token_daily_value import TokenDailyValue
from strongroom.ports.repositories.token_daily_value import TokenDailyValueRepository

from . import statements
from .repository import MemoryReadRepository
from .unit_of_work import UnitOfWork


class MemoryTokenDailyValueRepository(
    MemoryReadRepository[TokenDailyValue, tuple[UUID, date]], TokenDailyValueRepository
):
    """Coins' daily prices, by coin and day."""

    table = TOKEN_DAILY_VALUE

    async def refresh(self) -> None:
        """Replace the rows that differ from what the visible prices give."""
        record = ViewRefresh(view_name=self.table.name, refreshed_at=self.now())

        def statement(unit: UnitOfWork) -> None:
            _record_refresh(unit, record)
            unit.note_read(PRICE, lambda _price: True)
            made = {
                self.table.key_of(value): self.table.stored(value) for value in daily_values(unit.visible(PRICE).all())
            }
            seen = {self.table.key_of(value): value for value in unit.visible(self.table).all()}
            for key in seen.keys() | made.keys():
                if seen.get(key) != made.get(key):
                    unit.write(self.table, key, made.get(key))

        await self._session.write(self.table, statement)

    async def refreshed_at(self) -> datetime | None:
        """Return when the rows were last made anew."""
        view = await self._session.view(VIEW_REFRESH, lambda: lambda row: row.view_name == self.table.name)
        record: ViewRefresh | None = view.get(self.table.name)
        return None if record is None else record.refreshed_at


def _record_refresh(unit: UnitOfWork, record: ViewRefresh) -> None:
    """Write the record of a refresh first: other refreshes wait for it."""
    before = statements.find_conflicting_row(unit, VIEW_REFRESH, VIEW_REFRESH.primary_key, record)
    if before is None:
        statements.insert_without_fk_check(unit, VIEW_REFRESH, record)
    else:
        statements.lock_conflicting_row(unit, VIEW_REFRESH, before)
        statements.update_row(unit, VIEW_REFRESH, before, record)
