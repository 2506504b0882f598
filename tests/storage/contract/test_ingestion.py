"""Ingestion: each stream stores its facts of every block once, whoever else is at work on the chain."""

import asyncio
from decimal import Decimal
from typing import Any

import attrs
import pytest

from strongroom.domain.errors import InvalidValue
from strongroom.domain.positions.position import Position, PositionStatus
from strongroom.domain.positions.position_flow import FlowKind
from strongroom.domain.transactions.errors import BlocksMissing
from strongroom.ports.repositories.position_flow import CreatePositionFlow
from strongroom.ports.storage import Storage
from strongroom.ports.use_cases.ingest_blocks import Block, ingest_blocks
from strongroom.ports.use_cases.roll_back_chain import roll_back_chain
from strongroom.testing.factory import START_TIME, World

from .blocks import FACTS, Chains
from .conftest import Blocked


async def numbers_of(storage: Storage) -> list[int]:
    """Return the numbers of the headers that are stored."""
    return [header.number for header in await storage.block_headers.find()]


async def test_streams_write_their_own_facts_of_the_same_blocks(storage: Storage, chains: Chains) -> None:
    """A stream of swaps comes after one of transactions: both are stored whole, and each has its own checkpoint."""
    blocks = chains.branch("one", 10, 8)
    bare = [attrs.evolve(block, balance_changes=(), swaps=()) for block in blocks]
    await ingest_blocks(storage, "transactions", bare)
    await ingest_blocks(storage, "changes", [attrs.evolve(block, transactions=(), swaps=()) for block in blocks])
    await ingest_blocks(storage, "swaps", [Block(header=block.header, swaps=block.swaps) for block in blocks])
    for name in FACTS[1:]:
        wanted = sum(len(getattr(block, {"eth_transactions": "transactions"}.get(name, name))) for block in blocks)
        assert await getattr(storage, name).count() == wanted


async def test_a_gap_between_blocks_is_refused(storage: Storage, chains: Chains) -> None:
    """A stream that is behind the chain's head goes on from its own checkpoint, and nowhere above it."""
    blocks = chains.branch("one", 10, 8)
    await ingest_blocks(storage, "fast", blocks)
    await ingest_blocks(storage, "slow", blocks[:2])
    with pytest.raises(BlocksMissing) as caught:
        await ingest_blocks(storage, "slow", blocks[3:5])
    assert (caught.value.head, caught.value.first) == (11, 13)


@pytest.mark.parametrize("facts", ["transactions", "balance_changes", "swaps"])
async def test_a_fact_of_another_block_is_refused(storage: Storage, chains: Chains, facts: str) -> None:
    """A fact that names another block than it came with would outlive its block: it is refused, with the field."""
    block = next(block for block in chains.branch("one", 10, 8) if block.swaps)
    fact = getattr(block, facts)[0]
    for field, value in (
        ("chain_id", fact.chain_id + 1),
        ("block_number", fact.block_number - 1),
        ("block_hash", "0x" + "7" * 64),
    ):
        given: dict[str, Any] = {facts: [attrs.evolve(fact, **{field: value})]}
        bad = attrs.evolve(block, **given)
        with pytest.raises(InvalidValue) as caught:
            await ingest_blocks(storage, "blocks", [bad])
        assert (caught.value.entity, caught.value.field) == (type(fact).__name__, field)


async def test_concurrent_ingestion_of_a_chain_waits_and_continues(
    storage: Storage, chains: Chains, blocked: Blocked
) -> None:
    """A rollback and an ingestion each wait for whoever holds the chain, and see what it has stored."""
    blocks = chains.branch("one", 10, 8)
    await ingest_blocks(storage, "blocks", blocks[:5])
    async with storage.transaction() as transaction:
        await transaction.chains.lock(chains.chain_id)
        reading = await blocked(ingest_blocks(storage, "blocks", blocks[4:]))
        await transaction.block_headers.remove_above(chains.chain_id, 12)
        checkpoint = await transaction.indexer_checkpoints.get((chains.chain_id, "blocks"))
        back = attrs.evolve(checkpoint, block_number=12, block_hash=blocks[2].header.hash)
        await transaction.indexer_checkpoints.update(back)
    with pytest.raises(BlocksMissing):
        await reading
    assert await numbers_of(storage) == [10, 11, 12]
    async with storage.transaction() as transaction:
        await transaction.chains.lock(chains.chain_id)
        rolling = await blocked(roll_back_chain(storage, chains.chain_id, 12))
        await transaction.block_headers.bulk_upsert([block.header for block in blocks[3:]])
    assert (await rolling).headers == 5
    assert await numbers_of(storage) == [10, 11, 12]


@pytest.mark.parametrize("first", ["ingestion", "rollback"])
async def test_an_ingestion_and_a_rollback_at_once_leave_no_hole(storage: Storage, chains: Chains, first: str) -> None:
    """No block is missing below another, and no checkpoint is above the head, whoever was faster."""
    blocks = chains.branch("one", 10, 8)
    for _ in range(5):
        await roll_back_chain(storage, chains.chain_id, 0)
        await ingest_blocks(storage, "blocks", blocks[:5])
        rolling = roll_back_chain(storage, chains.chain_id, 12)
        reading = ingest_blocks(storage, "other", blocks[5:])
        await asyncio.gather(
            *([reading, rolling] if first == "ingestion" else [rolling, reading]), return_exceptions=True
        )
        left = await numbers_of(storage)
        assert left == list(range(10, 10 + len(left)))
        assert all(row.block_number <= left[-1] for row in await storage.indexer_checkpoints.find())


async def test_flows_of_a_block_move_their_positions_once(storage: Storage, chains: Chains, world: World) -> None:
    """A flow comes with its block and is recorded once, however often the block comes; of no other transaction."""
    position, flow, block = await a_flow(chains, world)
    for stream in ("blocks", "blocks", "flows"):
        await ingest_blocks(storage, stream, [attrs.evolve(block, flows=[flow])])
        assert (await storage.positions.get(position.id)).shares == 100
        assert await storage.position_flows.count() == 1
    for field, value in (("transaction_hash", "0x" + "8" * 64), ("transaction_hash", None), ("chain_id", 9)):
        given: dict[str, Any] = {field: value}
        with pytest.raises(InvalidValue) as caught:
            await ingest_blocks(storage, "blocks", [attrs.evolve(block, flows=[attrs.evolve(flow, **given)])])
        assert (caught.value.entity, caught.value.field) == ("PositionFlow", field)
    assert await storage.position_flows.count() == 1


async def a_flow(chains: Chains, world: World) -> tuple[Position, CreatePositionFlow, Block]:
    """Return a position without shares, a deposit of 100 shares into it, and the block of its transaction."""
    ledger = {"shares": 0, "cost_basis_usd": Decimal(0), "realised_pnl_usd": Decimal(0), "closed_at": None}
    position = await world.added(Position, opened_at=START_TIME, status=PositionStatus.ACTIVE, **ledger)
    block = next(block for block in chains.branch("one", 10, 8) if block.transactions)
    flow = CreatePositionFlow(
        position_id=position.id,
        coin_id=chains.coins[0],
        kind=FlowKind.DEPOSIT,
        amount=5,
        amount_usd=Decimal(10),
        shares_delta=100,
        chain_id=chains.chain_id,
        transaction_hash=block.transactions[0].hash,
        log_index=3,
        at=block.header.at,
    )
    return position, flow, block
