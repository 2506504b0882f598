"""What owners decide: transactions are proposed, confirmed, executed, replaced and cancelled."""

import asyncio
from collections.abc import Callable, Coroutine
from contextlib import suppress
from datetime import timedelta
from itertools import count
from typing import Any
from uuid import UUID

import attrs
import pytest

from strongroom.domain.accounts.user import User
from strongroom.domain.protocols.chain import Chain
from strongroom.domain.safes.errors import (
    AlreadyConfirmed,
    MayNotPropose,
    NonceUsed,
    NotAnOwner,
    OwnerRefused,
    ThresholdOutOfRange,
    WrongSafeTxHash,
    WrongSignature,
    WrongStatus,
)
from strongroom.domain.safes.ownership import SENTINEL_OWNER
from strongroom.domain.safes.safe_account import SafeAccount
from strongroom.domain.safes.safe_confirmation import SignatureType
from strongroom.domain.safes.safe_delegate import SafeDelegate
from strongroom.domain.safes.safe_owner import SafeOwner
from strongroom.domain.safes.safe_transaction import SafeTransaction, SafeTxStatus
from strongroom.domain.safes.safe_tx_hash import safe_tx_hash
from strongroom.domain.safes.transaction_lifecycle import ChainResult
from strongroom.domain.values.address import ZERO_ADDRESS
from strongroom.ports.clock import FixedClock
from strongroom.ports.errors import AlreadyExists, InvalidValue, NotFound
from strongroom.ports.repositories.safe_account import CreateSafe
from strongroom.ports.repositories.safe_transaction import CreateSafeTransaction
from strongroom.ports.storage import Storage
from strongroom.ports.use_cases.add_safe import add_safe
from strongroom.ports.use_cases.read_safe_transactions import read_history, read_nonce, read_queue
from strongroom.ports.use_cases.safe_transactions import (
    ConfirmTransaction,
    cancel_transaction,
    confirm_transaction,
    execute_transaction,
    propose_transaction,
    review_transactions,
)
from strongroom.testing.factory import START_TIME, World

from .conftest import Blocked

ALICE, BOB, CAROL, DELEGATE, STRANGER = (f"0x{number:040x}" for number in range(10, 15))
MINUTE = timedelta(minutes=1)


def approval(owner: str) -> bytes:
    """Return the signature of an owner who has approved the hash on the chain."""
    return bytes(12) + bytes.fromhex(owner[2:]) + bytes(32) + b"\x01"


class Owned:
    """A Safe of Alice, Bob and Carol, two of whom have to confirm; its next nonce is 7."""

    def __init__(self, storage: Storage, clock: FixedClock, safe: SafeAccount) -> None:
        self.storage = storage
        self.clock = clock
        self.safe = safe
        self._hashes = count(1)

    def fresh_hash(self) -> str:
        """Return a hash that was not given yet."""
        return f"0x{next(self._hashes):064x}"

    async def proposed(self, nonce: int = 7, by: str = ALICE, **given: Any) -> SafeTransaction:
        """Return what someone proposes, a minute after what was done before."""
        self.clock.time += MINUTE
        command = CreateSafeTransaction(
            safe_id=self.safe.id,
            data=next(self._hashes).to_bytes(4, "big"),
            safe_tx_gas=1,
            nonce=nonce,
            to_address=STRANGER,
            proposer_address=by,
        )
        return await propose_transaction(self.storage, attrs.evolve(command, **given))

    async def confirmed(self, transaction: SafeTransaction, *owners: str) -> SafeTransaction:
        """Return a transaction as owners have confirmed it, each a minute after what was done before."""
        for owner in owners:
            self.clock.time += MINUTE
            command = ConfirmTransaction(
                safe_transaction_id=transaction.id,
                owner_address=owner,
                signature=approval(owner),
                signature_type=SignatureType.APPROVED_HASH,
            )
            transaction = await confirm_transaction(self.storage, command)
        return transaction

    async def executed(self, transaction_id: UUID, *, succeeded: bool = True) -> Any:
        """Return what an execution leaves, a minute after what was done before."""
        self.clock.time += MINUTE
        result = ChainResult(self.fresh_hash(), self.clock.now(), succeeded=succeeded)
        return await execute_transaction(self.storage, transaction_id, result)

    async def statuses(self) -> dict[UUID, str]:
        """Return the stored state of every transaction."""
        return {each.id: each.status.value for each in await self.storage.safe_transactions.find()}


