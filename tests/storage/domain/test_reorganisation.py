"""Where two branches of a chain part."""

from datetime import UTC, datetime, timedelta

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from strongroom.domain.transactions.block_header import BlockHeader
from strongroom.domain.transactions.errors import BlocksMissing, HeadersNotLinked, ReorganisationDetected
from strongroom.domain.transactions.indexer_checkpoint import IndexerCheckpoint
from strongroom.domain.transactions.reorganisation import (
    fork_number,
    new_headers,
    require_continues,
    require_linked,
)

START = datetime(2024, 1, 1, tzinfo=UTC)
lengths = st.integers(0, 12)


def a_header(number, branch=0, parent_branch=0, chain_id=1):
    """Return the block of a branch; its hash names its number and branch."""
    return BlockHeader(
        chain_id=chain_id,
        number=number,
        hash=f"0x{branch:032x}{number:032x}",
        parent_hash=f"0x{parent_branch:032x}{number - 1:032x}",
        at=START + timedelta(seconds=12 * number),
    )


def a_branch(first, last, fork=None):
    """Return the blocks from first to last: those of branch 0 up to the fork, those of branch 1 above it."""

    def branch(number):
        return 0 if fork is None or number <= fork else 1

    return [a_header(number, branch(number), branch(number - 1)) for number in range(first, last + 1)]


@given(lengths, lengths, lengths, st.randoms())
def test_the_fork_is_the_last_block_that_both_branches_have(common, ours, theirs, shuffler):
    """The fork is the last block that both branches have."""
    fork = 100 + common
    stored, canonical = a_branch(100, fork + ours), a_branch(100, fork + theirs, fork)
    shuffler.shuffle(stored)
    assert fork_number([*stored, a_header(fork + 1, 1, chain_id=2)], canonical) == fork
    assert fork_number(stored, canonical[common + 1 :]) == (fork if theirs else None)


@given(lengths, lengths, lengths, st.integers(0, 24))
def test_a_batch_is_taken_exactly_when_it_continues_what_is_stored(common, ours, theirs, skipped):
    """A batch is taken exactly when it continues what is stored."""
    fork = 100 + common
    stored, batch = a_branch(100, fork + ours), a_branch(100, fork + theirs, fork)[skipped:]
    head = fork + ours
    if not batch:
        assert list(new_headers(stored, batch)) == []
    elif batch[0].number > head + 1:
        with pytest.raises(BlocksMissing) as missing:
            new_headers(stored, batch)
        assert (missing.value.head, missing.value.first) == (head, batch[0].number)
    elif ours == 0 or batch[-1].number <= fork:
        assert list(new_headers(stored, batch)) == [header for header in batch if header.number > head]
    else:
        with pytest.raises(ReorganisationDetected) as reorganised:
            new_headers(stored, batch)
        reaches = batch[0].number - 1 <= fork
        assert reorganised.value.fork_number == (fork if reaches else None)
        assert reorganised.value.conflict_number == (fork + 1 if reaches else batch[0].number - 1)
        assert reorganised.value.chain_id == 1


@given(lengths)
def test_a_batch_read_again_brings_nothing_new(length):
    """A batch read again brings nothing new."""
    stored = a_branch(100, 100 + length)
    assert list(new_headers(stored, stored)) == []


@given(lengths)
def test_with_nothing_stored_a_linked_batch_is_all_new(length):
    """With nothing stored a linked batch is all new."""
    batch = a_branch(100, 100 + length)
    assert new_headers([], batch) == batch
    assert new_headers([a_header(7, chain_id=2)], batch) == batch


@pytest.mark.parametrize(
    ("second", "reason"),
    [
        (a_header(102), "the one before is 100"),
        (a_header(100), "the one before is 100"),
        (a_header(101, parent_branch=1), "its parent is"),
        (a_header(101, chain_id=2), "the one before is of chain 1"),
    ],
)
def test_headers_that_do_not_follow_each_other_are_no_chain(second, reason):
    """Headers that do not follow each other are no chain."""
    for judge in (require_linked, lambda headers: fork_number([], headers), lambda headers: new_headers([], headers)):
        with pytest.raises(HeadersNotLinked, match=reason):
            judge([a_header(100), second])
    require_linked([a_header(100)])
    require_linked([])


def test_a_batch_on_another_parent_than_the_stored_head_does_not_say_how_deep_the_fork_lies():
    """A batch on another parent than the stored head does not say how deep the fork lies."""
    with pytest.raises(ReorganisationDetected, match="below block 105") as reorganised:
        new_headers(a_branch(100, 105), a_branch(106, 107, fork=103))
    assert (reorganised.value.fork_number, reorganised.value.conflict_number) == (None, 105)


def test_a_reorganisation_of_depth_twelve_names_the_fork():
    """A reorganisation of depth twelve names the fork."""
    with pytest.raises(ReorganisationDetected, match="after block 100") as reorganised:
        new_headers(a_branch(90, 112), a_branch(95, 113, fork=100))
    assert (reorganised.value.fork_number, reorganised.value.conflict_number) == (100, 101)


def test_a_gap_in_what_is_stored_does_not_hide_a_conflict():
    """A gap in what is stored does not hide a conflict."""
    stored = [header for header in a_branch(100, 110) if header.number not in (104, 105)]
    assert fork_number(stored, a_branch(100, 110, fork=104)) == 103
    filled = a_branch(100, 110)[2:8]
    assert [header.number for header in new_headers(stored, filled)] == [104, 105]
    only_head = [attrs.evolve(stored[-1])]
    with pytest.raises(ReorganisationDetected):
        new_headers(only_head, a_branch(109, 111, fork=104))


@given(lengths, st.integers(95, 115), st.integers(1, 5), st.booleans())
def test_a_stream_goes_on_from_its_checkpoint_on_the_same_chain(reached, first, count, same):
    """A stream goes on from its checkpoint on the same chain."""
    at = a_header(100 + reached)
    checkpoint = IndexerCheckpoint(
        chain_id=1, stream="blocks", block_number=at.number, block_hash=at.hash, updated_at=START
    )
    batch = a_branch(first, first + count - 1, fork=None if same else at.number - 1)
    if first > at.number + 1:
        with pytest.raises(BlocksMissing) as missing:
            require_continues(checkpoint, batch)
        assert (missing.value.head, missing.value.first) == (at.number, first)
    elif same or batch[-1].number < at.number:
        require_continues(checkpoint, batch)
    else:
        with pytest.raises(ReorganisationDetected) as reorganised:
            require_continues(checkpoint, batch)
        assert (reorganised.value.fork_number, reorganised.value.conflict_number) == (None, at.number)
    require_continues(checkpoint, [])
