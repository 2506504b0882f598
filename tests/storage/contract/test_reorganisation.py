"""Reorganisations: what is left after one is what the canonical chain alone would have left."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from strongroom.domain.transactions.errors import BlocksMissing, HeadersNotLinked, ReorganisationDetected
from strongroom.ports.errors import ReferenceMissing
from strongroom.ports.storage import Storage
from strongroom.ports.use_cases.ingest_blocks import Block, ingest_blocks
from strongroom.ports.use_cases.roll_back_chain import RollbackResult, roll_back_chain
from strongroom.testing.comparison import exact_form

from .blocks import ADDRESSES, FACTS, Chains
from .property_settings import RELAXED, few

DEPTH = 12


async def contents(storage: Storage) -> dict[str, Any]:
    """Return every fact of every chain, and how far each stream has come."""
    found: dict[str, Any] = {name: exact_form(await getattr(storage, name).find()) for name in FACTS}
    found["checkpoints"] = [
        (row.stream, row.block_number, row.block_hash) for row in await storage.indexer_checkpoints.find()
    ]
    return found


async def empty(storage: Storage, chains: Chains) -> None:
    """Take all blocks away."""
    await roll_back_chain(storage, chains.chain_id, 0)
    assert {len(rows) for name, rows in (await contents(storage)).items() if name != "checkpoints"} == {1}


async def test_a_reorganisation_of_twelve_blocks_leaves_the_canonical_chain_alone(
    storage: Storage, chains: Chains
) -> None:
    """The error names the fork, and after the way back from there nothing of the branch that lost is left."""
    shared = chains.branch("shared", 100, 20)
    lost = chains.branch("lost", 120, DEPTH, shared[-1].header.hash)
    won = chains.branch("won", 120, DEPTH + 3, shared[-1].header.hash)
    await ingest_blocks(storage, "blocks", shared)
    await ingest_blocks(storage, "blocks", lost)
    before = await contents(storage)
    batch = [*shared[-2:], *won]
    with pytest.raises(ReorganisationDetected) as caught:
        await ingest_blocks(storage, "blocks", batch)
    assert (caught.value.fork_number, caught.value.conflict_number) == (119, 120)
    assert await contents(storage) == before
    done = await roll_back_chain(storage, chains.chain_id, 119)
    assert (done.headers, done.checkpoints_set_back) == (DEPTH, 1)
    assert (await storage.indexer_checkpoints.get((chains.chain_id, "blocks"))).block_hash == shared[-1].header.hash
    assert (await ingest_blocks(storage, "blocks", batch)).new_blocks == [block.header.number for block in won]
    after = await contents(storage)
    await empty(storage, chains)
    await ingest_blocks(storage, "blocks", [*shared, *won])
    assert after == await contents(storage)


@few(10)
@given(
    shared=st.integers(1, 5),
    lost=st.integers(1, 5),
    won=st.integers(1, 5),
    reach=st.integers(0, 5),
    sizes=st.lists(st.integers(1, 4), min_size=1, max_size=3),
)
async def test_any_reorganisation_leaves_the_canonical_chain_alone(
    storage: Storage, chains: Chains, shared: int, lost: int, won: int, reach: int, sizes: list[int]
) -> None:
    """However long the branches, and however the blocks come in: what was ingested twice is there once."""
    await empty(storage, chains)
    trunk = chains.branch("trunk", 1, shared)
    parent = trunk[-1].header.hash
    old, new = chains.branch("old", shared + 1, lost, parent), chains.branch("new", shared + 1, won, parent)
    for batch in in_batches([*trunk, *old], sizes):
        await ingest_blocks(storage, "blocks", batch)
        await ingest_blocks(storage, "blocks", batch)
    wanted = [*trunk[max(0, shared - reach) :], *new]
    with pytest.raises(ReorganisationDetected) as caught:
        await ingest_blocks(storage, "blocks", wanted)
    assert caught.value.fork_number == shared
    await roll_back_chain(storage, chains.chain_id, caught.value.fork_number)
    for batch in in_batches(wanted, sizes):
        await ingest_blocks(storage, "blocks", batch)
    after = await contents(storage)
    await empty(storage, chains)
    await ingest_blocks(storage, "blocks", [*trunk, *new])
    assert after == await contents(storage)


def in_batches(blocks: Sequence[Block], sizes: Sequence[int]) -> list[list[Block]]:
    """Return the blocks in batches of the sizes, again and again."""
    batches: list[list[Block]] = []
    start = 0
    while start < len(blocks):
        size = sizes[len(batches) % len(sizes)]
        batches.append([*blocks[start : start + size]])
        start += size
    return batches


async def test_a_fork_below_the_batch_is_said_to_be_below(storage: Storage, chains: Chains) -> None:
    """A batch that shares no block with what is stored names the lowest block that differs, and no fork."""
    await ingest_blocks(storage, "blocks", chains.branch("one", 10, 5))
    with pytest.raises(ReorganisationDetected) as caught:
        await ingest_blocks(storage, "blocks", chains.branch("other", 12, 5))
    assert (caught.value.fork_number, caught.value.conflict_number) == (None, 11)


async def test_unlinked_headers_and_gaps_are_refused(storage: Storage, chains: Chains) -> None:
    """Blocks that do not follow one another, or not what is stored, are refused and leave nothing."""
    blocks = chains.branch("one", 10, 5)
    assert (await ingest_blocks(storage, "blocks", [])).checkpoint is None
    await ingest_blocks(storage, "blocks", blocks[:2])
    before = await contents(storage)
    with pytest.raises(BlocksMissing):
        await ingest_blocks(storage, "blocks", blocks[3:])
    with pytest.raises(HeadersNotLinked):
        await ingest_blocks(storage, "blocks", [blocks[1], blocks[3]])
    assert await contents(storage) == before


async def test_a_refused_block_stores_nothing_of_its_batch(storage: Storage, chains: Chains) -> None:
    """A fact that is refused takes the whole batch with it, headers and checkpoint included."""
    blocks = chains.branch("one", 10, 5)
    await ingest_blocks(storage, "blocks", blocks[:2])
    before = await contents(storage)
    swap = chains.swap(chains.transaction(blocks[4].header, 9))
    bad = attrs.evolve(blocks[4], swaps=[attrs.evolve(swap, coin_in_id=UUID(int=5))])
    with pytest.raises(ReferenceMissing):
        await ingest_blocks(storage, "blocks", [*blocks[2:4], bad])
    assert await contents(storage) == before


async def test_a_block_above_the_head_takes_nothing_back(storage: Storage, chains: Chains) -> None:
    """Rolling back to the head, or beyond, changes nothing; below the first block nothing is left."""
    await ingest_blocks(storage, "blocks", chains.branch("one", 10, 5))
    before = await contents(storage)
    nothing = RollbackResult(**dict.fromkeys((field.name for field in attrs.fields(RollbackResult)), 0))
    for number in (14, 15, 2**63 - 1):
        assert await roll_back_chain(storage, chains.chain_id, number) == nothing
    assert await roll_back_chain(storage, chains.chain_id + 1, 0) == nothing
    assert await contents(storage) == before
    assert (await roll_back_chain(storage, chains.chain_id, 9)).headers == 5
    assert await storage.indexer_checkpoints.count() == 0


@RELAXED
@given(order=st.permutations(range(6)), at=st.integers(9, 17))
async def test_balances_do_not_depend_on_the_order_of_arrival(
    storage: Storage, chains: Chains, order: list[int], at: int
) -> None:
    """The balances of an address at a block are the sums of its changes up to it, in whatever order they came."""
    await empty(storage, chains)
    blocks = chains.branch("one", 10, 6)
    for place in order:
        await storage.balance_changes.bulk_upsert(blocks[place].balance_changes)
    for address in ADDRESSES:
        sums: dict[UUID, int] = {}
        for block in blocks:
            for change in block.balance_changes:
                if change.address == address and block.header.number <= at:
                    sums[change.coin_id] = sums.get(change.coin_id, 0) + change.delta
        wanted = {coin_id: total for coin_id, total in sums.items() if total}
        assert await storage.balance_changes.balances_at_block(chains.chain_id, address, at) == wanted
