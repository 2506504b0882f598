"""What becomes of a Safe's transactions when the chain loses what executed them."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from strongroom.domain.safes.errors import WrongSafe
from strongroom.domain.safes.lost_executions import reopen_transactions
from strongroom.domain.safes.safe_account import SafeAccount
from strongroom.domain.safes.safe_transaction import SafeTransaction, SafeTxStatus
from strongroom.domain.safes.transaction_lifecycle import ChainResult, apply_execution

START = datetime(2024, 1, 1, tzinfo=UTC)
SAFE = SafeAccount(
    id=UUID(int=1),
    user_id=UUID(int=9),
    chain_id=1,
    address=f"0x{99:040x}",
    threshold=1,
    singleton_address=f"0x{98:040x}",
    contract_version="1.4.1",
    created_at=START,
    updated_at=START,
)


def a_transaction(number, nonce, status=SafeTxStatus.PROPOSED):
    """Return a transaction of the Safe."""
    return SafeTransaction(
        id=UUID(int=100 + number),
        safe_id=SAFE.id,
        safe_tx_hash=f"0x{number:064x}",
        nonce=nonce,
        to_address=f"0x{50:040x}",
        value_wei=0,
        data=b"",
        proposer_address=f"0x{1:040x}",
        proposed_at=START,
        status=status,
    )


def executed_all(transactions, count, *, succeeded):
    """Return the Safe and its transactions after the first of each of the lowest nonces was executed."""
    safe, known = SAFE, {each.id: each for each in transactions}
    for nonce in range(count):
        chosen = next((each for each in known.values() if each.nonce == nonce), None)
        if chosen is None:
            break
        ready = attrs.evolve(chosen, status=SafeTxStatus.EXECUTABLE)
        result = ChainResult(f"0x{nonce:064x}", START + timedelta(hours=nonce), succeeded=succeeded)
        done = apply_execution(safe, ready, result, known.values())
        safe = done.safe
        known |= {each.id: each for each in (done.transaction, *done.replaced)}
    return safe, list(known.values())


nonces = st.lists(st.integers(0, 4), min_size=1, max_size=8)


@given(nonces, st.integers(0, 5), st.booleans())
def test_losing_every_execution_leaves_what_was_there_before(given_nonces, count, succeeded):
    """Losing every execution leaves the nonce and the proposals that were there before."""
    before = [a_transaction(number, nonce) for number, nonce in enumerate(given_nonces)]
    safe, after = executed_all(before, count, succeeded=succeeded)
    undone = reopen_transactions(safe, after, {f"0x{nonce:064x}" for nonce in range(5)})
    assert undone.safe == SAFE
    left = {each.id: each for each in after} | {each.id: each for each in undone.transactions}
    assert list(left.values()) == before


@given(nonces, st.integers(1, 5), st.integers(0, 4), st.sets(st.integers(0, 4)))
def test_losing_an_execution_loses_all_after_it_and_leaves_those_below(given_nonces, count, first, known):
    """The Safe is as it was after those below: no nonce is used before the one below it, known as lost or not."""
    before = [a_transaction(number, nonce) for number, nonce in enumerate(given_nonces)]
    safe, after = executed_all(before, count, succeeded=True)
    undone = reopen_transactions(safe, after, {f"0x{nonce:064x}" for nonce in {first, *known} if nonce >= first})
    if first >= safe.nonce:
        first = min((nonce for nonce in known if first < nonce < safe.nonce), default=safe.nonce)
    wanted_safe, wanted = executed_all(before, min(count, first), succeeded=True)
    left = {each.id: each for each in after} | {each.id: each for each in undone.transactions}
    assert undone.safe == wanted_safe
    assert list(left.values()) == wanted


def test_cancelled_and_other_executions_stay():
    """A cancelled transaction stays cancelled, and nothing changes where nothing was lost."""
    cancelled = a_transaction(7, 0, SafeTxStatus.CANCELLED)
    safe, after = executed_all([a_transaction(1, 0)], 1, succeeded=True)
    assert reopen_transactions(safe, [*after, cancelled], {"0x" + "f" * 64}).transactions == ()
    assert cancelled.id not in {
        each.id for each in reopen_transactions(safe, [*after, cancelled], {f"0x{0:064x}"}).transactions
    }


def test_a_transaction_of_another_safe_is_refused():
    """A transaction of another Safe is refused."""
    with pytest.raises(WrongSafe):
        reopen_transactions(SAFE, [attrs.evolve(a_transaction(1, 0), safe_id=UUID(int=5))], set())
