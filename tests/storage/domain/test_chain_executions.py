"""What the chain could execute, though here it waits for a confirmation or was cancelled."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from strongroom.domain.safes.ownership import owners_at
from strongroom.domain.safes.safe_account import SafeAccount
from strongroom.domain.safes.safe_confirmation import SafeConfirmation, SignatureType
from strongroom.domain.safes.safe_owner import SafeOwner
from strongroom.domain.safes.safe_transaction import SafeTransaction, SafeTxStatus
from strongroom.domain.safes.transaction_lifecycle import ChainResult, accept_execution, confirmed_by

AT = datetime(2026, 2, 1, tzinfo=UTC)
SAFE, TRANSACTION = UUID(int=1), UUID(int=2)
PEOPLE = st.sets(st.integers(1, 5))


def address(number: int) -> str:
    """Return the address of a person."""
    return f"0x{number:039x}a"


@given(
    owning=PEOPLE,
    signing=PEOPLE,
    sender=st.none() | st.integers(1, 5),
    threshold=st.integers(1, 4),
    status=st.sampled_from(list(SafeTxStatus)),
    ahead=st.integers(0, 1),
)
def test_the_owner_who_executes_has_confirmed_and_a_cancellation_off_the_chain_binds_nobody(
    owning: set[int], signing: set[int], sender: int | None, threshold: int, status: SafeTxStatus, ahead: int
) -> None:
    """As checkNSignatures has it, where the owner who sends the transaction needs no signature (v = 1)."""
    safe = SafeAccount(
        id=SAFE,
        user_id=UUID(int=9),
        chain_id=1,
        address=address(9),
        threshold=threshold,
        nonce=7,
        singleton_address=address(8),
        contract_version="1.4.1",
        created_at=AT,
        updated_at=AT,
    )
    transaction = SafeTransaction(
        id=TRANSACTION,
        safe_id=SAFE,
        safe_tx_hash="0x" + "a" * 64,
        nonce=7 + ahead,
        to_address=address(7),
        value_wei=0,
        data=b"",
        status=status,
        proposer_address=address(1),
        proposed_at=AT,
    )
    owners = [SafeOwner(safe_id=SAFE, owner_address=address(each), added_at=AT) for each in sorted(owning)]
    confirmations = [
        SafeConfirmation(
            safe_transaction_id=TRANSACTION,
            owner_address=address(each),
            signature=b"signed",
            signature_type=SignatureType.EOA,
            confirmed_at=AT,
        )
        for each in sorted(signing)
    ]
    result = ChainResult(
        "0x" + "e" * 64, AT, executor_address=address(sender).upper().replace("X", "x") if sender else None
    )
    at = AT + timedelta(hours=1)
    confirmed = confirmed_by(transaction, confirmations, owners=owners, at=at)
    after = accept_execution(safe, transaction, result, owners=owners_at(owners, SAFE, at), confirmed=confirmed)
    agreed = owning & (signing | ({sender} if sender else set()))
    waits = status in {SafeTxStatus.PROPOSED, SafeTxStatus.CANCELLED}
    if waits and len(agreed) >= threshold and not ahead:
        assert after.status is SafeTxStatus.EXECUTABLE
    else:
        assert after is transaction


def test_an_executor_has_an_address() -> None:
    """What is none is refused."""
    with pytest.raises(ValueError, match="address"):
        ChainResult("0x" + "e" * 64, AT, executor_address="nobody")
