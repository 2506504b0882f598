"""Reports a user's portfolio for people: names, its value day by day, and how well it did."""

from collections import deque
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Final
from uuid import UUID

from attrs import evolve, frozen

from strongroom.domain.accounts.user import User
from strongroom.domain.positions.cash_flow import CashFlow, cash_flows
from strongroom.domain.positions.errors import ReturnUndefined
from strongroom.domain.positions.lots import CostMethod
from strongroom.domain.positions.money_weighted import MoneyWeightedReturn, money_weighted_rates
from strongroom.domain.positions.pool import Pool
from strongroom.domain.positions.portfolio import Portfolio, PortfolioRecords, portfolio_at
from strongroom.domain.positions.position_flow import PositionFlow
from strongroom.domain.positions.position_valuation import PositionValuation
from strongroom.domain.positions.time_weighted import time_weighted_return
from strongroom.domain.protocols.protocol import Protocol
from strongroom.domain.values import usd
from strongroom.domain.values.instants import as_utc

from ..criteria import Criteria, asc, ge, in_, le
from ..errors import InvalidValue
from ..storage import Isolation, Transaction, UnitOfWork
from .value_portfolio import read_portfolio_records

ONE_DAY: Final = timedelta(days=1)
FLOWS_BETWEEN: Final = Criteria(where=(in_("position_id"), ge("at"), le("at")), order=(asc("at"),))


@frozen
class ValueAt:
    """A portfolio's value at a time, in USD."""

    at: datetime
    value_usd: Decimal


@frozen(kw_only=True)
class PortfolioReport:
    """A portfolio, the names of what is in it, and how it did from ``start`` to the portfolio's time.

    ``history`` has the value of every day of that time, counted back from its end. The returns are fractions (0.05
    is 5 %) to 12 places: ``time_weighted`` over the whole time, ``money_weighted`` a year (XIRR). Each is None where
    there is none to state, as without holdings, and beyond 12 digits before the point, as after a gain in a moment.
    ``money_weighted_note`` says so where several rates balance the flows.
    """

    user: User
    portfolio: Portfolio
    pools: Mapping[UUID, Pool]
    protocols: Mapping[UUID, Protocol]
    start: datetime
    history: tuple[ValueAt, ...]
    time_weighted: Decimal | None
    money_weighted: Decimal | None
    money_weighted_note: str | None = None


async def report_portfolio(  # noqa: PLR0913 - the choices of a report, by name
    storage: UnitOfWork,
    user_id: UUID,
    at: datetime | None = None,
    *,
    days: int = 90,
    max_age: timedelta | None = None,
    cost_method: CostMethod = CostMethod.AVERAGE,
) -> PortfolioReport:
    """Return a user's portfolio at a time (the clock's now unless given), and its last days.

    Cost basis and profit are by ``cost_method``. Read in one consistent snapshot, by the same number of statements
    however much is held. Raises NotFound for an unknown user, InvalidValue for a time without a zone or too early,
    ValueError for less than one day.
    """
    if days < 1:
        message = f"a report covers at least one day, not {days}"
        raise ValueError(message)

    async def work(transaction: Transaction) -> PortfolioReport:
        user = await transaction.users.get(user_id)
        end = as_utc(at) or transaction.users.now()
        start = _start_of_report(end, days)
        records = await read_portfolio_records(transaction, user_id, end)
        ids = [position.id for position in records.positions]
        earlier = await transaction.position_valuations.as_of_many(ids, start)
        within = await transaction.position_valuations.find(FLOWS_BETWEEN, ids, start, end)
        protocol_ids = sorted({pool.protocol_id for pool in records.pools})
        protocols = await transaction.protocols.get_many(protocol_ids)
        times = {start + day * ONE_DAY for day in range(days + 1)}
        moved = _flows_after_start(records.flows, start, end)
        valuations = [*earlier.values(), *within]
        history = _history(user_id, records, valuations, sorted({*times, *(flow.at for flow in moved)}))
        rates = _money_weighted(history, moved)
        return PortfolioReport(
            user=user,
            portfolio=portfolio_at(user_id, end, records, max_age=max_age, cost_method=cost_method),
            pools={pool.id: pool for pool in records.pools},
            protocols={protocol.id: protocol for protocol in protocols},
            start=start,
            history=tuple(value for value in history if value.at in times),
            time_weighted=_time_weighted(history, moved),
            money_weighted=_rate_or_none(rates.rate) if rates else None,
            money_weighted_note=rates.note if rates else None,
        )

    return await storage.run(work, isolation=Isolation.REPEATABLE_READ, read_only=True)


def _start_of_report(end: datetime, days: int) -> datetime:
    try:
        return end - days * ONE_DAY
    except OverflowError:
        reason = f"there is no time {days} days before {end.isoformat()}"
        raise InvalidValue("Portfolio", field="at", reason=reason) from None


def _flows_after_start(flows: Sequence[PositionFlow], start: datetime, end: datetime) -> list[PositionFlow]:
    """Return the flows after the start: those before, and of its very instant, are in the value that it starts with."""
    return [flow for flow in flows if start < flow.at <= end]


def _history(
    user_id: UUID, records: PortfolioRecords, valuations: Sequence[PositionValuation], times: Sequence[datetime]
) -> list[ValueAt]:
    """Return the value at each of the times, which ascend; of valuations, the newest of each position goes along."""
    coming = deque(sorted(valuations, key=lambda each: each.at))
    newest: dict[UUID, PositionValuation] = {}
    history: list[ValueAt] = []
    for at in times:
        while coming and coming[0].at <= at:
            valuation = coming.popleft()
            newest[valuation.position_id] = valuation
        then = evolve(records, valuations=list(newest.values()))
        history.append(ValueAt(at, portfolio_at(user_id, at, then).value_usd))
    return history


def _time_weighted(history: Sequence[ValueAt], flows: Sequence[PositionFlow]) -> Decimal | None:
    """Return the time-weighted return of the whole period; if nothing was held at first, from the first flow's amount.

    The amount paid in counts, not its value a moment later, so that entry fees show.
    """
    cash = cash_flows(flows)
    begun = [value for value in history if value.at > cash[0].at] if cash and not history[0].value_usd else history
    if not any(value.value_usd for value in begun):
        return None
    try:
        return _rate_or_none(time_weighted_return(begun, cash))
    except ReturnUndefined:
        return None


def _money_weighted(history: Sequence[ValueAt], flows: Sequence[PositionFlow]) -> MoneyWeightedReturn | None:
    """Return the XIRR of what was there at the start, what came and went, and what is there at the end."""
    first, last = history[0], history[-1]
    opening = CashFlow(first.at, usd.subtract(usd.ZERO, first.value_usd))
    try:
        return money_weighted_rates([opening, *cash_flows(flows), CashFlow(last.at, last.value_usd)])
    except ReturnUndefined:
        return None


def _rate_or_none(rate: Decimal) -> Decimal | None:
    return usd.rounded(rate, usd.RATE_PLACES) if rate.adjusted() < usd.RATE_PLACES else None