@pytest.fixture
async def owned(storage: Storage, world: World, clock: FixedClock) -> Owned:
    """A Safe with three owners."""
    safe = await world.added(SafeAccount, threshold=2, nonce=7, contract_version="1.4.1")
    for address in (ALICE, BOB, CAROL):
        await world.added(SafeOwner, safe_id=safe.id, owner_address=address, added_at=START_TIME, removed_at=None)
    return Owned(storage, clock, safe)


async def test_owners_and_their_delegates_propose(storage: Storage, world: World, owned: Owned) -> None:
    """A delegate of the Safe, or of an owner for all Safes; nobody else, and nothing is kept then."""
    mine = await owned.proposed(by=ALICE)
    assert (mine.status, mine.proposed_at) == (SafeTxStatus.PROPOSED, owned.clock.now())
    for safe_id, delegator in ((None, STRANGER), (None, BOB)):
        with pytest.raises(MayNotPropose):
            await owned.proposed(by=DELEGATE)
        given = {"safe_id": safe_id, "delegator_address": delegator, "delegate_address": DELEGATE}
        await world.added(SafeDelegate, **given, created_at=START_TIME, expires_at=None)
    theirs = await owned.proposed(by=DELEGATE)
    assert await storage.safe_transactions.find_pending(owned.safe.id) == [mine, theirs]
    assert (await storage.safe_transactions.page_by_proposer(DELEGATE)).items == [theirs]
    assert await storage.safe_transactions.find_by_hash(theirs.safe_tx_hash) == theirs
    with pytest.raises(AlreadyExists):
        await owned.proposed(data=mine.data)
    with pytest.raises(NonceUsed):
        await owned.proposed(nonce=6)
    with pytest.raises(InvalidValue):
        await owned.proposed(to_address="nowhere")
    with pytest.raises(NotFound):
        await owned.proposed(safe_id=mine.id)
    assert await storage.safe_transactions.count() == 2


async def test_a_transaction_is_executable_once_enough_owners_have_confirmed(storage: Storage, owned: Owned) -> None:
    """The second of two makes it so, for the next nonce alone; owners confirm once, others never."""
    transaction, later = await owned.proposed(), await owned.proposed(nonce=8)
    assert (await owned.confirmed(transaction, ALICE)).status is SafeTxStatus.PROPOSED
    for owner, error in ((ALICE, AlreadyConfirmed), (DELEGATE, NotAnOwner)):
        with pytest.raises(error):
            await owned.confirmed(transaction, owner)
    executable = await owned.confirmed(transaction, BOB)
    assert executable.status is SafeTxStatus.EXECUTABLE
    assert (await owned.confirmed(later, ALICE, BOB)).status is SafeTxStatus.PROPOSED
    assert await storage.safe_transactions.find_executable(owned.safe.id) == [executable]
    assert (await owned.confirmed(transaction, CAROL)).status is SafeTxStatus.EXECUTABLE
    confirmations = await storage.safe_confirmations.find_by_transaction(transaction.id)
    assert [each.owner_address for each in confirmations] == [ALICE, BOB, CAROL]
    with pytest.raises(NotFound):
        await owned.confirmed(attrs.evolve(transaction, id=owned.safe.id), ALICE)


async def test_two_owners_who_confirm_at_once_make_it_executable(owned: Owned) -> None:
    """Neither overlooks the other's confirmation."""
    transaction = await owned.proposed()
    await asyncio.gather(*(owned.confirmed(transaction, owner) for owner in (ALICE, BOB)))
    assert await owned.statuses() == {transaction.id: "executable"}


