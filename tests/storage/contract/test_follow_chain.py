"""An indexer's loop: whatever the source does, what is stored in the end is the canonical chain."""

from collections.abc import Sequence

import pytest
from attrs import define, field
from hypothesis import given
from hypothesis import strategies as st

from strongroom.domain.errors import InvalidValue
from strongroom.domain.transactions.errors import HeadersNotLinked, ReorganisationDetected
from strongroom.ports.storage import Storage
from strongroom.ports.use_cases.follow_chain import ChainStep, follow_chain
from strongroom.ports.use_cases.ingest_blocks import Block
from strongroom.ports.use_cases.roll_back_chain import roll_back_chain

from .blocks import Chains
from .property_settings import few

START = 5


@define
class Branches:
    """A source that turns to its next branch after so many reads; ``torn`` reads mix two branches."""

    chain_id: int
    branches: list[Sequence[Block]]
    reads_per_branch: int = 2
    torn: int = 0
    reads: int = field(default=0, init=False)

    def canonical(self) -> Sequence[Block]:
        return self.branches[min(self.reads // self.reads_per_branch, len(self.branches) - 1)]

    async def head(self) -> int:
        return self.canonical()[-1].header.number

    async def read(self, first: int, last: int) -> Sequence[Block]:
        blocks = [block for block in self.canonical() if first <= block.header.number <= last]
        if self.torn and len(blocks) > 1:
            self.torn -= 1
            return [blocks[0], *blocks[2:], blocks[1]]
        self.reads += 1
        return blocks


async def follow(storage: Storage, source: Branches, *, batch_size: int = 3, max_depth: int = 64) -> list[ChainStep]:
    steps = follow_chain(storage, "blocks", source, start=START, batch_size=batch_size, max_depth=max_depth)
    return [step async for step in steps]


async def stored(storage: Storage, chains: Chains) -> list[tuple[int, str]]:
    headers = await storage.block_headers.find_from(chains.chain_id, 0)
    return [(header.number, header.hash) for header in headers]


def identities(blocks: Sequence[Block]) -> list[tuple[int, str]]:
    return [(block.header.number, block.header.hash) for block in blocks]


@few(6)
@given(
    forks=st.lists(st.tuples(st.integers(0, 12), st.integers(1, 12)), max_size=3),
    batch_size=st.integers(1, 5),
    reads=st.integers(1, 4),
    torn=st.integers(0, 2),
)
async def test_what_is_stored_in_the_end_is_the_canonical_chain(
    storage: Storage, chains: Chains, forks: list[tuple[int, int]], batch_size: int, reads: int, torn: int
) -> None:
    """However often and deeply the chain is reorganised while it is read; each branch is longer than the one before."""
    await roll_back_chain(storage, chains.chain_id, 0)
    branches: list[Sequence[Block]] = [chains.branch("trunk", START, 10)]
    for number, (back, more) in enumerate(forks):
        before = branches[-1]
        kept = before[: max(0, len(before) - back)]
        parent = [kept[-1].header.hash] if kept else []
        branches.append([*kept, *chains.branch(f"fork {number}", START + len(kept), back + more, *parent)])
    source = Branches(chains.chain_id, branches, reads, torn)
    for _ in branches:
        await follow(storage, source, batch_size=batch_size)
        source.reads += reads
    await follow(storage, source, batch_size=batch_size)
    assert await stored(storage, chains) == identities(branches[-1])


async def test_each_step_says_how_far_it_came(storage: Storage, chains: Chains) -> None:
    """Progress is told after each batch, and a rollback by what it took back."""
    trunk = chains.branch("trunk", START, 6)
    won = chains.branch("won", START + 4, 4, trunk[3].header.hash)
    source = Branches(chains.chain_id, [trunk])
    assert [(step.block_number, step.head, step.new_blocks) for step in await follow(storage, source)] == [
        (7, 10, [5, 6, 7]),
        (10, 10, [8, 9, 10]),
    ]
    source.branches = [[*trunk[:4], *won]]
    steps = await follow(storage, source)
    assert [step.block_number for step in steps] == [8, 11, 12]
    assert steps[0].rollback is not None
    assert steps[0].rollback.headers == 2
    assert await follow(storage, source) == []


async def test_a_fork_that_is_too_deep_is_left_to_people(storage: Storage, chains: Chains) -> None:
    """Nothing is rolled back then: the source may be of another chain."""
    trunk = chains.branch("trunk", START, 10)
    source = Branches(chains.chain_id, [trunk])
    await follow(storage, source)
    source.branches = [chains.branch("other", START, 12)]
    with pytest.raises(ReorganisationDetected):
        await follow(storage, source, max_depth=4)
    assert await stored(storage, chains) == identities(trunk)


async def test_a_source_that_keeps_mixing_branches_is_told_so(storage: Storage, chains: Chains) -> None:
    """Two torn reads are read again; the third is an error."""
    trunk = chains.branch("trunk", START, 6)
    assert await follow(storage, Branches(chains.chain_id, [trunk], torn=2))
    await roll_back_chain(storage, chains.chain_id, 0)
    with pytest.raises(HeadersNotLinked):
        await follow(storage, Branches(chains.chain_id, [trunk], torn=3))


async def test_a_batch_holds_at_least_one_block(storage: Storage, chains: Chains) -> None:
    """The mistake is told before anything is read."""
    with pytest.raises(InvalidValue, match="at least 1"):
        await follow(storage, Branches(chains.chain_id, [chains.branch("trunk", START, 1)]), batch_size=0)
