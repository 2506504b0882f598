"""Where two branches of a chain part, told from headers alone: each names its parent by hash."""

from collections.abc import Iterable, Sequence
from itertools import pairwise

from .block_header import BlockHeader
from .errors import BlocksMissing, HeadersNotLinked, ReorganisationDetected
from .indexer_checkpoint import IndexerCheckpoint


def require_linked(headers: Sequence[BlockHeader]) -> None:
    """Raise HeadersNotLinked unless every header follows the one before: same chain, next number, its hash as parent.

    No header and a single one are linked.
    """
    for before, header in pairwise(headers):
        reason = None
        if header.chain_id != before.chain_id:
            reason = f"the one before is of chain {before.chain_id}"
        elif header.number != before.number + 1:
            reason = f"the one before is {before.number}"
        elif header.parent_hash != before.hash:
            reason = f"its parent is {header.parent_hash}, not {before.hash}"
        if reason:
            raise HeadersNotLinked(chain_id=header.chain_id, number=header.number, reason=reason)


def fork_number(stored: Iterable[BlockHeader], canonical: Sequence[BlockHeader]) -> int | None:
    """Return the number of the last stored block that a canonical run of headers contains or builds on.

    It is the stored head where the run continues it, and None where the two have no block in common: then the
    fork lies below them. ``stored`` may come in any order, with gaps; ``canonical`` has to be linked, else
    HeadersNotLinked is raised. Headers of other chains do not matter.
    """
    require_linked(canonical)
    if not canonical:
        return None
    hashes = _hashes_of_batch(canonical)
    shared = (
        header.number
        for header in stored
        if header.chain_id == canonical[0].chain_id and hashes.get(header.number) == header.hash
    )
    return max(shared, default=None)


def new_headers(stored: Iterable[BlockHeader], batch: Sequence[BlockHeader]) -> Sequence[BlockHeader]:
    """Return the headers of a batch that are not stored yet.

    Blocks that are stored already, the same ones, are left out, so that a batch may be read again; with nothing
    stored the whole batch is new. ``stored`` are the last headers of the chain, as many as there is to compare
    with, in any order, with gaps.

    Raises HeadersNotLinked for a batch that is no chain, BlocksMissing for one that starts above the block
    after the head, and ReorganisationDetected, which names the fork, for one that has another block than the
    stored ones, another parent, or does not lead up to the stored block above it.
    """
    known = {header.number: header for header in stored if batch and header.chain_id == batch[0].chain_id}
    require_linked(batch)
    if not known or not batch:
        return batch
    chain_id, head = batch[0].chain_id, max(known)
    if batch[0].number > head + 1:
        raise BlocksMissing(chain_id=chain_id, head=head, first=batch[0].number)
    claimed = _hashes_of_batch(batch)
    conflicts = [number for number, header in known.items() if claimed.get(number, header.hash) != header.hash]
    above = known.get(batch[-1].number + 1)
    if above and above.parent_hash != batch[-1].hash:
        conflicts.append(above.number)
    if conflicts:
        fork = fork_number(known.values(), batch)
        raise ReorganisationDetected(chain_id=chain_id, fork_number=fork, conflict_number=min(conflicts))
    return [header for header in batch if header.number not in known]


def require_continues(checkpoint: IndexerCheckpoint, batch: Sequence[BlockHeader]) -> None:
    """Raise unless a batch of a stream's chain goes on from what the stream has written, or begins within it.

    Raises BlocksMissing for one that starts above the block after the checkpoint, and ReorganisationDetected,
    without a fork, where it has another block at the checkpoint: also where the stored headers do not reach there.
    """
    if not batch:
        return
    chain_id, first, reached = checkpoint.chain_id, batch[0].number, checkpoint.block_number
    if first > reached + 1:
        raise BlocksMissing(chain_id=chain_id, head=reached, first=first)
    if _hashes_of_batch(batch).get(reached, checkpoint.block_hash) != checkpoint.block_hash:
        raise ReorganisationDetected(chain_id=chain_id, fork_number=None, conflict_number=reached)


def _hashes_of_batch(batch: Sequence[BlockHeader]) -> dict[int, str]:
    """Return the hashes that a batch gives its blocks, and its parent."""
    return {batch[0].number - 1: batch[0].parent_hash} | {header.number: header.hash for header in batch}