@pytest.mark.parametrize("succeeded", [True, False])
async def test_an_execution_advances_the_nonce(storage: Storage, owned: Owned, *, succeeded: bool) -> None:
    """Rivals are replaced, also when the call failed, and what was confirmed for the next nonce becomes executable."""
    winner, rival, following = await owned.proposed(), await owned.proposed(), await owned.proposed(nonce=8)
    for transaction in (winner, rival, following):
        await owned.confirmed(transaction, ALICE, BOB)
    execution = await owned.executed(winner.id, succeeded=succeeded)
    assert execution.safe == await storage.safes.get(owned.safe.id)
    assert (execution.safe.nonce, execution.safe.version) == (8, owned.safe.version + 1)
    assert [each.id for each in execution.replaced] == [rival.id]
    assert execution.transaction == await storage.safe_transactions.get(winner.id)
    assert execution.transaction.executed_at == owned.clock.now()
    status = "executed" if succeeded else "failed"
    assert await owned.statuses() == {winner.id: status, rival.id: "replaced", following.id: "executable"}
    for over in (winner, rival):
        with pytest.raises(WrongStatus):
            await owned.executed(over.id)
    with pytest.raises(WrongStatus):
        await owned.confirmed(rival, CAROL)


async def test_an_unconfirmed_transaction_is_not_executed(storage: Storage, owned: Owned) -> None:
    """Nothing changes then; one that became executable by other means is judged again."""
    transaction = await owned.proposed()
    await owned.confirmed(transaction, ALICE)
    with pytest.raises(WrongStatus) as caught:
        await owned.executed(transaction.id)
    assert caught.value.status == "proposed"
    assert (await storage.safes.get(owned.safe.id)).nonce == 7
    await storage.safes.update(attrs.evolve(await storage.safes.get(owned.safe.id), threshold=1))
    assert (await owned.executed(transaction.id)).transaction.status is SafeTxStatus.EXECUTED


async def test_of_two_concurrent_rivals_one_is_executed(owned: Owned) -> None:
    """The second executor finds the nonce used, and the Safe has moved by one."""
    rivals = [await owned.proposed() for _ in range(4)]
    for transaction in rivals:
        await owned.confirmed(transaction, ALICE, BOB)
    answers = await asyncio.gather(*(owned.executed(each.id) for each in rivals), return_exceptions=True)
    refused = [answer for answer in answers if isinstance(answer, BaseException)]
    assert [type(error) for error in refused] == [WrongStatus] * 3
    assert sorted((await owned.statuses()).values()) == ["executed", "replaced", "replaced", "replaced"]
    assert (await owned.storage.safes.get(owned.safe.id)).nonce == 8


async def test_a_transaction_executed_twice_at_once_is_executed_once(owned: Owned) -> None:
    """The second executor finds it executed."""
    transaction = await owned.proposed()
    await owned.confirmed(transaction, ALICE, BOB)
    answers = await asyncio.gather(*(owned.executed(transaction.id) for _ in range(2)), return_exceptions=True)
    assert sorted(type(answer).__name__ for answer in answers) == ["Execution", "WrongStatus"]
    assert (await owned.storage.safes.get(owned.safe.id)).nonce == 8


async def test_a_proposer_or_an_owner_cancels(owned: Owned) -> None:
    """Others may not, and what is over cannot be cancelled."""
    transaction = await owned.proposed(by=ALICE)
    with pytest.raises(NotAnOwner):
        await cancel_transaction(owned.storage, transaction.id, by=STRANGER)
    assert (await cancel_transaction(owned.storage, transaction.id, by=BOB)).status is SafeTxStatus.CANCELLED
    with pytest.raises(WrongStatus):
        await cancel_transaction(owned.storage, transaction.id, by=ALICE)
    assert await owned.storage.safe_transactions.find_pending(owned.safe.id) == []


