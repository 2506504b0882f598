"""Writes what an indexer has read of new blocks, and moves its checkpoint along: both or neither.

What is stored of a chain is decided while its row is held: of two indexers, or an indexer and a rollback, the second
waits, and goes on from what the first has left. Whoever writes facts of blocks in another way holds the chain as well.
"""

from collections.abc import Iterable, Sequence
from typing import Any, Final

from attrs import Factory, frozen

from strongroom.domain.errors import InvalidValue
from strongroom.domain.positions.position_flow import PositionFlow
from strongroom.domain.transactions.balance_change import BalanceChange
from strongroom.domain.transactions.block_header import BlockHeader
from strongroom.domain.transactions.eth_transaction import EthTransaction
from strongroom.domain.transactions.indexer_checkpoint import IndexerCheckpoint
from strongroom.domain.transactions.reorganisation import new_headers, require_continues
from strongroom.domain.transactions.swap import Swap

from ..criteria import Criteria, eq, in_
from ..repositories.position_flow import CreatePositionFlow
from ..storage import Transaction, UnitOfWork
from .record_flow import record_flow_in

BY_LOG: Final = ("chain_id", "transaction_hash", "log_index")
FACTS: Final[tuple[tuple[str, str, tuple[str, ...] | None], ...]] = (
    ("transactions", "eth_transactions", None),
    ("balance_changes", "balance_changes", None),
    ("swaps", "swaps", BY_LOG),
)
"""The facts of a block, their repositories, and the unique keys that tell them (None: the key)."""
FLOWS_BY_TRANSACTIONS: Final = Criteria(where=(eq("chain_id"), in_("transaction_hash")))


@frozen(kw_only=True)
class Block:
    """A block and the facts in it, in any order; a stream gives the kinds that it reads.

    The transactions of flows are among the block's, or stored before.
    """

    header: BlockHeader
    transactions: Sequence[EthTransaction] = ()
    balance_changes: Sequence[BalanceChange] = ()
    swaps: Sequence[Swap] = ()
    flows: Sequence[CreatePositionFlow] = ()


@frozen(kw_only=True)
class IngestResult:
    """The result of a batch: the new blocks, and the last block of the stream (None if the batch was empty)."""

    new_blocks: Sequence[int] = Factory(tuple)
    checkpoint: IndexerCheckpoint | None = None


async def ingest_blocks(storage: UnitOfWork, stream: str, blocks: Sequence[Block]) -> IngestResult:
    """Store consecutive blocks of one chain, the lowest first, and move the stream's checkpoint to the last of them.

    Batches may come again, or overlap: what is stored of a block is left as it is, and what another stream reads of it
    is added. A stream begins anywhere up to the block after the chain's head, and then leaves no block out. Flows move
    their positions' ledgers along. A checkpoint never moves back.

    Raises NotFound for an unknown chain; ReorganisationDetected, which names the fork, where the batch does not build
    on what is stored (roll the chain back to the fork, and come again from there); BlocksMissing where it starts
    beyond the head or the stream's next block; HeadersNotLinked if they are not linked; InvalidValue for a fact of
    another block; what ``record_flow`` raises, and whatever storage raises. Nothing is kept then.
    """
    if not blocks:
        return IngestResult()
    headers = [block.header for block in blocks]
    for block in blocks:
        _require_own_facts(block)

    async def work(transaction: Transaction) -> IngestResult:
        chain_id, first, last = headers[0].chain_id, headers[0].number, headers[-1]
        await transaction.chains.lock(chain_id)
        stored = await transaction.block_headers.find_between(chain_id, max(first - 1, 0), last.number + 1)
        head = await transaction.block_headers.head(chain_id)
        fresh = new_headers([*stored, *([head] if head else [])], headers)
        reached = next(iter(await transaction.indexer_checkpoints.get_many([(chain_id, stream)])), None)
        if reached:
            require_continues(reached, headers)
        await transaction.block_headers.bulk_upsert(fresh)
        await _write_facts(transaction, blocks, {header.number for header in fresh})
        for block in blocks:
            await _record_flows(transaction, block)
        if reached is None or reached.block_number < last.number:
            reached = await transaction.indexer_checkpoints.upsert(
                IndexerCheckpoint(
                    chain_id=chain_id,
                    stream=stream,
                    block_number=last.number,
                    block_hash=last.hash,
                    updated_at=transaction.swaps.now(),
                )
            )
        return IngestResult(new_blocks=[header.number for header in fresh], checkpoint=reached)

    return await storage.run(work)


async def _write_facts(transaction: Transaction, blocks: Iterable[Block], fresh: set[int]) -> None:
    """Write the facts of new blocks over whatever is stored, and of stored blocks those that are not."""
    for facts, repository, by in FACTS:
        found: dict[bool, list[Any]] = {True: [], False: []}
        for block in blocks:
            found[block.header.number in fresh] += getattr(block, facts)
        await getattr(transaction, repository).bulk_upsert(found[True], by=by)
        await getattr(transaction, repository).bulk_add_missing(found[False], by=by)


async def _record_flows(transaction: Transaction, block: Block) -> None:
    if not block.flows:
        return
    chain_id = block.header.chain_id
    hashes = sorted({flow.transaction_hash for flow in block.flows if flow.transaction_hash})
    within = await transaction.eth_transactions.get_many([(chain_id, each) for each in hashes])
    mined = {found.hash for found in within if found.block_hash == block.header.hash}
    known = {_log_key(flow) for flow in await transaction.position_flows.find(FLOWS_BY_TRANSACTIONS, chain_id, hashes)}
    for flow in block.flows:
        if flow.transaction_hash not in mined:
            reason = f"{flow.transaction_hash} is no transaction that is stored of block {block.header.number}"
            raise InvalidValue("PositionFlow", field="transaction_hash", reason=reason)
        if _log_key(flow) not in known:
            await record_flow_in(transaction, flow)


def _log_key(flow: CreatePositionFlow | PositionFlow) -> tuple[Any, ...]:
    return flow.transaction_hash, flow.log_index, flow.kind, flow.coin_id


def _require_own_facts(block: Block) -> None:
    """Raise InvalidValue for a fact of another block, which would outlive this one."""
    header = block.header
    own = {"chain_id": header.chain_id, "block_number": header.number, "block_hash": header.hash}
    for facts, _, _ in FACTS:
        for fact in getattr(block, facts):
            for field, value in own.items():
                if getattr(fact, field) != value:
                    reason = f"{getattr(fact, field)} is not that of its block, {value}"
                    raise InvalidValue(type(fact).__name__, field=field, reason=reason)
    for flow in block.flows:
        if flow.chain_id != header.chain_id:
            reason = f"{flow.chain_id} is not that of its block, {header.chain_id}"
            raise InvalidValue("PositionFlow", field="chain_id", reason=reason)
