"""What becomes of a Safe's transactions when the chain's transactions that executed them are mined no more."""

from collections.abc import Collection, Iterable

from attrs import evolve, frozen

from .errors import WrongSafe
from .safe_account import SafeAccount
from .safe_transaction import SafeTransaction, SafeTxStatus

EXECUTED: frozenset[SafeTxStatus] = frozenset({SafeTxStatus.EXECUTED, SafeTxStatus.FAILED})


@frozen
class ReopenedTransactions:
    """What lost executions leave: the Safe with the first nonce that is free again, and the transactions changed."""

    safe: SafeAccount
    transactions: tuple[SafeTransaction, ...]


def reopen_transactions(
    safe: SafeAccount, transactions: Iterable[SafeTransaction], lost: Collection[str]
) -> ReopenedTransactions:
    """Return a Safe, and those of its transactions that change, when the chain's transactions ``lost`` are no more.

    What they executed, or failed to, is proposed again; so is what was executed after it, since a Safe uses its nonces
    one after the other, and what all of it replaced. The Safe's nonce is the lowest of theirs again. ``reviewed`` tells
    which are executable. What was executed before, and what was cancelled, stays; with nothing lost nothing changes.
    Raises WrongSafe for a transaction of another Safe.
    """
    own = list(transactions)
    for each in own:
        if each.safe_id != safe.id:
            raise WrongSafe(expected=safe.id, given=each.safe_id)
    executed = [each for each in own if each.status in EXECUTED]
    nonce = min((each.nonce for each in executed if each.eth_transaction_hash in lost), default=None)
    if nonce is None:
        return ReopenedTransactions(safe, ())
    undone = [each for each in executed if each.nonce >= nonce]
    open_again = [each for each in own if each.status is SafeTxStatus.REPLACED and each.nonce >= nonce]
    changed = tuple(
        evolve(each, status=SafeTxStatus.PROPOSED, executed_at=None, eth_transaction_hash=None)
        for each in (*undone, *open_again)
    )
    return ReopenedTransactions(evolve(safe, nonce=nonce), changed)