async def test_a_review_follows_changes_of_owners(storage: Storage, owned: Owned) -> None:
    """An owner who was removed counts no more, and a lower threshold needs fewer; again is no change."""
    transaction = await owned.proposed()
    await owned.confirmed(transaction, ALICE, BOB)
    assert await review_transactions(storage, owned.safe.id) == []
    bob = await storage.safe_owners.get((owned.safe.id, BOB))
    await storage.safe_owners.update(attrs.evolve(bob, removed_at=owned.clock.now()))
    (changed,) = await review_transactions(storage, owned.safe.id)
    assert (changed.id, changed.status) == (transaction.id, SafeTxStatus.PROPOSED)
    await storage.safes.update(attrs.evolve(await storage.safes.get(owned.safe.id), threshold=1))
    (changed,) = await review_transactions(storage, owned.safe.id)
    assert changed.status is SafeTxStatus.EXECUTABLE
    with pytest.raises(NotFound):
        await review_transactions(storage, transaction.id)


async def test_transactions_are_read_with_their_confirmations(storage: Storage, world: World, owned: Owned) -> None:
    """The queue by nonce, one nonce with its rivals, and the history by pages, whatever the states."""
    later, first, rival = [await owned.proposed(nonce=nonce) for nonce in (8, 7, 7)]
    await world.added(SafeTransaction)
    await owned.confirmed(first, BOB, ALICE)
    queue = await read_queue(storage, owned.safe.id)
    assert [each.transaction.id for each in queue] == [first.id, rival.id, later.id]
    assert [[one.owner_address for one in each.confirmations] for each in queue] == [[BOB, ALICE], [], []]
    await owned.executed(first.id)
    assert [each.transaction.id for each in await read_queue(storage, owned.safe.id)] == [later.id]
    nonce = await read_nonce(storage, owned.safe.id, 7)
    assert [(each.transaction.id, len(each.confirmations)) for each in nonce] == [(first.id, 2), (rival.id, 0)]
    assert [each.id for each in await storage.safe_transactions.find_by_nonce(owned.safe.id, 8)] == [later.id]
    page = await read_history(storage, owned.safe.id, limit=2)
    assert [each.transaction.id for each in page.items] == [later.id, rival.id]
    page = await read_history(storage, owned.safe.id, limit=2, after=page.next)
    assert ([each.transaction.id for each in page.items], page.next) == ([first.id], None)
    assert await read_queue(storage, first.id) == []


async def test_every_decision_waits_for_the_lock_of_the_safe(storage: Storage, owned: Owned, blocked: Blocked) -> None:
    """It is decided by what the other leaves: here a threshold of 1."""
    transaction = await owned.proposed()
    decisions: list[Callable[[], Coroutine[Any, Any, Any]]] = [
        lambda: owned.confirmed(transaction, ALICE),
        lambda: owned.proposed(nonce=8),
        lambda: review_transactions(storage, owned.safe.id),
        lambda: owned.executed(transaction.id),
        lambda: cancel_transaction(storage, transaction.id, by=ALICE),
    ]
    for decision in decisions:
        async with storage.transaction() as other:
            held = await other.safes.lock(owned.safe.id)
            await other.safes.update(attrs.evolve(held, threshold=1))
            waiting = await blocked(decision())
        with suppress(WrongStatus):  # the last finds that the one before has executed it
            await waiting
    assert (await storage.safe_transactions.get(transaction.id)).status is SafeTxStatus.EXECUTED


