"""The cost basis of a position by lots: first in first out, last in first out, highest cost first, or average cost.

The stored ledger is at average cost; a report may state another method. Every deposit with shares is a lot. Shares that
leave are taken from lots in the method's order, and realise what they cost there; the rest of a lot keeps the rest of
its cost, so that no money is lost on the way, under any method:

    cost basis - realised profit = deposits + fees paid on top - withdrawals
"""

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from decimal import Decimal
from enum import Enum
from fractions import Fraction
from typing import Final

from attrs import evolve, frozen

from ..values import usd
from .ledger import apply_flow, ledger_order, replay
from .position import Position, PositionStatus
from .position_flow import FlowKind, PositionFlow


class CostMethod(Enum):
    """Which shares leave first, and with them which cost."""

    AVERAGE = "average"
    FIFO = "fifo"
    LIFO = "lifo"
    HIFO = "hifo"


@frozen(kw_only=True)
class Lot:
    """Shares that were bought together, and what those that are left of them cost in USD."""

    at: datetime
    shares: int
    cost_usd: Decimal


@frozen(kw_only=True)
class LotLedger:
    """A position by its flows under a method: the lots that are left, the oldest first, and the profit realised."""

    lots: tuple[Lot, ...] = ()
    realised_pnl_usd: Decimal = usd.ZERO

    @property
    def cost_basis_usd(self) -> Decimal:
        """What the shares that are left cost."""
        return usd.total(lot.cost_usd for lot in self.lots)


_ORDERS: Final[dict[CostMethod, Callable[[tuple[int, Lot]], tuple[Fraction | int, int]]]] = {
    CostMethod.FIFO: lambda placed: (0, placed[0]),
    CostMethod.LIFO: lambda placed: (0, -placed[0]),
    CostMethod.HIFO: lambda placed: (-Fraction(placed[1].cost_usd) / placed[1].shares, placed[0]),
}
"""In which order lots are used up, by their place from the oldest; of equally dear lots the oldest comes first."""


def replay_by_method(position: Position, flows: Iterable[PositionFlow], method: CostMethod) -> Position:
    """Return the position as its flows make it, with cost basis and realised profit by a method.

    Shares, status and times are those of ``replay``; so are the errors.
    """
    known = sorted(flows, key=ledger_order)
    if method is CostMethod.AVERAGE:
        return replay(position, known)
    ledger = lot_ledger(position, known, method)
    return evolve(
        replay(position, known), cost_basis_usd=ledger.cost_basis_usd, realised_pnl_usd=ledger.realised_pnl_usd
    )


def lot_ledger(position: Position, flows: Iterable[PositionFlow], method: CostMethod) -> LotLedger:
    """Return the lots of a position by its flows, in whatever order they come.

    At average cost there is one lot, of all shares. A deposit without shares (the second coin of a deposit) adds its
    cost to the newest lot. A rebase changes every lot in proportion. Raises as ``apply_flow`` does.
    """
    state = evolve(
        position,
        status=PositionStatus.ACTIVE,
        shares=0,
        cost_basis_usd=usd.ZERO,
        realised_pnl_usd=usd.ZERO,
        closed_at=None,
    )
    ledger = LotLedger()
    for flow in sorted(flows, key=ledger_order):
        state = apply_flow(state, flow)
        ledger = _apply(ledger, flow, method)
    return ledger


def _apply(ledger: LotLedger, flow: PositionFlow, method: CostMethod) -> LotLedger:
    amount_usd = usd.rounded(flow.amount_usd)
    if flow.kind is FlowKind.DEPOSIT:
        return evolve(ledger, lots=_with_deposit(ledger.lots, flow, amount_usd, method))
    if flow.kind is FlowKind.REBASE:
        return _realise(ledger, _rebased(ledger.lots, flow.shares_delta), usd.ZERO)
    if not flow.shares_delta:
        gain = amount_usd if flow.kind is FlowKind.WITHDRAWAL else usd.subtract(usd.ZERO, amount_usd)
        return evolve(ledger, realised_pnl_usd=usd.add(ledger.realised_pnl_usd, gain))
    received = amount_usd if flow.kind is FlowKind.WITHDRAWAL else usd.ZERO
    return _realise(ledger, _without(ledger.lots, -flow.shares_delta, method), received)


def _realise(ledger: LotLedger, lots: tuple[Lot, ...], received_usd: Decimal) -> LotLedger:
    left = evolve(ledger, lots=lots)
    gain = usd.subtract(received_usd, usd.subtract(ledger.cost_basis_usd, left.cost_basis_usd))
    return evolve(left, realised_pnl_usd=usd.add(ledger.realised_pnl_usd, gain))


def _with_deposit(
    lots: tuple[Lot, ...], flow: PositionFlow, amount_usd: Decimal, method: CostMethod
) -> tuple[Lot, ...]:
    if lots and (not flow.shares_delta or method is CostMethod.AVERAGE):
        newest = lots[-1]
        cost_usd = usd.add(newest.cost_usd, amount_usd)
        return (*lots[:-1], evolve(newest, shares=newest.shares + flow.shares_delta, cost_usd=cost_usd))
    return (*lots, Lot(at=flow.at, shares=flow.shares_delta, cost_usd=amount_usd))


def _without(lots: Sequence[Lot], shares: int, method: CostMethod) -> tuple[Lot, ...]:
    """Return the lots that are left when so many shares are taken in the method's order."""
    left = dict(enumerate(lots))
    for place, lot in sorted(left.items(), key=_ORDERS.get(method, _ORDERS[CostMethod.FIFO])):
        taken = min(shares, lot.shares)
        shares -= taken
        cost_usd = usd.subtract(lot.cost_usd, usd.proportion(lot.cost_usd, taken, lot.shares))
        left[place] = evolve(lot, shares=lot.shares - taken, cost_usd=cost_usd)
    return tuple(lot for lot in left.values() if lot.shares)


def _rebased(lots: Sequence[Lot], delta: int) -> tuple[Lot, ...]:
    """Return the lots in proportion to the shares there are then; those that have none any more are left out.

    Shares are rounded down along the running total, so that they add up. The cost of a lot that vanishes goes to the
    next one that is left, or to the last.
    """
    before = sum(lot.shares for lot in lots)
    after = before + delta
    rebased: list[Lot] = []
    carried = usd.ZERO
    seen = given = 0
    for lot in lots:
        seen += lot.shares
        shares = after * seen // before - given
        given += shares
        carried = usd.add(carried, lot.cost_usd)
        if shares:
            rebased.append(evolve(lot, shares=shares, cost_usd=carried))
            carried = usd.ZERO
    if rebased and carried:
        rebased[-1] = evolve(rebased[-1], cost_usd=usd.add(rebased[-1].cost_usd, carried))
    return tuple(rebased)
