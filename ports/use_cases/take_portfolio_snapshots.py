"""Keeps what users' portfolios were worth at the end of a day; run once a day, it may be run again."""

from datetime import date
from typing import Final
from uuid import UUID

from attrs import field, frozen

from strongroom.domain.accounts.user import UserStatus
from strongroom.domain.errors import DomainError, StrongroomError
from strongroom.domain.positions.daily_snapshot import end_of_day, last_day_before, snapshot_of
from strongroom.domain.positions.portfolio_snapshot import PortfolioSnapshot
from strongroom.domain.values.field_types import Date

from ..criteria import Criteria, eq
from ..errors import InvalidValue, NotFound, UnreadableRow
from ..progress import report_progress
from ..storage import Isolation, Transaction, UnitOfWork
from .value_portfolio import read_portfolio_records

WITH_STATUS: Final = Criteria(where=(eq("status"),))


@frozen(kw_only=True)
class SnapshotResult:
    """The snapshots of one day: how many were taken, and why there is none of some users."""

    day: date
    taken: int
    failed: dict[UUID, StrongroomError] = field(factory=dict)


async def take_portfolio_snapshot(storage: UnitOfWork, user_id: UUID, day: date | None = None) -> PortfolioSnapshot:
    """Store and return a user's portfolio at the end of a day (UTC), by default the last ended day.

    A second call replaces the snapshot by what is known by then: the same from the same records.
    Raises NotFound for an unknown user, InvalidValue for a day that has not ended, or a portfolio that cannot be
    held, and what ``portfolio_at`` raises if flows contradict one another.
    """

    async def work(transaction: Transaction) -> PortfolioSnapshot:
        await transaction.users.get(user_id)
        records = await read_portfolio_records(transaction, user_id, end_of_day(wanted))
        return await transaction.portfolio_snapshots.upsert(snapshot_of(user_id, wanted, records))

    wanted = _ended_day(storage, day)
    return await storage.run(work, isolation=Isolation.REPEATABLE_READ)


async def take_portfolio_snapshots(storage: UnitOfWork, day: date | None = None) -> SnapshotResult:
    """Store the portfolios of all active users at the end of a day, as ``take_portfolio_snapshot`` does for one.

    Each user is a unit of work of its own: a user with contradictory or unreadable records is reported, and stops no
    other; so is a user who was removed meanwhile. Raises InvalidValue for a day that has not ended,
    StorageUnavailable.
    """
    wanted = _ended_day(storage, day)
    taken = 0
    failed: dict[UUID, StrongroomError] = {}
    after = None
    while True:
        page = await storage.users.page(WITH_STATUS, UserStatus.ACTIVE, after=after)
        for user in page.items:
            try:
                await take_portfolio_snapshot(storage, user.id, wanted)
                taken += 1
            except (DomainError, NotFound, UnreadableRow) as error:
                failed[user.id] = error
            report_progress("keep portfolios", taken + len(failed))
        after = page.next
        if after is None:
            return SnapshotResult(day=wanted, taken=taken, failed=failed)


def _ended_day(storage: UnitOfWork, day: date | None) -> date:
    last = last_day_before(storage.users.now())
    if day is None:
        return last
    reason = Date().validate(day)
    if reason is None and day > last:
        reason = f"{day} has not ended yet: the last day that has is {last}"
    if reason is not None:
        raise InvalidValue("PortfolioSnapshot", field="day", reason=reason)
    return day
