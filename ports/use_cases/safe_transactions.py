"""Propose, confirm, execute, replace and cancel transactions of a Safe.

A decision that depends on a Safe's threshold, nonce or owners is made while the Safe's row is locked: of concurrent
calls for one Safe, each sees the result of the call before.
"""

from collections.abc import Iterable
from datetime import datetime
from typing import Final
from uuid import UUID

from attrs import evolve, frozen

from strongroom.domain.safes.errors import WrongSafeTxHash
from strongroom.domain.safes.ownership import owners_at
from strongroom.domain.safes.safe_account import SafeAccount
from strongroom.domain.safes.safe_confirmation import SafeConfirmation, SignatureType
from strongroom.domain.safes.safe_transaction import SafeTransaction
from strongroom.domain.safes.safe_tx_hash import safe_tx_hash
from strongroom.domain.safes.signatures import require_signature
from strongroom.domain.safes.transaction_lifecycle import (
    ChainResult,
    Execution,
    accept_execution,
    apply_cancellation,
    apply_execution,
    confirmed_by,
    require_confirmable,
    require_proposable,
    update_executability,
)

from ..repositories.safe_transaction import CreateSafeTransaction
from ..storage import Transaction, UnitOfWork

UNKNOWN_HASH: Final = "0x" + "0" * 64


@frozen(kw_only=True)
class ConfirmTransaction:
    """An owner's confirmation of a transaction, with the signature."""

    safe_transaction_id: UUID
    owner_address: str
    signature: bytes
    signature_type: SignatureType = SignatureType.EOA


async def propose_transaction(storage: UnitOfWork, command: CreateSafeTransaction) -> SafeTransaction:
    """Add a transaction that an owner of a Safe, or an owner's delegate, proposes; several may share a nonce.

    The hash that the owners sign is computed as the Safe's version does, and compared with the given hash.
    Raises NotFound for an unknown Safe, WrongSafeTxHash, NonceUsed and MayNotPropose as ``require_proposable`` does,
    AlreadyExists for a hash that is known, and InvalidValue, also for a version whose hashes are not known.
    """

    async def work(transaction: Transaction) -> SafeTransaction:
        safe = await transaction.safes.lock(command.safe_id)
        transactions = transaction.safe_transactions
        proposed = _with_hash(safe, command, id_=transactions.next_id(), at=transactions.now())
        owners = await transaction.safe_owners.find_by_safe(safe.id)
        delegates = await transaction.safe_delegates.find_by_safe(safe.id)
        delegates += await transaction.safe_delegates.find_for_all_safes([owner.owner_address for owner in owners])
        require_proposable(safe, proposed, owners=owners, delegates=delegates)
        return await transactions.add(proposed)

    return await storage.run(work)


async def confirm_transaction(storage: UnitOfWork, command: ConfirmTransaction) -> SafeTransaction:
    """Add an owner's confirmation now, and return the transaction, which the last one needed makes executable.

    Raises NotFound for an unknown transaction, WrongStatus, NotAnOwner and AlreadyConfirmed as ``require_confirmable``
    does, WrongSignature as ``require_signature`` does, and InvalidValue.
    """

    async def work(transaction: Transaction) -> SafeTransaction:
        safe, wanted = await _lock_safe_of(transaction, command.safe_transaction_id)
        confirmation = SafeConfirmation(
            safe_transaction_id=wanted.id,
            owner_address=command.owner_address,
            signature=command.signature,
            signature_type=command.signature_type,
            confirmed_at=transaction.safe_confirmations.now(),
        )
        owners = await transaction.safe_owners.find_by_safe(safe.id)
        confirmations = await transaction.safe_confirmations.find_by_transaction(wanted.id)
        require_confirmable(wanted, confirmation, owners=owners, confirmations=confirmations)
        require_signature(wanted, confirmation)
        confirmations.append(await transaction.safe_confirmations.add(confirmation))
        after = update_executability(safe, wanted, confirmations, owners=owners, at=confirmation.confirmed_at)
        return await _store_change(transaction, wanted, after)

    return await storage.run(work)


