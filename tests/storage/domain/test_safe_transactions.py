"""Who owns Safes, who may propose and confirm, and how their transactions come to be executed."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from strongroom.domain.safes.errors import (
    AlreadyConfirmed,
    MayNotPropose,
    NonceUsed,
    NotAnOwner,
    ThresholdOutOfRange,
    WrongSafe,
    WrongStatus,
)
from strongroom.domain.safes.ownership import delegates_at, owners_at, require_may_propose, require_threshold
from strongroom.domain.safes.safe_account import SafeAccount
from strongroom.domain.safes.safe_confirmation import SafeConfirmation, SignatureType
from strongroom.domain.safes.safe_delegate import SafeDelegate
from strongroom.domain.safes.safe_owner import SafeOwner
from strongroom.domain.safes.safe_transaction import SafeTransaction, SafeTxStatus
from strongroom.domain.safes.transaction_lifecycle import (
    OPEN,
    ChainResult,
    apply_cancellation,
    apply_execution,
    confirmed_by,
    require_confirmable,
    require_proposable,
    update_executability,
)

START = datetime(2024, 1, 1, tzinfo=UTC)
SAFE, OTHER_SAFE, TRANSACTION = UUID(int=1), UUID(int=2), UUID(int=3)
RESULT = ChainResult("0x" + "e" * 64, START + timedelta(days=2))
people = st.integers(1, 5)
hours = st.integers(0, 48)


def address(number):
    """Return the address of a person."""
    return f"0x{number:040x}"


def hour(number):
    """Return the time so many hours after the start."""
    return START + timedelta(hours=number)


def a_safe(**fields):
    """Return a Safe with these fields changed."""
    known = {
        "id": SAFE,
        "user_id": UUID(int=9),
        "chain_id": 1,
        "address": address(99),
        "threshold": 1,
        "singleton_address": address(98),
        "contract_version": "1.4.1",
        "created_at": START,
        "updated_at": START,
    }
    return SafeAccount(**known | fields)


def an_owner(number, added=0, removed=None, safe_id=SAFE):
    """Return someone's ownership of a Safe between two hours."""
    removed_at = None if removed is None else hour(removed)
    return SafeOwner(safe_id=safe_id, owner_address=address(number), added_at=hour(added), removed_at=removed_at)


def a_transaction(**fields):
    """Return a proposed transaction with these fields changed."""
    known = {
        "id": TRANSACTION,
        "safe_id": SAFE,
        "safe_tx_hash": "0x" + "a" * 64,
        "nonce": 0,
        "to_address": address(50),
        "value_wei": 0,
        "data": b"",
        "proposer_address": address(1),
        "proposed_at": hour(0),
    }
    return SafeTransaction(**known | fields)


def a_confirmation(number, at=1, transaction_id=TRANSACTION):
    """Return someone's confirmation at an hour."""
    return SafeConfirmation(
        safe_transaction_id=transaction_id,
        owner_address=address(number),
        signature=b"\x01" * 65,
        signature_type=SignatureType.EOA,
        confirmed_at=hour(at),
    )


def a_delegate(number, delegator=1, **fields):
    """Return someone's delegation by an owner."""
    known = {"id": UUID(int=7), "safe_id": SAFE, "label": "bot", "created_at": hour(0)}
    return SafeDelegate(delegate_address=address(number), delegator_address=address(delegator), **known | fields)


ownerships = st.lists(
    st.builds(
        lambda number, added, length: an_owner(number, added, None if length is None else added + length),
        people,
        hours,
        st.none() | hours,
    ),
    max_size=6,
)
confirmation_lists = st.lists(st.builds(a_confirmation, people, hours), max_size=6)


@given(st.integers(-3, 8), st.integers(0, 6))
def test_a_threshold_is_within_1_and_the_number_of_owners(threshold, owners):
    """A threshold is within 1 and the number of owners."""
    if 1 <= threshold <= owners:
        require_threshold(threshold, owners)
    else:
        with pytest.raises(ThresholdOutOfRange):
            require_threshold(threshold, owners)


