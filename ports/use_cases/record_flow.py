"""Records what went into a position or came out of it, and moves the position's ledger along."""

from typing import Final

from attrs import frozen

from strongroom.domain.positions.ledger import apply_flow, ledger_order, replay
from strongroom.domain.positions.position import Position
from strongroom.domain.positions.position_flow import PositionFlow

from ..criteria import Criteria, asc, eq, ge
from ..repositories.position_flow import CreatePositionFlow
from ..storage import Isolation, Transaction, UnitOfWork

FLOWS_SINCE: Final = Criteria(where=(eq("position_id"), ge("at")), order=(asc("at"),))


@frozen
class RecordedFlow:
    """A flow as recorded, and its position as the flow left it."""

    flow: PositionFlow
    position: Position


async def record_flow(storage: UnitOfWork, command: CreatePositionFlow) -> RecordedFlow:
    """Add a flow and update its position's shares, cost basis and profit, both or neither.

    A flow that is recorded late, after others that come behind it, makes the position be replayed from all of its
    flows. Of two flows recorded at once the second starts again from what the first left. Raises NotFound for
    an unknown position, AlreadyExists when the same log was recorded before (nothing changes then), what
    ``apply_flow`` raises when the ledger refuses the flow, ReferenceMissing for an unknown coin, and Conflict
    when others were faster several times in a row.
    """

    async def work(transaction: Transaction) -> RecordedFlow:
        return await record_flow_in(transaction, command)

    return await storage.run(work, isolation=Isolation.REPEATABLE_READ)


async def record_flow_in(transaction: Transaction, command: CreatePositionFlow) -> RecordedFlow:
    """Record a flow as ``record_flow`` does, as a part of a transaction, which holds the position from here on."""
    before = await transaction.positions.lock(command.position_id)
    flow = await transaction.position_flows.create(command)
    since = await transaction.position_flows.find(FLOWS_SINCE, flow.position_id, flow.at)
    if max(since, key=ledger_order) == flow:
        after = apply_flow(before, flow)
    else:
        after = replay(before, await transaction.position_flows.find_by_position(flow.position_id))
    return RecordedFlow(flow, await transaction.positions.update(after))
