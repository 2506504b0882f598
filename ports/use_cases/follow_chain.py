"""Follow a chain: an indexer's loop, with reorganisations.

A service says how blocks are read; what is stored, and what is taken back, is decided here. ::

    while True:
        async for step in follow_chain(storage, "blocks", source, start=20_000_000):
            log.info("at %s of %s", step.block_number, step.head)
        await asyncio.sleep(12)
"""

from collections.abc import AsyncIterator, Sequence
from typing import Final, Protocol

from attrs import frozen

from strongroom.domain.errors import InvalidValue
from strongroom.domain.transactions.errors import HeadersNotLinked, ReorganisationDetected
from strongroom.domain.transactions.reorganisation import fork_number

from ..repositories.block_header import BY_CHAIN_BETWEEN
from ..storage import Storage
from .ingest_blocks import Block, ingest_blocks
from .roll_back_chain import RollbackResult, roll_back_chain

MAX_DEPTH: Final = 256
_READS_OF_A_CHANGING_BRANCH: Final = 3


class BlockSource(Protocol):
    """The source of one chain's blocks: a node, or an archive."""

    @property
    def chain_id(self) -> int:
        """The chain's identity."""
        ...

    async def head(self) -> int:
        """Return the number of the newest block that is to be stored."""
        ...

    async def read(self, first: int, last: int) -> Sequence[Block]:
        """Return the canonical blocks from a number up to and including another, the lowest first.

        Fewer blocks from ``first`` on are read on from there the next time; none mean that there is nothing new.
        """
        ...


@frozen(kw_only=True)
class ChainStep:
    """The result of one step: blocks ingested, or blocks rolled back (``rollback``), up to ``block_number``."""

    block_number: int
    head: int
    new_blocks: Sequence[int] = ()
    rollback: RollbackResult | None = None


async def follow_chain(  # noqa: PLR0913 - the limits of the loop, by name
    storage: Storage,
    stream: str,
    source: BlockSource,
    *,
    start: int,
    batch_size: int = 100,
    max_depth: int = MAX_DEPTH,
) -> AsyncIterator[ChainStep]:
    """Yield each step of bringing a stream up to the source's head, and end there; call again when there is more.

    The stream begins at block ``start`` and goes on after its checkpoint from then on. If the source's blocks do not
    build on the stored ones, everything above the last common block is rolled back and read again. Each step is a
    transaction of its own, so that a loop that was stopped goes on where it was.

    Raises ReorganisationDetected if the last common block is more than ``max_depth`` blocks below the conflict,
    HeadersNotLinked if the source's blocks do not follow one another three times, InvalidValue for a batch below 1,
    whatever ``ingest_blocks`` and ``roll_back_chain`` raise, and what the source raises.
    """
    if batch_size < 1 or max_depth < 1:
        raise InvalidValue(None, field="batch_size", reason="batches and depths are at least 1")
    torn = 0
    while True:
        head = await source.head()
        first = await _next_block(storage, source.chain_id, stream, start)
        if first > head:
            return
        try:
            step = await _advance(storage, stream, source, (first, min(first + batch_size - 1, head), head), max_depth)
        except HeadersNotLinked:  # the source changed its branch between two of its blocks
            torn += 1
            if torn == _READS_OF_A_CHANGING_BRANCH:
                raise
            continue
        if step is None:
            return
        torn = 0
        yield step


async def _next_block(storage: Storage, chain_id: int, stream: str, start: int) -> int:
    found = await storage.indexer_checkpoints.get_many([(chain_id, stream)])
    return found[0].block_number + 1 if found else start


async def _advance(
    storage: Storage, stream: str, source: BlockSource, bounds: tuple[int, int, int], max_depth: int
) -> ChainStep | None:
    """Ingest the blocks from the first to the last of the bounds, or roll back; None: there are no blocks."""
    first, last, head = bounds
    blocks = await source.read(first, last)
    if not blocks:
        return None
    try:
        result = await ingest_blocks(storage, stream, blocks)
    except ReorganisationDetected as detected:
        fork = await _find_fork(storage, source, detected, max_depth)
        rollback = await roll_back_chain(storage, source.chain_id, fork)
        return ChainStep(block_number=fork, head=head, rollback=rollback)
    return ChainStep(block_number=blocks[-1].header.number, head=head, new_blocks=result.new_blocks)


async def _find_fork(storage: Storage, source: BlockSource, detected: ReorganisationDetected, max_depth: int) -> int:
    """Return the last block that is stored and canonical, or one below all that are stored.

    Reads twice as deep each time. Raises ReorganisationDetected if it lies deeper than ``max_depth``.
    """
    if detected.fork_number is not None:
        return detected.fork_number
    chain_id, top, depth = source.chain_id, detected.conflict_number, 1
    while True:
        low = max(top - depth, 0)
        canonical = [block.header for block in await source.read(low, top)]
        stored = await storage.block_headers.find_between(chain_id, max(low - 1, 0), top)
        fork = fork_number(stored, canonical)
        if fork is not None:
            return fork
        below = await storage.block_headers.page(BY_CHAIN_BETWEEN, chain_id, 0, low, limit=1)
        if not below.items:
            return low
        if depth >= max_depth:
            raise detected
        depth = min(depth * 2, max_depth)
