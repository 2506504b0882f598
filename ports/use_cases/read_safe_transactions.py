"""Reads a Safe's transactions with their confirmations, in one moment and a constant number of statements."""

from uuid import UUID

from attrs import frozen

from strongroom.domain.safes.safe_confirmation import SafeConfirmation
from strongroom.domain.safes.safe_transaction import SafeTransaction

from ..criteria import Cursor
from ..results import Page
from ..storage import Isolation, Transaction, UnitOfWork


@frozen
class ConfirmedTransaction:
    """A transaction and its confirmations, the oldest first; also of such as own the Safe no more."""

    transaction: SafeTransaction
    confirmations: tuple[SafeConfirmation, ...]


async def read_queue(storage: UnitOfWork, safe_id: UUID) -> list[ConfirmedTransaction]:
    """Return a Safe's proposed and executable transactions, by nonce, rivals by when they were proposed."""

    async def work(transaction: Transaction) -> list[ConfirmedTransaction]:
        return await _with_confirmations(transaction, await transaction.safe_transactions.find_pending(safe_id))

    return await storage.run(work, isolation=Isolation.REPEATABLE_READ, read_only=True)


async def read_nonce(storage: UnitOfWork, safe_id: UUID, nonce: int) -> list[ConfirmedTransaction]:
    """Return all transactions that a Safe was proposed for a nonce, the first proposed first."""

    async def work(transaction: Transaction) -> list[ConfirmedTransaction]:
        return await _with_confirmations(transaction, await transaction.safe_transactions.find_by_nonce(safe_id, nonce))

    return await storage.run(work, isolation=Isolation.REPEATABLE_READ, read_only=True)


async def read_history(
    storage: UnitOfWork, safe_id: UUID, *, limit: int = 50, after: Cursor | None = None
) -> Page[ConfirmedTransaction]:
    """Return a page of a Safe's transactions, the highest nonce first; see ``page_by_safe``."""

    async def work(transaction: Transaction) -> Page[ConfirmedTransaction]:
        page = await transaction.safe_transactions.page_by_safe(safe_id, limit=limit, after=after)
        return Page(await _with_confirmations(transaction, page.items), page.next)

    return await storage.run(work, isolation=Isolation.REPEATABLE_READ, read_only=True)


async def _with_confirmations(transaction: Transaction, found: list[SafeTransaction]) -> list[ConfirmedTransaction]:
    confirmations = await transaction.safe_confirmations.find_by_transactions([each.id for each in found])
    return [ConfirmedTransaction(each, tuple(confirmations[each.id])) for each in found]
