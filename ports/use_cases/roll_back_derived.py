"""Takes back what lost transactions of a chain led to: in positions, Safes and payments; see ``roll_back_chain``."""

from collections.abc import Collection
from datetime import UTC, date, datetime
from typing import Final
from uuid import UUID

from attrs import evolve, frozen

from strongroom.domain.positions.ledger import replay
from strongroom.domain.positions.position import Position, PositionStatus
from strongroom.domain.positions.position_flow import PositionFlow
from strongroom.domain.positions.position_valuation import ValuationSource
from strongroom.domain.safes.lost_executions import reopen_transactions
from strongroom.domain.values import usd
from strongroom.domain.values.field_types import MAX_TIMESTAMP

from ..criteria import Criteria, eq, ge, in_
from ..storage import Transaction
from .safe_transactions import review_pending
from .settle_payments import reopen_payment

BY_TRANSACTIONS: Final = Criteria(where=(eq("chain_id"), in_("transaction_hash")))
BY_IDS: Final = Criteria(where=(in_("id"),))
BY_POSITIONS: Final = Criteria(where=(in_("position_id"),))
VALUATIONS_SINCE: Final = Criteria(where=(eq("position_id"), ge("at"), in_("source")))
SNAPSHOTS_SINCE: Final = Criteria(where=(eq("user_id"), ge("day")))
EXECUTED_BY: Final = Criteria(where=(in_("eth_transaction_hash"),))
BY_SAFE_SINCE: Final = Criteria(where=(eq("safe_id"), ge("nonce")))

MADE_FROM_SHARES: Final = [ValuationSource.ONCHAIN, ValuationSource.ORACLE]


@frozen(kw_only=True)
class PositionRollbackResult:
    """The number of rows of each kind deleted, and of positions recomputed."""

    flows: int = 0
    positions: int = 0
    position_states: int = 0
    valuations: int = 0
    snapshots: int = 0


async def roll_back_positions(transaction: Transaction, chain_id: int, hashes: list[str]) -> PositionRollbackResult:
    """Delete the flows of lost transactions and the rows derived from them, and replay their positions.

    Raises what ``replay`` raises if a remaining flow depends on a lost flow.
    """
    lost = await transaction.position_flows.find(BY_TRANSACTIONS, chain_id, hashes)
    positions = {
        position_id: await transaction.positions.lock(position_id)
        for position_id in sorted({flow.position_id for flow in lost})
    }
    # what was recorded while a position was waited for is lost as well
    found = await transaction.position_flows.find(BY_TRANSACTIONS, chain_id, hashes)
    lost = [flow for flow in found if flow.position_id in positions]
    if not lost:
        return PositionRollbackResult()
    await transaction.position_flows.remove_where(BY_IDS, [flow.id for flow in lost])
    left: dict[UUID, list[PositionFlow]] = {position_id: [] for position_id in positions}
    for flow in await transaction.position_flows.find_by_positions([*positions]):
        left[flow.position_id].append(flow)
    since: dict[UUID, datetime] = {}
    days: dict[UUID, date] = {}
    for flow in lost:
        user_id, day = positions[flow.position_id].user_id, flow.at.astimezone(UTC).date()
        since[flow.position_id] = min(flow.at, since.get(flow.position_id, flow.at))
        days[user_id] = min(day, days.get(user_id, day))
    valuations = 0
    for position_id, first in since.items():
        valuations += await transaction.position_valuations.remove_where(
            VALUATIONS_SINCE, position_id, first, MADE_FROM_SHARES
        )
        after = replay(positions[position_id], left[position_id])
        await transaction.positions.update(await _with_latest_valuation(transaction, after, first))
    snapshots = 0
    for user_id, day in sorted(days.items()):
        snapshots += await transaction.portfolio_snapshots.remove_where(SNAPSHOTS_SINCE, user_id, day)
    return PositionRollbackResult(
        flows=len(lost),
        positions=len(since),
        position_states=await transaction.uniswap_v3_positions.remove_where(BY_POSITIONS, [*since]),
        valuations=valuations,
        snapshots=snapshots,
    )


async def _with_latest_valuation(transaction: Transaction, position: Position, first: datetime) -> Position:
    """Return a position at its newest valuation, where it was valued at or after the first flow that was lost."""
    if position.status is PositionStatus.CLOSED or position.valued_at is None or position.valued_at < first:
        return position
    newest = await transaction.position_valuations.as_of(position.id, MAX_TIMESTAMP)
    return evolve(position, value_usd=newest.value_usd if newest else usd.ZERO, valued_at=newest.at if newest else None)


async def roll_back_safes(transaction: Transaction, chain_id: int, hashes: Collection[str]) -> int:
    """Propose again what lost transactions of a chain executed, and what it replaced; return how many changed."""
    executed = await transaction.safe_transactions.find(EXECUTED_BY, sorted(hashes))
    changed = 0
    for safe_id in sorted({each.safe_id for each in executed}):
        safe = await transaction.safes.lock(safe_id)
        if safe.chain_id != chain_id:
            continue
        first = min(each.nonce for each in executed if each.safe_id == safe_id)
        since = await transaction.safe_transactions.find(BY_SAFE_SINCE, safe_id, first)
        undone = reopen_transactions(safe, since, hashes)
        if not undone.transactions:
            continue
        for each in undone.transactions:
            await transaction.safe_transactions.update(each)
        moved = await transaction.safes.update(undone.safe)
        pending = await transaction.safe_transactions.find_pending(safe_id)
        await review_pending(transaction, moved, pending, transaction.safes.now())
        changed += len(undone.transactions)
    return changed


async def roll_back_payments(transaction: Transaction, chain_id: int, hashes: list[str]) -> int:
    """Make payments by lost transactions pending again, and return how many; those refunded stay so."""
    found = await transaction.subscription_transactions.find(BY_TRANSACTIONS, chain_id, hashes)
    in_order = sorted(found, key=lambda payment: (payment.subscription_id, payment.id))
    return sum([await reopen_payment(transaction, payment) for payment in in_order])
