"""The life of a Safe's transaction: proposed, executable, executed or failed; or replaced, or cancelled.

The rules of the Safe contract's execTransaction and checkNSignatures (safe-smart-account, Safe.sol): a
transaction needs the confirmations of as many current owners as the threshold says, and the Safe's next nonce;
an execution uses the nonce up whether the inner call succeeds (ExecutionSuccess) or not (ExecutionFailure), so
that no other transaction of that nonce can ever be executed.
"""

from collections.abc import Iterable
from datetime import datetime
from typing import Final

from attrs import evolve, field, frozen
from attrs.converters import optional

from ..values.address import parse_evm_address
from ..values.instants import utc_times
from .errors import AlreadyConfirmed, NonceUsed, NotAnOwner, WrongSafe, WrongStatus
from .ownership import owners_at, require_may_propose
from .safe_account import SafeAccount
from .safe_confirmation import SafeConfirmation
from .safe_delegate import SafeDelegate
from .safe_owner import SafeOwner
from .safe_transaction import SafeTransaction, SafeTxStatus
from .safe_tx_hash import reverts_on_failure

OPEN: Final = frozenset({SafeTxStatus.PROPOSED, SafeTxStatus.EXECUTABLE})
"""The states in which a transaction may still be confirmed, executed, replaced or cancelled."""


@frozen
class ChainResult:
    """How the chain's transaction that executed a Safe's transaction ended, ExecutionSuccess or ExecutionFailure.

    Where it was ``reverted`` as a whole it emitted neither, and the Safe keeps its nonce; see ``reverts_on_failure``.
    ``executor_address`` is who sent it to the Safe, None where that is not known. Raises ValueError for no address.
    """

    eth_transaction_hash: str
    at: datetime
    succeeded: bool = True
    executor_address: str | None = field(default=None, converter=optional(parse_evm_address))
    reverted: bool = False


@frozen
class Execution:
    """What an execution leaves: the Safe with its next nonce, the transaction, and the rivals it replaced.

    One that was ``reverted`` leaves all as it was.
    """

    safe: SafeAccount
    transaction: SafeTransaction
    replaced: tuple[SafeTransaction, ...]
    reverted: bool = False


def require_proposable(
    safe: SafeAccount,
    transaction: SafeTransaction,
    *,
    owners: Iterable[SafeOwner],
    delegates: Iterable[SafeDelegate] = (),
) -> None:
    """Raise unless a new transaction may be proposed to a Safe by its proposer at its time.

    Raises WrongSafe, WrongStatus for one that is not proposed, NonceUsed for a nonce below the Safe's, and
    MayNotPropose.
    """
    _require_same_safe(safe, transaction)
    if transaction.status is not SafeTxStatus.PROPOSED:
        raise WrongStatus(transaction.id, status=transaction.status.value, step="proposed")
    if transaction.nonce < safe.nonce:
        raise NonceUsed(safe.id, nonce=transaction.nonce, next_nonce=safe.nonce)
    require_may_propose(safe, transaction.proposer_address, transaction.proposed_at, owners=owners, delegates=delegates)


def require_confirmable(
    transaction: SafeTransaction,
    confirmation: SafeConfirmation,
    *,
    owners: Iterable[SafeOwner],
    confirmations: Iterable[SafeConfirmation] = (),
) -> None:
    """Raise unless a confirmation may be added to those that a transaction has: by current owners only, once each.

    Raises WrongSafe for a confirmation of another transaction, WrongStatus for one that is not open, NotAnOwner
    (delegates included, who propose and never confirm), and AlreadyConfirmed.
    """
    if confirmation.safe_transaction_id != transaction.id:
        raise WrongSafe(expected=transaction.id, given=confirmation.safe_transaction_id)
    _require_open(transaction, "confirmed")
    if confirmation.owner_address not in owners_at(owners, transaction.safe_id, confirmation.confirmed_at):
        raise NotAnOwner(transaction.safe_id, address=confirmation.owner_address, at=confirmation.confirmed_at)
    known = {other.owner_address for other in confirmations if other.safe_transaction_id == transaction.id}
    if confirmation.owner_address in known:
        raise AlreadyConfirmed(transaction.id, address=confirmation.owner_address)


@utc_times
def confirmed_by(
    transaction: SafeTransaction,
    confirmations: Iterable[SafeConfirmation],
    *,
    owners: Iterable[SafeOwner],
    at: datetime,
) -> frozenset[str]:
    """Return who has confirmed a transaction by a time and owns the Safe then; each owner counts once.

    The confirmation of an owner who was removed does not count any more, and counts again for one who came back.
    """
    signers = {
        confirmation.owner_address
        for confirmation in confirmations
        if confirmation.safe_transaction_id == transaction.id and confirmation.confirmed_at <= at
    }
    return owners_at(owners, transaction.safe_id, at) & signers


