"""The time-weighted return: how well the holding did, whenever money was added or taken."""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from decimal import Decimal, localcontext
from itertools import pairwise
from typing import Final, Protocol

from attrs import frozen

from ..values.field_types import DECIMAL_CONTEXT
from ..values.instants import as_utc
from .cash_flow import CashFlow, net_cash_flows
from .errors import ReturnUndefined

LEAST_BASE: Final = Decimal("0.01")
"""The part of a period's inflows below which what was held is no base to measure a return by."""
_MICROSECOND: Final = timedelta(microseconds=1)


class ValuedAt(Protocol):
    """What something was worth at a time, in USD: a position's valuation, or a portfolio."""

    @property
    def at(self) -> datetime:
        """The time."""
        ...

    @property
    def value_usd(self) -> Decimal:
        """The value in USD."""
        ...


@frozen
class _ValueAfterFlow:
    """What was held at a time, after the cash flow of that time."""

    at: datetime
    value_usd: Decimal


def time_weighted_return(
    valuations: Iterable[ValuedAt], flows: Iterable[CashFlow], *, least_base: Decimal = LEAST_BASE
) -> Decimal:
    """Return the return from the first cash flow or valuation to the last valuation, not annualised: 0.05 is 5 %.

    The periods between valuations are linked, (1 + r1)(1 + r2)… - 1 (Global Investment Performance Standards,
    time-weighted return), each of them Modified Dietz: gain / (value at its start + flows weighted by the part
    of the period that they were in). That is exact where a valuation stands at every cash flow, and an
    approximation where money moved between two. A valuation of the very time of a cash flow counts as made
    after it. Money that was paid in before the first valuation is taken to be worth itself until it was; cash
    flows after the last valuation do not count. While nothing is held, nothing is earned.

    Inflows count at the start of their period, as the standards allow, where what was held is less than
    ``least_base`` of them, and where more than all of it would be lost: what a large deposit costs is not the return of
    the dust before it. With ``least_base`` 0 every inflow counts from its own instant.

    Raises ReturnUndefined when no time passes between first and last, when a period gains on no capital, and
    when two valuations of one time differ.
    """
    cash = net_cash_flows(flows)
    worths = _values_after_flows(valuations, cash)
    if len(worths) < 2:
        raise ReturnUndefined(reason="no time passes between the first and the last valuation")
    place = 0
    with localcontext(DECIMAL_CONTEXT):
        growth = Decimal(1)
        for start, end in pairwise(worths):
            within: list[CashFlow] = []
            while place < len(cash) and cash[place].at <= end.at:
                if cash[place].at > start.at:
                    within.append(cash[place])
                place += 1
            growth *= 1 + _modified_dietz(start, end, within, least_base)
        return growth - 1


def _values_after_flows(valuations: Iterable[ValuedAt], cash: Sequence[CashFlow]) -> list[_ValueAfterFlow]:
    values: dict[datetime, Decimal] = {}
    for valuation in valuations:
        if values.setdefault(as_utc(valuation.at), valuation.value_usd) != valuation.value_usd:
            raise ReturnUndefined(reason=f"two valuations of {valuation.at.isoformat()} differ")
    if cash and values and cash[0].at < min(values):
        values[cash[0].at] = cash[0].amount_usd.copy_negate()
    return [_ValueAfterFlow(at, values[at]) for at in sorted(values)]


def _modified_dietz(
    start: _ValueAfterFlow, end: _ValueAfterFlow, cash: Sequence[CashFlow], least_base: Decimal
) -> Decimal:
    """Return the return of one period (Dietz, Pension Funds: Measuring Investment Performance, 1966, modified)."""
    gain = end.value_usd - start.value_usd + sum(flow.amount_usd for flow in cash)
    period = Decimal((end.at - start.at) // _MICROSECOND)
    capital = start.value_usd - sum(flow.amount_usd * ((end.at - flow.at) // _MICROSECOND) / period for flow in cash)
    if not gain:
        return gain
    inflows = sum((-flow.amount_usd for flow in cash if flow.amount_usd < 0), Decimal(0))
    if least_base and inflows and (capital < least_base * inflows or gain < -capital):
        capital = start.value_usd + inflows
    if capital <= 0:
        raise ReturnUndefined(reason=f"a gain or loss up to {end.at.isoformat()} on no capital")
    return gain / capital
