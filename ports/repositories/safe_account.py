"""The repository of Safes."""

from datetime import datetime
from typing import Protocol
from uuid import UUID

from attrs import frozen

from strongroom.domain.safes.safe_account import SafeAccount
from strongroom.domain.safes.safe_details import SafeDetails

from ..creation import new_entity
from ..criteria import Criteria, asc, eq
from ..repository import Creating, Repository

BY_USER = Criteria(where=(eq("user_id"),), order=(asc("created_at"),))
BY_ADDRESS = Criteria(where=(eq("chain_id"), eq("address")))


@frozen(kw_only=True)
class CreateSafe:
    """The fields of a Safe that a user adds; ``deployed_at`` is None before the contract exists."""

    user_id: UUID
    chain_id: int
    address: str
    threshold: int
    nonce: int = 0
    singleton_address: str
    fallback_handler: str | None = None
    guard: str | None = None
    contract_version: str
    deployed_at: datetime | None = None


class SafeAccountRepository(Repository[SafeAccount, UUID], Creating, Protocol):
    """Safes, by id."""

    async def create(self, command: CreateSafe) -> SafeAccount:
        """Add a Safe without owners; see ``add_safe``. Raises AlreadyExists when the chain has one at the address."""
        return await self.add(new_entity(SafeAccount, command, id=self.next_id(), now=self.now()))

    async def find_by_user(self, user_id: UUID, *, limit: int | None = None) -> list[SafeAccount]:
        """Return a user's Safes, the first added first."""
        return await self.find(BY_USER, user_id, limit=limit)

    async def find_by_address(self, chain_id: int, address: str) -> SafeAccount | None:
        """Return the Safe of a chain with an address in its stored form, or None."""
        return await self.find_one(BY_ADDRESS, chain_id, address)

    async def find_by_owner(
        self, owner_address: str, *, at: datetime | None = None, limit: int | None = None
    ) -> list[SafeAccount]:
        """Return the Safes of all chains that an address owns at a time (the clock's now unless given), by creation."""
        ...

    async def details(self, key: UUID, *, at: datetime | None = None) -> SafeDetails:
        """Return a Safe at a time (the clock's now unless given) with owners, delegates, modules and permissions.

        All in one statement, and so of one moment; see ``domain.safes.safe_details``. Raises NotFound.
        """
        ...

    async def details_by_address(
        self, chain_id: int, address: str, *, at: datetime | None = None
    ) -> SafeDetails | None:
        """Return the details of the Safe of a chain with an address in its stored form, or None."""
        ...
