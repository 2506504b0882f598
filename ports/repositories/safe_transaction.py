"""The repository of Safes' transactions."""

from datetime import datetime
from typing import Final, Protocol
from uuid import UUID

from attrs import asdict, frozen

from strongroom.domain.safes.safe_module_permission import CallOperation
from strongroom.domain.safes.safe_transaction import SafeTransaction, SafeTxStatus
from strongroom.domain.safes.transaction_lifecycle import OPEN
from strongroom.domain.values.address import ZERO_ADDRESS

from ..criteria import Criteria, Cursor, asc, desc, eq, in_
from ..repository import Creating, Repository
from ..results import Page

BY_NONCE = (asc("nonce"), asc("proposed_at"))

BY_HASH = Criteria(where=(eq("safe_tx_hash"),))
OPEN_BY_SAFE = Criteria(where=(eq("safe_id"), in_("status")), order=BY_NONCE)
WITH_STATUS = Criteria(where=(eq("safe_id"), eq("status")), order=BY_NONCE)
WITH_NONCE = Criteria(where=(eq("safe_id"), eq("nonce")), order=(asc("proposed_at"),))
HISTORY = Criteria(where=(eq("safe_id"),), order=(desc("nonce"), desc("proposed_at")))
BY_PROPOSER = Criteria(where=(eq("proposer_address"),), order=(desc("proposed_at"),))

PENDING: Final = [status for status in SafeTxStatus if status in OPEN]


@frozen(kw_only=True)
class CreateSafeTransaction:
    """The fields of a newly proposed transaction; the defaults are what the Safe's own app proposes.

    ``safe_tx_hash`` is the EIP-712 hash that the owners sign: ``propose_transaction`` checks it, or computes it if
    it is None.
    """

    safe_id: UUID
    safe_tx_hash: str | None = None
    nonce: int
    to_address: str
    value_wei: int = 0
    data: bytes = b""
    operation: CallOperation = CallOperation.CALL
    proposer_address: str
    safe_tx_gas: int = 0
    base_gas: int = 0
    gas_price: int = 0
    gas_token: str = ZERO_ADDRESS
    refund_receiver: str = ZERO_ADDRESS

    def new_entity(self, *, id: UUID, at: datetime) -> SafeTransaction:  # noqa: A002
        """Return the transaction as it is proposed at a time. Raises InvalidValue."""
        return SafeTransaction(**asdict(self, recurse=False), id=id, proposed_at=at)


class SafeTransactionRepository(Repository[SafeTransaction, UUID], Creating, Protocol):
    """Safes' transactions, by id; who may propose and confirm them is decided by the use cases."""

    async def create(self, command: CreateSafeTransaction) -> SafeTransaction:
        """Add a proposed transaction as it is; see ``propose_transaction``. Raises AlreadyExists for a known hash."""
        return await self.add(command.new_entity(id=self.next_id(), at=self.now()))

    async def find_by_hash(self, safe_tx_hash: str) -> SafeTransaction | None:
        """Return the transaction with the hash that the owners sign, or None."""
        return await self.find_one(BY_HASH, safe_tx_hash)

    async def find_pending(self, safe_id: UUID, *, limit: int | None = None) -> list[SafeTransaction]:
        """Return a Safe's proposed and executable transactions, by nonce; rivals by when they were proposed."""
        return await self.find(OPEN_BY_SAFE, safe_id, PENDING, limit=limit)

    async def find_executable(self, safe_id: UUID, *, limit: int | None = None) -> list[SafeTransaction]:
        """Return a Safe's executable transactions, which all have its next nonce, as stored."""
        return await self.find(WITH_STATUS, safe_id, SafeTxStatus.EXECUTABLE, limit=limit)

    async def find_by_nonce(self, safe_id: UUID, nonce: int, *, limit: int | None = None) -> list[SafeTransaction]:
        """Return all transactions that a Safe was proposed for a nonce, the first proposed first."""
        return await self.find(WITH_NONCE, safe_id, nonce, limit=limit)

    async def page_by_safe(
        self, safe_id: UUID, *, limit: int = 50, after: Cursor | None = None
    ) -> Page[SafeTransaction]:
        """Return a page of a Safe's transactions, whatever their states, the highest nonce first.

        A cursor is (nonce, proposed_at, id) of a transaction.
        """
        return await self.page(HISTORY, safe_id, limit=limit, after=after)

    async def page_by_proposer(
        self, proposer_address: str, *, limit: int = 50, after: Cursor | None = None
    ) -> Page[SafeTransaction]:
        """Return a page of what an address proposed to all Safes, the newest first."""
        return await self.page(BY_PROPOSER, proposer_address, limit=limit, after=after)