async def test_a_safe_is_added_with_its_owners(storage: Storage, world: World, clock: FixedClock) -> None:
    """Safe and owners are there together; a threshold that its owners cannot reach leaves nothing."""
    user, chain = await world.added(User), await world.added(Chain)
    owners = ["0x" + digit * 40 for digit in "abc"]
    command = CreateSafe(
        user_id=user.id,
        chain_id=chain.id,
        address="0x" + "5" * 40,
        threshold=2,
        singleton_address="0x" + "6" * 40,
        contract_version="1.4.1",
    )
    for threshold in (0, 4):
        with pytest.raises(ThresholdOutOfRange):
            await add_safe(storage, attrs.evolve(command, threshold=threshold), owners)
    for refused in (ZERO_ADDRESS, SENTINEL_OWNER, command.address, owners[0], "0x" + "C" * 40):
        with pytest.raises(OwnerRefused, match=r"GS20[34]"):
            await add_safe(storage, command, [*owners, refused])
    assert await storage.safes.count() == 0
    safe = await add_safe(storage, command, owners)
    details = await storage.safes.details(safe.id)
    assert [(owner.owner_address, owner.added_at) for owner in details.owners] == [
        (owner, clock.time) for owner in owners
    ]
    with pytest.raises(AlreadyExists):
        await add_safe(storage, command, owners)


async def test_a_proposal_carries_the_hash_that_the_safe_computes(storage: Storage, owned: Owned) -> None:
    """The hash is computed where none is given, and another is refused, naming the right one; nothing is kept then."""
    mine = await owned.proposed()
    assert mine.safe_tx_hash == safe_tx_hash(owned.safe, mine)
    assert (mine.safe_tx_gas, mine.base_gas, mine.gas_token) == (1, 0, ZERO_ADDRESS)
    with pytest.raises(WrongSafeTxHash) as refused:
        await owned.proposed(safe_tx_hash=mine.safe_tx_hash)
    assert refused.value.given == mine.safe_tx_hash
    again = await owned.proposed(data=b"again", safe_tx_hash=None)
    assert await storage.safe_transactions.count() == 2
    with pytest.raises(AlreadyExists):
        await owned.proposed(data=b"again", safe_tx_hash=again.safe_tx_hash)


async def test_a_version_whose_hashes_are_unknown_takes_no_proposal(
    storage: Storage, world: World, clock: FixedClock
) -> None:
    """A Safe of a version beyond those that are known is refused by the field."""
    safe = await world.added(SafeAccount, contract_version="2.0.0", threshold=1, nonce=7)
    await world.added(SafeOwner, safe_id=safe.id, owner_address=ALICE, added_at=START_TIME, removed_at=None)
    with pytest.raises(InvalidValue) as refused:
        await Owned(storage, clock, safe).proposed()
    assert refused.value.field == "contract_version"


async def test_a_signature_that_is_not_the_owners_is_refused(storage: Storage, owned: Owned) -> None:
    """One by somebody else, of another kind or empty is refused, and no confirmation is kept."""
    mine = await owned.proposed()
    for signature, kind in (
        (approval(BOB), SignatureType.APPROVED_HASH),
        (approval(ALICE), SignatureType.EOA),
        (b"", SignatureType.EOA),
        (bytes(64) + b"\x1b", SignatureType.EOA),
    ):
        command = ConfirmTransaction(
            safe_transaction_id=mine.id, owner_address=ALICE, signature=signature, signature_type=kind
        )
        with pytest.raises(WrongSignature):
            await confirm_transaction(storage, command)
    assert await storage.safe_confirmations.count() == 0


async def test_an_execution_that_reverts_keeps_the_nonce(storage: Storage, owned: Owned) -> None:
    """Without a gas limit and a price the contract reverts where the call fails; with one the nonce is used."""
    without = await owned.confirmed(await owned.proposed(safe_tx_gas=0), ALICE, BOB)
    reverted = await owned.executed(without.id, succeeded=False)
    assert (reverted.reverted, reverted.safe.nonce, reverted.transaction.status) == (True, 7, SafeTxStatus.EXECUTABLE)
    assert (await storage.safes.get(owned.safe.id)).nonce == 7
    limited = await owned.confirmed(await owned.proposed(), ALICE, BOB)
    result = ChainResult(owned.fresh_hash(), owned.clock.now(), succeeded=False, reverted=True)
    assert (await execute_transaction(storage, limited.id, result)).reverted
    failed = await owned.executed(limited.id, succeeded=False)
    assert (failed.reverted, failed.safe.nonce, failed.transaction.status) == (False, 8, SafeTxStatus.FAILED)