@given(ownerships, hours)
def test_an_owner_counts_from_being_added_until_just_before_being_removed(owners, at):
    """An owner counts from being added until just before being removed."""
    expected = {
        owner.owner_address
        for owner in owners
        if owner.added_at <= hour(at) and not (owner.removed_at and owner.removed_at <= hour(at))
    }
    assert owners_at([*owners, an_owner(6, safe_id=OTHER_SAFE)], SAFE, hour(at)) == expected


@given(ownerships, confirmation_lists, hours, st.integers(1, 5), st.tuples(st.integers(0, 2), st.integers(0, 2)))
def test_a_transaction_is_executable_with_enough_current_owners_and_the_next_nonce(
    owners, confirmations, at, threshold, nonces
):
    """A transaction is executable with enough current owners and the next nonce."""
    nonce, next_nonce = nonces
    safe, transaction = a_safe(threshold=threshold, nonce=next_nonce), a_transaction(nonce=nonce)
    after = update_executability(safe, transaction, confirmations, owners=owners, at=hour(at))
    counted = confirmed_by(transaction, confirmations, owners=owners, at=hour(at))
    assert counted <= owners_at(owners, SAFE, hour(at))
    assert counted <= {one.owner_address for one in confirmations if one.confirmed_at <= hour(at)}
    if nonce < next_nonce:
        assert after.status is SafeTxStatus.REPLACED
    else:
        executable = len(counted) >= threshold and nonce == next_nonce
        assert after.status is (SafeTxStatus.EXECUTABLE if executable else SafeTxStatus.PROPOSED)
    assert update_executability(safe, after, confirmations, owners=owners, at=hour(at)) == after


@given(st.lists(st.tuples(st.sampled_from(SafeTxStatus), st.integers(0, 2)), max_size=8), st.booleans())
def test_an_executed_nonce_replaces_its_open_rivals_and_nothing_else_although_the_call_failed(others, succeeded):
    """An executed nonce replaces its open rivals and nothing else although the call failed."""
    safe = a_safe(nonce=1)
    transaction = a_transaction(nonce=1, status=SafeTxStatus.EXECUTABLE)
    rivals = [a_transaction(id=UUID(int=100 + n), status=s, nonce=k) for n, (s, k) in enumerate(others)]
    elsewhere = a_transaction(id=UUID(int=500), safe_id=OTHER_SAFE, nonce=1)
    execution = apply_execution(
        safe, transaction, attrs.evolve(RESULT, succeeded=succeeded), [*rivals, transaction, elsewhere]
    )
    assert execution.safe == attrs.evolve(safe, nonce=2)
    assert execution.transaction.status is (SafeTxStatus.EXECUTED if succeeded else SafeTxStatus.FAILED)
    assert execution.transaction.executed_at == RESULT.at
    assert execution.transaction.eth_transaction_hash == RESULT.eth_transaction_hash
    replaced = [one.id for one in rivals if one.nonce == 1 and one.status in OPEN]
    assert [one.id for one in execution.replaced] == replaced
    assert {one.status for one in execution.replaced} <= {SafeTxStatus.REPLACED}


@given(st.sampled_from(SafeTxStatus))
def test_only_an_executable_transaction_is_executed_and_only_an_open_one_confirmed_or_cancelled(status):
    """Only an executable transaction is executed and only an open one confirmed or cancelled."""
    transaction, owners = a_transaction(status=status), [an_owner(1)]
    if status is not SafeTxStatus.EXECUTABLE:
        with pytest.raises(WrongStatus, match="executed"):
            apply_execution(a_safe(), transaction, RESULT)
    if status in OPEN:
        require_confirmable(transaction, a_confirmation(1), owners=owners)
        assert apply_cancellation(transaction, address(1), owners=owners, at=hour(1)).status is SafeTxStatus.CANCELLED
        return
    assert update_executability(a_safe(nonce=5), transaction, [], owners=owners, at=hour(1)) == transaction
    with pytest.raises(WrongStatus, match="confirmed"):
        require_confirmable(transaction, a_confirmation(1), owners=owners)
    with pytest.raises(WrongStatus, match="cancelled"):
        apply_cancellation(transaction, address(1), owners=owners, at=hour(1))


def test_an_executable_transaction_of_another_nonce_is_not_executed():
    """An executable transaction of another nonce is not executed."""
    with pytest.raises(WrongStatus):
        apply_execution(a_safe(nonce=2), a_transaction(status=SafeTxStatus.EXECUTABLE, nonce=3), RESULT)


