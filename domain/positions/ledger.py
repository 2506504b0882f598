"""The ledger of a position: what flows do to its shares, its cost basis and its realised profit.

The cost basis is a pool at average cost (the weighted average cost formula of IAS 2, paragraph 27; the pooled
holding of the UK's Taxation of Chargeable Gains Act 1992, section 104): shares that leave take with them their
part of what all shares cost. No money is lost on the way; after any flows, to the last of 18 places,

    cost basis - realised profit = deposits + fees paid on top - withdrawals

A position that was left may be entered again: its average cost starts anew, and the profit that was realised stays.
Other methods than average cost are those of ``lots``.
"""

from collections.abc import Iterable
from datetime import datetime
from decimal import Decimal
from typing import Final
from uuid import UUID

from attrs import evolve

from ..errors import InvalidValue
from ..values import usd
from .errors import InsufficientShares, PositionClosed
from .position import Position, PositionStatus
from .position_flow import FlowKind, PositionFlow

_KIND_ORDER: Final = {FlowKind.DEPOSIT: 0, FlowKind.REBASE: 1, FlowKind.FEE: 2, FlowKind.WITHDRAWAL: 3}


def ledger_order(flow: PositionFlow) -> tuple[datetime, int, int, int, UUID]:
    """Return the place of a flow among a position's flows, as a sort key.

    By time; at the same time by log index, which counts through a block, flows without one first. Of the
    flows of one log, deposits come before rebases before fees before withdrawals, and the coin that carries the
    shares comes first going in and last going out, so that none meets a position without shares.
    """
    log_index = -1 if flow.log_index is None else flow.log_index
    return flow.at, log_index, _KIND_ORDER[flow.kind], -flow.shares_delta, flow.id


def apply_flow(position: Position, flow: PositionFlow) -> Position:
    """Return the position as the flow leaves it, at average cost (see the module); nothing else of it changes.

    - A deposit adds its shares, and its USD to the cost basis. One without shares (the second coin of a
      deposit into a pool of two) only adds cost. One with shares opens a closed position again.
    - A withdrawal releases the average cost of its shares and realises its USD less that cost. One without
      shares (the second coin, or income that is collected) is all profit.
    - A fee taken in shares realises the loss of their average cost: its USD is what they were worth, and is
      not counted again. A fee without shares was paid on top, from elsewhere: its USD is a realised loss.
    - A rebase adds shares or takes them away, and the cost basis stays what it was; one that takes all of them away
      realises the loss of all that they cost.

    A withdrawal, fee or rebase that leaves no shares closes the position at the flow's time, worth 0; the cost basis
    is exactly 0 then. Otherwise ``value_usd`` stays what it was at ``valued_at``. ``version`` and
    ``updated_at`` are the storage's to set.

    Raises PositionClosed, InsufficientShares (also for income of a position without shares), and InvalidValue
    for a flow of another position, from before it was opened, whose shares have the wrong sign, or that takes
    the position beyond what its fields can hold.
    """
    _require_applicable(position, flow)
    shares = position.shares + flow.shares_delta
    amount_usd = usd.rounded(flow.amount_usd)
    if flow.kind is FlowKind.DEPOSIT:
        cost_basis_usd = usd.add(position.cost_basis_usd, amount_usd)
        return evolve(
            position, shares=shares, cost_basis_usd=cost_basis_usd, status=PositionStatus.ACTIVE, closed_at=None
        )
    if flow.kind is FlowKind.REBASE and shares:
        return evolve(position, shares=shares)

    released = usd.ZERO
    if flow.shares_delta:
        released = usd.proportion(position.cost_basis_usd, -flow.shares_delta, position.shares)
    if flow.kind is FlowKind.WITHDRAWAL:
        gain = usd.subtract(amount_usd, released)
    else:
        gain = usd.subtract(usd.ZERO, released if flow.shares_delta else amount_usd)
    left = evolve(
        position,
        shares=shares,
        cost_basis_usd=usd.subtract(position.cost_basis_usd, released),
        realised_pnl_usd=usd.add(position.realised_pnl_usd, gain),
    )
    if shares or not flow.shares_delta:
        return left
    return evolve(left, status=PositionStatus.CLOSED, closed_at=flow.at, value_usd=usd.ZERO, valued_at=flow.at)


def replay(position: Position, flows: Iterable[PositionFlow]) -> Position:
    """Return the position as its flows alone make it, from the first: shares, cost, profit, open or closed.

    The flows may come in any order; they are applied in ``ledger_order``. What the position's ledger held
    before does not matter; the last valuation stays unless the flows close the position. Raises as
    ``apply_flow`` does.
    """
    position = evolve(
        position,
        status=PositionStatus.ACTIVE,
        shares=0,
        cost_basis_usd=usd.ZERO,
        realised_pnl_usd=usd.ZERO,
        closed_at=None,
    )
    for flow in sorted(flows, key=ledger_order):
        position = apply_flow(position, flow)
    return position


def unrealised_pnl(position: Position) -> Decimal:
    """Return the profit in USD that a sale at the last valuation would realise: value less cost basis."""
    return usd.subtract(position.value_usd, position.cost_basis_usd)


def total_pnl(position: Position) -> Decimal:
    """Return the realised and unrealised profit in USD at the last valuation."""
    return usd.add(position.realised_pnl_usd, unrealised_pnl(position))


def _require_applicable(position: Position, flow: PositionFlow) -> None:
    if flow.position_id != position.id:
        reason = f"the flow belongs to position {flow.position_id}, not to {position.id}"
        raise InvalidValue("PositionFlow", field="position_id", reason=reason)
    if position.status is PositionStatus.CLOSED and flow.kind is not FlowKind.DEPOSIT:
        raise PositionClosed(position.id, position.closed_at)
    if flow.at < position.opened_at:
        reason = f"{flow.at.isoformat()} is before the position was opened, {position.opened_at.isoformat()}"
        raise InvalidValue("PositionFlow", field="at", reason=reason)
    if flow.kind is FlowKind.DEPOSIT:
        if flow.shares_delta < 0:
            raise InvalidValue("PositionFlow", field="shares_delta", reason="a deposit takes no shares out")
        if position.shares + flow.shares_delta == 0:
            reason = "the first deposit into a position brings shares"
            raise InvalidValue("PositionFlow", field="shares_delta", reason=reason)
        return
    if flow.kind is FlowKind.REBASE:
        _require_rebase(position, flow)
        return
    if flow.shares_delta > 0:
        raise InvalidValue("PositionFlow", field="shares_delta", reason=f"a {flow.kind.value} brings no shares")
    if -flow.shares_delta > position.shares or (flow.kind is FlowKind.WITHDRAWAL and not position.shares):
        raise InsufficientShares(position.id, held=position.shares, requested=max(1, -flow.shares_delta))


def _require_rebase(position: Position, flow: PositionFlow) -> None:
    if not flow.shares_delta:
        raise InvalidValue("PositionFlow", field="shares_delta", reason="a rebase changes the shares")
    if not position.shares or -flow.shares_delta > position.shares:
        raise InsufficientShares(position.id, held=position.shares, requested=max(1, -flow.shares_delta))
