"""The money that an investor put into positions and got out of them, as returns are computed from it."""

from collections.abc import Iterable
from datetime import datetime
from decimal import Decimal
from typing import Final

from attrs import field, frozen

from ..values import usd
from ..values.instants import as_utc
from .position_flow import FlowKind, PositionFlow

_CASH: Final = frozenset({FlowKind.DEPOSIT, FlowKind.WITHDRAWAL})


@frozen
class CashFlow:
    """USD that moved at a time, seen from the investor's pocket: negative is paid in, positive is received."""

    at: datetime = field(converter=as_utc)
    amount_usd: Decimal


def cash_flows(flows: Iterable[PositionFlow]) -> list[CashFlow]:
    """Return the cash flows of positions' flows, the oldest first.

    A deposit is paid in, a withdrawal received. A fee without shares was paid on top; one that was taken in
    shares moved no cash, and shows in what the position is worth, as a rebase does.
    """
    moved = [
        CashFlow(flow.at, _signed_amount(flow))
        for flow in flows
        if flow.kind in _CASH or (flow.kind is FlowKind.FEE and not flow.shares_delta)
    ]
    return sorted(moved, key=lambda flow: flow.at)


def _signed_amount(flow: PositionFlow) -> Decimal:
    amount_usd = usd.rounded(flow.amount_usd)
    return amount_usd if flow.kind is FlowKind.WITHDRAWAL else usd.subtract(usd.ZERO, amount_usd)


def net_cash_flows(flows: Iterable[CashFlow]) -> list[CashFlow]:
    """Return one cash flow for every instant at which money moved on balance, the oldest first."""
    sums: dict[datetime, Decimal] = {}
    for flow in flows:
        sums[flow.at] = usd.add(sums.get(flow.at, usd.ZERO), flow.amount_usd)
    return [CashFlow(at, sums[at]) for at in sorted(sums) if sums[at]]
