"""What the chain has executed is recorded, though here it waited for a confirmation or was cancelled."""

from collections.abc import Callable

import pytest

from strongroom.domain.safes.errors import WrongStatus
from strongroom.domain.safes.safe_account import SafeAccount
from strongroom.domain.safes.safe_confirmation import SafeConfirmation
from strongroom.domain.safes.safe_owner import SafeOwner
from strongroom.domain.safes.safe_transaction import SafeTransaction, SafeTxStatus
from strongroom.domain.safes.transaction_lifecycle import ChainResult
from strongroom.ports.clock import FixedClock
from strongroom.ports.storage import Storage
from strongroom.ports.use_cases.safe_transactions import cancel_transaction, execute_transaction
from strongroom.testing.factory import START_TIME, World

ALICE, BOB, STRANGER = (f"0x{number:040x}" for number in range(20, 23))


@pytest.fixture
async def proposed(world: World) -> SafeTransaction:
    """A transaction that Alice has proposed and confirmed, for the next nonce of a Safe of hers and Bob's."""
    safe = await world.added(SafeAccount, threshold=2, nonce=7)
    for owner in (ALICE, BOB):
        await world.added(SafeOwner, safe_id=safe.id, owner_address=owner, added_at=START_TIME, removed_at=None)
    transaction: SafeTransaction = await world.added(
        SafeTransaction, safe_id=safe.id, nonce=7, status=SafeTxStatus.PROPOSED, proposer_address=ALICE
    )
    await confirms(world, transaction, ALICE)
    return transaction


async def confirms(world: World, transaction: SafeTransaction, owner: str) -> None:
    """Store an owner's confirmation."""
    said = {"safe_transaction_id": transaction.id, "owner_address": owner, "confirmed_at": START_TIME}
    await world.added(SafeConfirmation, **said)


@pytest.fixture
def result(clock: FixedClock) -> Callable[[str | None], ChainResult]:
    """How the chain executed it, by whom."""
    return lambda executor: ChainResult("0x" + "e" * 64, clock.now(), executor_address=executor)


async def test_the_last_owner_executes_without_a_signature(
    storage: Storage, proposed: SafeTransaction, result: Callable[[str | None], ChainResult]
) -> None:
    """Bob, who sends it, has agreed by that; a stranger, or who has confirmed already, adds nothing."""
    for executor in (None, STRANGER, ALICE):
        with pytest.raises(WrongStatus):
            await execute_transaction(storage, proposed.id, result(executor))
    done = await execute_transaction(storage, proposed.id, result(BOB))
    assert (done.transaction.status, done.safe.nonce) == (SafeTxStatus.EXECUTED, 8)


async def test_a_cancelled_transaction_that_the_chain_has_executed_is_executed(
    storage: Storage, world: World, proposed: SafeTransaction, result: Callable[[str | None], ChainResult]
) -> None:
    """Cancelling is a note off the chain: with enough signatures it is executed, and its rivals are replaced."""
    rival = await world.added(SafeTransaction, safe_id=proposed.safe_id, nonce=7, status=SafeTxStatus.PROPOSED)
    await cancel_transaction(storage, proposed.id, by=BOB)
    with pytest.raises(WrongStatus, match="cancelled"):
        await execute_transaction(storage, proposed.id, result(STRANGER))
    await confirms(world, proposed, BOB)
    done = await execute_transaction(storage, proposed.id, result(STRANGER))
    assert done.transaction == await storage.safe_transactions.get(proposed.id)
    assert (done.transaction.status, done.safe.nonce) == (SafeTxStatus.EXECUTED, 8)
    assert (await storage.safe_transactions.get(rival.id)).status is SafeTxStatus.REPLACED
