"""What is kept of a user's portfolio of every day, so that a year of it is read without replaying its flows."""

from collections.abc import Iterable
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from uuid import UUID

from ..values import usd
from ..values.field_types import DECIMAL_CONTEXT
from .portfolio import PortfolioRecords, portfolio_at
from .portfolio_snapshot import PortfolioSnapshot
from .position_flow import FlowKind, PositionFlow


def end_of_day(day: date) -> datetime:
    """Return the last microsecond of a day (UTC)."""
    return datetime.combine(day, time.max, UTC)


def last_day_before(now: datetime) -> date:
    """Return the last day (UTC) that has ended by a time."""
    return (now.astimezone(UTC) - timedelta(days=1)).date()


def snapshot_of(user_id: UUID, day: date, records: PortfolioRecords) -> PortfolioSnapshot:
    """Return a user's portfolio at the end of a day; of the records, what is later does not count.

    Deposits, withdrawals and fees are the sums of the flows until then, those of closed positions too; the profit is
    the realised and the unrealised one. Of the protocols, those in which something is held are there, their values
    written without an exponent. Raises as ``portfolio_at`` does, and InvalidValue for sums that no field can hold.
    """
    at = end_of_day(day)
    portfolio = portfolio_at(user_id, at, records)
    opened = {position.id for position in records.positions if position.opened_at <= at}
    flows = [flow for flow in records.flows if flow.at <= at and flow.position_id in opened]
    return PortfolioSnapshot(
        user_id=user_id,
        day=day,
        total_usd=portfolio.value_usd,
        deposited_usd=_total_of_kind(flows, FlowKind.DEPOSIT),
        withdrawn_usd=_total_of_kind(flows, FlowKind.WITHDRAWAL),
        fees_usd=_total_of_kind(flows, FlowKind.FEE),
        pnl_usd=portfolio.total_pnl_usd,
        by_protocol={
            str(holding.protocol_id): _plain_decimal(holding.value_usd)
            for holding in sorted(portfolio.by_protocol, key=lambda each: each.protocol_id)
            if holding.value_usd
        },
    )


def _total_of_kind(flows: Iterable[PositionFlow], kind: FlowKind) -> Decimal:
    return usd.total(flow.amount_usd for flow in flows if flow.kind is kind)


def _plain_decimal(value: Decimal) -> str:
    return format(value.normalize(DECIMAL_CONTEXT), "f")
