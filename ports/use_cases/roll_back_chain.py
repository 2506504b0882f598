"""Takes back what was read of a chain above a block, when the chain was reorganised.

What happens to what is of the blocks above it, or came of them:

- Headers, transactions, balance changes and swaps are deleted.
- Flows of positions that a log of a deleted transaction told are deleted, and the positions replayed from the flows
  that are left. One that was closed and is open again has its last valuation again.
- Snapshots of the portfolios of those positions' users are deleted from the day of the first such flow on: the next
  run takes them again.
- States of pools (Uniswap, Yearn, Morpho) are deleted, to be read anew; ``indexed_block`` of pools is set back.
- Payments of subscriptions by a deleted transaction are pending again: it may be mined a second time.
- Checkpoints of all streams are set back to the block, or deleted where the block is not stored.

Prices and valuations are observations at a time, not facts of a block, and stay.
"""

from collections.abc import Iterable
from datetime import UTC, date
from typing import Final
from uuid import UUID

from attrs import evolve, frozen

from strongroom.domain.positions.ledger import replay
from strongroom.domain.positions.position import PositionStatus
from strongroom.domain.positions.position_flow import PositionFlow
from strongroom.domain.transactions.subscription_transaction import PaymentStatus
from strongroom.domain.values import usd
from strongroom.domain.values.kinds import LATEST

from ..criteria import Criteria, among, asc, eq, ge, gt
from ..storage import Isolation, Storage, Transaction

TRANSACTIONS_ABOVE: Final = Criteria(
    where=(eq("chain_id"), gt("block_number")), order=(asc("block_number"), asc("transaction_index"))
)
OF_TRANSACTIONS: Final = Criteria(where=(eq("chain_id"), among("transaction_hash")))
SNAPSHOTS_SINCE: Final = Criteria(where=(eq("user_id"), ge("day")))
POOLS_READ_BEYOND: Final = Criteria(where=(eq("chain_id"), gt("indexed_block")))
STATES_ABOVE: Final = Criteria(where=(among("pool_id"), gt("block_number")))
POOLS_OF: Final = Criteria(where=(eq("chain_id"),))
STATES: Final = ("uniswap_v3_pools", "uniswap_v2_pairs", "yearn_vaults", "morpho_vaults")


@frozen(kw_only=True)
class RolledBack:
    """How many rows were deleted, and how many were set back."""

    headers: int
    transactions: int
    balance_changes: int
    swaps: int
    flows: int
    positions_replayed: int
    snapshots: int
    pool_states: int
    pools_set_back: int
    payments_set_back: int
    checkpoints_set_back: int


async def roll_back_chain(storage: Storage, chain_id: int, to_block: int) -> RolledBack:
    """Delete all facts of a chain above a block and what was derived from them, in one transaction; see the module.

    With nothing above the block nothing changes. Raises InvalidValue for a block or chain that cannot be, and Conflict
    when others wrote at the same time several times in a row; nothing is changed then.
    """

    async def work(transaction: Transaction) -> RolledBack:
        checkpoints = await _set_back_checkpoints(transaction, chain_id, to_block)
        gone = await transaction.eth_transactions.find(TRANSACTIONS_ABOVE, chain_id, to_block)
        hashes = [found.hash for found in gone]
        flows = await _remove_flows(transaction, chain_id, hashes)
        positions, snapshots = await _replay_positions(transaction, flows)
        states, pools = await _set_back_pools(transaction, chain_id, to_block)
        return RolledBack(
            checkpoints_set_back=checkpoints,
            flows=len(flows),
            positions_replayed=positions,
            snapshots=snapshots,
            pool_states=states,
            pools_set_back=pools,
            payments_set_back=await _set_back_payments(transaction, chain_id, hashes),
            swaps=await transaction.swaps.remove_above(chain_id, to_block),
            balance_changes=await transaction.balance_changes.remove_above(chain_id, to_block),
            transactions=await transaction.eth_transactions.remove_above(chain_id, to_block),
            headers=await transaction.block_headers.remove_above(chain_id, to_block),
        )

    return await storage.run(work, isolation=Isolation.REPEATABLE_READ)


async def _set_back_checkpoints(transaction: Transaction, chain_id: int, to_block: int) -> int:
    """Set the checkpoints back first: an indexer at work meanwhile has to begin again."""
    found = await transaction.indexer_checkpoints.find_by_chain(chain_id)
    beyond = [checkpoint for checkpoint in found if checkpoint.block_number > to_block]
    header = next(iter(await transaction.block_headers.get_many([(chain_id, to_block)])), None)
    for checkpoint in beyond:
        if header is None:
            await transaction.indexer_checkpoints.remove((chain_id, checkpoint.stream))
        else:
            back = evolve(checkpoint, block_number=header.number, block_hash=header.hash)
            await transaction.indexer_checkpoints.update(back)
    return len(beyond)


async def _remove_flows(transaction: Transaction, chain_id: int, hashes: list[str]) -> list[PositionFlow]:
    flows = await transaction.position_flows.find(OF_TRANSACTIONS, chain_id, hashes)
    if flows:
        await transaction.position_flows.remove_where(OF_TRANSACTIONS, chain_id, hashes)
    return flows


async def _replay_positions(transaction: Transaction, removed: Iterable[PositionFlow]) -> tuple[int, int]:
    """Replay the positions of removed flows from those that are left; return how many, and the snapshots deleted."""
    first_days: dict[UUID, date] = {}
    ids = sorted({flow.position_id for flow in removed})
    positions = {position.id: position for position in await transaction.positions.get_many(ids)}
    left: dict[UUID, list[PositionFlow]] = {position_id: [] for position_id in ids}
    for flow in await transaction.position_flows.find_by_positions(ids):
        left[flow.position_id].append(flow)
    for flow in removed:
        user_id, day = positions[flow.position_id].user_id, flow.at.astimezone(UTC).date()
        first_days[user_id] = min(day, first_days.get(user_id, day))
    for position_id, position in positions.items():
        after = replay(position, left[position_id])
        if position.status is PositionStatus.CLOSED and after.status is PositionStatus.ACTIVE:
            newest = await transaction.position_valuations.as_of(position_id, LATEST)
            value, at = (newest.value_usd, newest.at) if newest else (usd.ZERO, None)
            after = evolve(after, value_usd=value, valued_at=at)
        await transaction.positions.update(after)
    snapshots = 0
    for user_id, day in sorted(first_days.items()):
        snapshots += await transaction.portfolio_snapshots.remove_where(SNAPSHOTS_SINCE, user_id, day)
    return len(positions), snapshots


async def _set_back_pools(transaction: Transaction, chain_id: int, to_block: int) -> tuple[int, int]:
    """Return how many states were deleted and how many pools were set back."""
    ids = [pool.id for pool in await transaction.pools.find(POOLS_OF, chain_id)]
    states = 0
    for repository in STATES:
        states += await getattr(transaction, repository).remove_where(STATES_ABOVE, ids, to_block)
    beyond = await transaction.pools.find(POOLS_READ_BEYOND, chain_id, to_block)
    for pool in beyond:
        await transaction.pools.update(evolve(pool, indexed_block=to_block))
    return states, len(beyond)


async def _set_back_payments(transaction: Transaction, chain_id: int, hashes: list[str]) -> int:
    payments = await transaction.subscription_transactions.find(OF_TRANSACTIONS, chain_id, hashes)
    confirmed = [payment for payment in payments if payment.status is PaymentStatus.CONFIRMED]
    for payment in confirmed:
        await transaction.subscription_transactions.update(evolve(payment, status=PaymentStatus.PENDING))
    return len(confirmed)