async def execute_transaction(storage: UnitOfWork, safe_transaction_id: UUID, result: ChainResult) -> Execution:
    """Record how the chain executed a transaction: advance the Safe's nonce, and mark its rivals as replaced.

    A transaction that the chain reverted as a whole changes nothing, and may be executed again. The status of a
    transaction that is stored as proposed or cancelled is decided again from what is known now, as
    ``accept_execution`` does; so is the status of the transactions with the next nonce. Raises NotFound for an unknown
    transaction, and WrongStatus if it is not executable, or no longer: of two executions of a nonce the second is
    refused.
    """

    async def work(transaction: Transaction) -> Execution:
        safe, wanted = await _lock_safe_of(transaction, safe_transaction_id)
        now = transaction.safes.now()
        pending = await transaction.safe_transactions.find_pending(safe.id)
        owners = await transaction.safe_owners.find_by_safe(safe.id)
        confirmations = await transaction.safe_confirmations.find_by_transaction(wanted.id)
        current = owners_at(owners, safe.id, now)
        confirmed = confirmed_by(wanted, confirmations, owners=owners, at=now)
        wanted = accept_execution(safe, wanted, result, owners=current, confirmed=confirmed)
        execution = apply_execution(safe, wanted, result, pending)
        if execution.reverted:
            return execution
        done = await transaction.safe_transactions.update(execution.transaction)
        replaced = [await transaction.safe_transactions.update(rival) for rival in execution.replaced]
        moved = await transaction.safes.update(execution.safe)
        over = {done.id, *(rival.id for rival in replaced)}
        await review_pending(transaction, moved, [each for each in pending if each.id not in over], now)
        return Execution(moved, done, tuple(replaced))

    return await storage.run(work)


async def cancel_transaction(storage: UnitOfWork, safe_transaction_id: UUID, *, by: str) -> SafeTransaction:
    """Cancel an open transaction on behalf of its proposer or an owner, off the chain.

    Raises NotFound for an unknown transaction, WrongStatus, NotAnOwner and ValueError as ``apply_cancellation`` does.
    """

    async def work(transaction: Transaction) -> SafeTransaction:
        safe, wanted = await _lock_safe_of(transaction, safe_transaction_id)
        owners = await transaction.safe_owners.find_by_safe(safe.id)
        cancelled = apply_cancellation(wanted, by, owners=owners, at=transaction.safe_transactions.now())
        return await transaction.safe_transactions.update(cancelled)

    return await storage.run(work)


async def review_transactions(storage: UnitOfWork, safe_id: UUID) -> list[SafeTransaction]:
    """Judge a Safe's open transactions again, once its owners, threshold or nonce have changed; return those changed.

    Raises NotFound for an unknown Safe.
    """

    async def work(transaction: Transaction) -> list[SafeTransaction]:
        safe = await transaction.safes.lock(safe_id)
        pending = await transaction.safe_transactions.find_pending(safe.id)
        return await review_pending(transaction, safe, pending, transaction.safes.now())

    return await storage.run(work)


def _with_hash(safe: SafeAccount, command: CreateSafeTransaction, *, id_: UUID, at: datetime) -> SafeTransaction:
    """Return a transaction as it is proposed, with its hash. Raises WrongSafeTxHash and InvalidValue."""
    unhashed = evolve(command, safe_tx_hash=command.safe_tx_hash or UNKNOWN_HASH).new_entity(id=id_, at=at)
    expected = safe_tx_hash(safe, unhashed)
    if command.safe_tx_hash is not None and unhashed.safe_tx_hash != expected:
        raise WrongSafeTxHash(safe.id, expected=expected, given=unhashed.safe_tx_hash)
    return evolve(unhashed, safe_tx_hash=expected)


async def _lock_safe_of(transaction: Transaction, safe_transaction_id: UUID) -> tuple[SafeAccount, SafeTransaction]:
    """Return a transaction's Safe, held, and the transaction as it is since then. Raises NotFound."""
    safe_id = (await transaction.safe_transactions.get(safe_transaction_id)).safe_id
    safe = await transaction.safes.lock(safe_id)
    return safe, await transaction.safe_transactions.get(safe_transaction_id)


async def review_pending(
    transaction: Transaction, safe: SafeAccount, pending: Iterable[SafeTransaction], at: datetime
) -> list[SafeTransaction]:
    """Store what has become of open transactions, and return those that have changed."""
    before = list(pending)
    after = await _with_current_status(transaction, safe, before, at)
    changed = [now for was, now in zip(before, after, strict=True) if now != was]
    return [await transaction.safe_transactions.update(each) for each in changed]


async def _with_current_status(
    transaction: Transaction, safe: SafeAccount, pending: list[SafeTransaction], at: datetime
) -> list[SafeTransaction]:
    """Return transactions with the states that they have at a time, in two statements."""
    owners = await transaction.safe_owners.find_by_safe(safe.id)
    confirmations = await transaction.safe_confirmations.find_by_transactions([each.id for each in pending])
    return [update_executability(safe, each, confirmations[each.id], owners=owners, at=at) for each in pending]


async def _store_change(transaction: Transaction, before: SafeTransaction, after: SafeTransaction) -> SafeTransaction:
    return before if after == before else await transaction.safe_transactions.update(after)
