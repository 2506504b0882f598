"""Ingestion: each stream stores its facts of every block once, whoever else is at work on the chain."""

import asyncio

import attrs
import pytest

from strongroom.domain.errors import InvalidValue
from strongroom.domain.pricing.coin import Coin
from strongroom.domain.protocols.chain import Chain
from strongroom.domain.transactions.errors import BlocksMissing, ReorganisationDetected
from strongroom.ports.errors import NotFound
from strongroom.ports.storage import Storage
from strongroom.ports.use_cases.ingest_blocks import Block, ingest_blocks
from strongroom.ports.use_cases.roll_back_chain import roll_back_chain
from strongroom.testing.comparing import exact
from strongroom.testing.factory import World

from .blocks import FACTS, Chains
from .conftest import Blocked


@pytest.fixture
async def chains(world: World) -> Chains:
    """A generator of blocks of a chain that is stored."""
    chain = await world.added(Chain)
    coins = await world.several(Coin, 2, chain_id=chain.id)
    return Chains(chain.id, [coin.id for coin in coins])


async def numbers_of(storage: Storage) -> list[int]:
    """Return the numbers of the headers that are stored."""
    return [header.number for header in await storage.block_headers.find()]


async def test_streams_bring_their_own_facts_of_the_same_blocks(storage: Storage, chains: Chains) -> None:
    """A stream of swaps comes after one of transactions: both are stored whole, and each has its own checkpoint."""
    blocks = chains.branch("one", 10, 8)
    bare = [attrs.evolve(block, balance_changes=(), swaps=()) for block in blocks]
    await ingest_blocks(storage, "transactions", bare)
    await ingest_blocks(storage, "changes", [attrs.evolve(block, transactions=(), swaps=()) for block in blocks])
    await ingest_blocks(storage, "swaps", [Block(header=block.header, swaps=block.swaps) for block in blocks])
    for name in FACTS[1:]:
        wanted = sum(len(getattr(block, {"eth_transactions": "transactions"}.get(name, name))) for block in blocks)
        assert await getattr(storage, name).count() == wanted


async def test_a_stream_skips_no_block(storage: Storage, chains: Chains) -> None:
    """A stream that is behind the chain's head goes on from its own checkpoint, and nowhere above it."""
    blocks = chains.branch("one", 10, 8)
    await ingest_blocks(storage, "fast", blocks)
    await ingest_blocks(storage, "slow", blocks[:2])
    with pytest.raises(BlocksMissing) as caught:
        await ingest_blocks(storage, "slow", blocks[3:5])
    assert (caught.value.head, caught.value.first) == (11, 13)


@pytest.mark.parametrize("kind", ["transactions", "balance_changes", "swaps"])
async def test_a_fact_of_another_block_is_refused(storage: Storage, chains: Chains, kind: str) -> None:
    """A fact that names another block than it came with would outlive its block: it is refused, with the field."""
    block = next(block for block in chains.branch("one", 10, 8) if block.swaps)
    fact = getattr(block, kind)[0]
    for field, value in (
        ("chain_id", fact.chain_id + 1),
        ("block_number", fact.block_number - 1),
        ("block_hash", "0x" + "7" * 64),
    ):
        bad = attrs.evolve(block, **{kind: [attrs.evolve(fact, **{field: value})]})
        with pytest.raises(InvalidValue) as caught:
            await ingest_blocks(storage, "blocks", [bad])
        assert (caught.value.entity, caught.value.field) == (type(fact).__name__, field)


async def test_a_rollback_waits_for_an_ingestion_that_is_under_way(
    storage: Storage, chains: Chains, blocked: Blocked
) -> None:
    """No block is left above the one to which a chain is rolled back, nor a checkpoint, whoever was faster."""
    blocks = chains.branch("one", 10, 8)
    await ingest_blocks(storage, "blocks", blocks[:5])
    for first in (ingest_blocks, roll_back_chain):
        await roll_back_chain(storage, chains.chain_id, 14)
        rolling = roll_back_chain(storage, chains.chain_id, 12)
        reading = ingest_blocks(storage, "other", blocks[4:])
        calls = [reading, rolling] if first is ingest_blocks else [rolling, reading]
        await asyncio.gather(*calls, return_exceptions=True)
        left = await numbers_of(storage)
        assert left == list(range(10, 10 + len(left)))
        assert all(row.block_number <= left[-1] for row in await storage.indexer_checkpoints.find())
        await ingest_blocks(storage, "blocks", blocks[len(left) - 1 : 5])