@utc_times
def update_executability(
    safe: SafeAccount,
    transaction: SafeTransaction,
    confirmations: Iterable[SafeConfirmation],
    *,
    owners: Iterable[SafeOwner],
    at: datetime,
) -> SafeTransaction:
    """Return an open transaction as executable or proposed, whichever it is at a time; any other as it is.

    It is executable with the Safe's next nonce and the confirmations of at least ``threshold`` current owners,
    and proposed again when an owner who confirmed is removed or the threshold is raised. One whose nonce was
    used is replaced. Raises WrongSafe.
    """
    _require_same_safe(safe, transaction)
    if transaction.status not in OPEN:
        return transaction
    if transaction.nonce < safe.nonce:
        return evolve(transaction, status=SafeTxStatus.REPLACED)
    enough = len(confirmed_by(transaction, confirmations, owners=owners, at=at)) >= safe.threshold
    is_next = transaction.nonce == safe.nonce
    return evolve(transaction, status=SafeTxStatus.EXECUTABLE if enough and is_next else SafeTxStatus.PROPOSED)


def accept_execution(
    safe: SafeAccount,
    transaction: SafeTransaction,
    result: ChainResult,
    *,
    owners: frozenset[str],
    confirmed: frozenset[str],
) -> SafeTransaction:
    """Return a transaction as executable where the chain could execute it so, else as it is.

    One that is proposed, or was cancelled, which binds nobody on the chain; with the Safe's next nonce, and enough
    ``owners`` of now who have ``confirmed`` it: the owner who sends it needs no signature (checkNSignatures, v = 1).
    """
    if transaction.status not in {SafeTxStatus.PROPOSED, SafeTxStatus.CANCELLED} or transaction.nonce != safe.nonce:
        return transaction
    enough = len(owners & (confirmed | {result.executor_address})) >= safe.threshold
    return evolve(transaction, status=SafeTxStatus.EXECUTABLE) if enough else transaction


def apply_execution(
    safe: SafeAccount,
    transaction: SafeTransaction,
    result: ChainResult,
    rivals: Iterable[SafeTransaction] = (),
) -> Execution:
    """Return what the execution of an executable transaction leaves.

    The Safe's nonce goes up by one although the call failed, unless the contract reverts then: that leaves Safe and
    transaction as they were, which may be executed again. Of the ``rivals``, the Safe's other open
    transactions of this nonce are replaced and the rest are left out. ``version`` and ``updated_at`` are the
    storage's to set. Raises WrongSafe, and WrongStatus for a transaction that is not executable.
    """
    _require_same_safe(safe, transaction)
    if transaction.status is not SafeTxStatus.EXECUTABLE or transaction.nonce != safe.nonce:
        raise WrongStatus(transaction.id, status=transaction.status.value, step="executed")
    if result.reverted or (not result.succeeded and reverts_on_failure(safe, transaction)):
        return Execution(safe, transaction, (), reverted=True)
    done = evolve(
        transaction,
        status=SafeTxStatus.EXECUTED if result.succeeded else SafeTxStatus.FAILED,
        executed_at=result.at,
        eth_transaction_hash=result.eth_transaction_hash,
    )
    replaced = tuple(
        evolve(rival, status=SafeTxStatus.REPLACED)
        for rival in rivals
        if rival.safe_id == safe.id
        and rival.nonce == transaction.nonce
        and rival.id != transaction.id
        and rival.status in OPEN
    )
    return Execution(evolve(safe, nonce=safe.nonce + 1), done, replaced)


@utc_times
def apply_cancellation(
    transaction: SafeTransaction, address: str, *, owners: Iterable[SafeOwner], at: datetime
) -> SafeTransaction:
    """Return an open transaction as cancelled by its proposer or by an owner of the Safe, off the chain.

    Signatures that were given stay valid on the chain: only another execution of the nonce makes them void.
    Raises WrongStatus, NotAnOwner, and ValueError for what is no EVM address.
    """
    _require_open(transaction, "cancelled")
    canceller = parse_evm_address(address)
    if canceller != transaction.proposer_address and canceller not in owners_at(owners, transaction.safe_id, at):
        raise NotAnOwner(transaction.safe_id, address=canceller, at=at)
    return evolve(transaction, status=SafeTxStatus.CANCELLED)


def _require_same_safe(safe: SafeAccount, transaction: SafeTransaction) -> None:
    if transaction.safe_id != safe.id:
        raise WrongSafe(expected=safe.id, given=transaction.safe_id)


def _require_open(transaction: SafeTransaction, step: str) -> None:
    if transaction.status not in OPEN:
        raise WrongStatus(transaction.id, status=transaction.status.value, step=step)
