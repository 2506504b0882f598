"""Writes what an indexer has read of new blocks, and moves its checkpoint along: both or neither."""

from collections.abc import Sequence
from typing import Final

from attrs import Factory, frozen

from strongroom.domain.transactions.balance_change import BalanceChange
from strongroom.domain.transactions.block_header import BlockHeader
from strongroom.domain.transactions.eth_transaction import EthTransaction
from strongroom.domain.transactions.indexer_checkpoint import IndexerCheckpoint
from strongroom.domain.transactions.reorganisation import new_headers
from strongroom.domain.transactions.swap import Swap

from ..storage import Isolation, Storage, Transaction

BY_LOG: Final = ("chain_id", "transaction_hash", "log_index")


@frozen(kw_only=True)
class Block:
    """A block and the facts in it, in any order."""

    header: BlockHeader
    transactions: Sequence[EthTransaction] = ()
    balance_changes: Sequence[BalanceChange] = ()
    swaps: Sequence[Swap] = ()


@frozen(kw_only=True)
class Ingested:
    """What a batch brought: the blocks that were new, and how far the stream has come (None: nothing is stored)."""

    new_blocks: Sequence[int] = Factory(tuple)
    checkpoint: IndexerCheckpoint | None = None


async def ingest_blocks(storage: Storage, stream: str, blocks: Sequence[Block]) -> Ingested:
    """Store consecutive blocks of one chain, the lowest first, and move the stream's checkpoint to the last of them.

    Blocks that are stored already are left as they are, so that a batch may come again, or overlap another; of two
    indexers at once the second finds the blocks of the first. A checkpoint never moves back.

    Raises ReorganisationDetected, which names the fork, where the batch does not build on the stored head (roll the
    chain back to the fork, and come again from there), BlocksMissing where it starts beyond the head, HeadersNotLinked
    where it is no chain, and whatever storage raises; nothing is kept then.
    """
    if not blocks:
        return Ingested()
    headers = [block.header for block in blocks]
    chain_id, last = headers[0].chain_id, headers[-1]

    async def work(transaction: Transaction) -> Ingested:
        stored = await transaction.block_headers.find_from(chain_id, max(headers[0].number - 1, 0))
        stored = stored or [head for head in [await transaction.block_headers.head(chain_id)] if head]
        fresh = {header.number for header in new_headers(stored, headers)}
        new = [block for block in blocks if block.header.number in fresh]
        await transaction.block_headers.bulk_upsert([block.header for block in new])
        await transaction.eth_transactions.bulk_upsert([fact for block in new for fact in block.transactions])
        await transaction.balance_changes.bulk_upsert([fact for block in new for fact in block.balance_changes])
        await transaction.swaps.bulk_upsert([fact for block in new for fact in block.swaps], by=BY_LOG)
        return Ingested(new_blocks=sorted(fresh), checkpoint=await _moved(transaction, stream, last))

    return await storage.run(work, isolation=Isolation.REPEATABLE_READ)


async def _moved(transaction: Transaction, stream: str, last: BlockHeader) -> IndexerCheckpoint:
    known = await transaction.indexer_checkpoints.get_many([(last.chain_id, stream)])
    if known and known[0].block_number >= last.number:
        return known[0]
    return await transaction.indexer_checkpoints.upsert(
        IndexerCheckpoint(
            chain_id=last.chain_id,
            stream=stream,
            block_number=last.number,
            block_hash=last.hash,
            updated_at=transaction.swaps.now(),
        )
    )
