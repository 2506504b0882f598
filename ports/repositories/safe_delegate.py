"""The repository of delegates."""

from collections.abc import Collection
from datetime import datetime
from typing import Protocol
from uuid import UUID

from attrs import frozen

from strongroom.domain.safes.safe_delegate import SafeDelegate

from ..creation import new_entity
from ..criteria import Criteria, asc, eq, in_, is_null
from ..repository import Creating, Repository

BY_SAFE = Criteria(where=(eq("safe_id"),), order=(asc("created_at"),))
FOR_ALL_SAFES = Criteria(where=(is_null("safe_id"), in_("delegator_address")), order=(asc("created_at"),))
BY_DELEGATOR = Criteria(where=(eq("delegator_address"),), order=(asc("created_at"),))
BY_DELEGATE = Criteria(where=(eq("delegate_address"),), order=(asc("created_at"),))


@frozen(kw_only=True)
class CreateSafeDelegate:
    """The fields of a new delegate of an owner; without ``safe_id`` the delegate is for every Safe of the owner."""

    safe_id: UUID | None = None
    delegate_address: str
    delegator_address: str
    label: str
    expires_at: datetime | None = None


class SafeDelegateRepository(Repository[SafeDelegate, UUID], Creating, Protocol):
    """Delegates, by id; expired ones are there too."""

    async def create(self, command: CreateSafeDelegate) -> SafeDelegate:
        """Add a delegate. Raises AlreadyExists when the delegator has the delegate for the Safe (or for all)."""
        return await self.add(new_entity(SafeDelegate, command, id=self.next_id(), now=self.now()))

    async def find_by_safe(self, safe_id: UUID, *, limit: int | None = None) -> list[SafeDelegate]:
        """Return a Safe's own delegates, the oldest first."""
        return await self.find(BY_SAFE, safe_id, limit=limit)

    async def find_for_all_safes(
        self, delegator_addresses: Collection[str], *, limit: int | None = None
    ) -> list[SafeDelegate]:
        """Return the delegates that some owners have for all their Safes, the oldest first."""
        return await self.find(FOR_ALL_SAFES, list(delegator_addresses), limit=limit)

    async def find_by_delegator(self, delegator_address: str, *, limit: int | None = None) -> list[SafeDelegate]:
        """Return the delegates that an owner has, for whichever Safes, the oldest first."""
        return await self.find(BY_DELEGATOR, delegator_address, limit=limit)

    async def find_by_delegate(self, delegate_address: str, *, limit: int | None = None) -> list[SafeDelegate]:
        """Return the delegations that an address has been given, the oldest first."""
        return await self.find(BY_DELEGATE, delegate_address, limit=limit)