def test_the_removal_of_an_owner_who_confirmed_takes_the_confirmation_away_and_a_return_gives_it_back():
    """The removal of an owner who confirmed takes the confirmation away and a return gives it back."""
    safe, transaction = a_safe(threshold=2), a_transaction()
    owners = [an_owner(1), an_owner(2, removed=10), an_owner(2, added=20)]
    confirmations = [a_confirmation(1), a_confirmation(2)]
    states = [
        update_executability(safe, transaction, confirmations, owners=owners, at=hour(at)).status for at in (5, 15, 25)
    ]
    assert states == [SafeTxStatus.EXECUTABLE, SafeTxStatus.PROPOSED, SafeTxStatus.EXECUTABLE]


def test_an_owner_confirms_once_and_nobody_else_does():
    """An owner confirms once and nobody else does."""
    owners, transaction = [an_owner(1), an_owner(2, removed=1)], a_transaction()
    require_confirmable(transaction, a_confirmation(1), owners=owners, confirmations=[a_confirmation(2, 0)])
    with pytest.raises(AlreadyConfirmed):
        require_confirmable(transaction, a_confirmation(1), owners=owners, confirmations=[a_confirmation(1, 0)])
    for number in (2, 3):
        with pytest.raises(NotAnOwner) as refused:
            require_confirmable(transaction, a_confirmation(number), owners=owners)
        assert refused.value.address == address(number)
    with pytest.raises(WrongSafe):
        require_confirmable(transaction, a_confirmation(1, transaction_id=UUID(int=8)), owners=owners)


def test_a_delegate_proposes_and_never_confirms():
    """A delegate proposes and never confirms."""
    owners, delegates = [an_owner(1)], [a_delegate(5)]
    transaction = a_transaction(proposer_address=address(5))
    require_proposable(a_safe(), transaction, owners=owners, delegates=delegates)
    with pytest.raises(NotAnOwner):
        require_confirmable(transaction, a_confirmation(5), owners=owners)


@pytest.mark.parametrize(
    ("delegate", "owner"),
    [
        (a_delegate(5, expires_at=hour(1)), an_owner(1)),
        (a_delegate(5, created_at=hour(2)), an_owner(1)),
        (a_delegate(5, safe_id=OTHER_SAFE), an_owner(1)),
        (a_delegate(5), an_owner(1, removed=1)),
        (a_delegate(5, delegator=2), an_owner(1)),
    ],
    ids=["expired", "not yet", "of another safe", "of a former owner", "of a stranger"],
)
def test_a_delegation_that_does_not_count_allows_no_proposal(delegate, owner):
    """A delegation that does not count allows no proposal."""
    assert delegates_at([delegate], [owner], SAFE, hour(1)) == frozenset()
    with pytest.raises(MayNotPropose):
        require_may_propose(a_safe(), address(5), hour(1), owners=[owner], delegates=[delegate])


def test_a_delegation_for_all_safes_counts_for_each():
    """A delegation for all Safes counts for each."""
    assert delegates_at([a_delegate(5, safe_id=None)], [an_owner(1)], SAFE, hour(1)) == {address(5)}


def test_used_nonces_and_other_safes_are_refused():
    """What is proposed is new for this Safe and its nonce is not used."""
    owners = [an_owner(1)]
    with pytest.raises(NonceUsed):
        require_proposable(a_safe(nonce=1), a_transaction(), owners=owners)
    with pytest.raises(WrongSafe):
        require_proposable(a_safe(id=OTHER_SAFE), a_transaction(), owners=owners)
    with pytest.raises(WrongStatus):
        require_proposable(a_safe(), a_transaction(status=SafeTxStatus.EXECUTED), owners=owners)


def test_the_proposer_and_every_owner_may_cancel_and_nobody_else():
    """The proposer and every owner may cancel and nobody else."""
    transaction = a_transaction(proposer_address=address(5))
    for number in (1, 5):
        cancelled = apply_cancellation(
            transaction, address(number).upper().replace("X", "x"), owners=[an_owner(1)], at=hour(1)
        )
        assert cancelled.status is SafeTxStatus.CANCELLED
    with pytest.raises(NotAnOwner):
        apply_cancellation(transaction, address(2), owners=[an_owner(1)], at=hour(1))
