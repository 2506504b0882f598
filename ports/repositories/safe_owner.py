"""The repository of Safes' owners."""

from typing import Protocol
from uuid import UUID

from strongroom.domain.safes.safe_owner import SafeOwner

from ..criteria import Criteria, asc, eq, is_null
from ..repository import Creating, Repository

BY_SAFE = Criteria(where=(eq("safe_id"),), order=(asc("added_at"),))
CURRENT_BY_SAFE = Criteria(where=(eq("safe_id"), is_null("removed_at")), order=(asc("added_at"),))
BY_ADDRESS = Criteria(where=(eq("owner_address"),), order=(asc("added_at"),))


class SafeOwnerRepository(Repository[SafeOwner, tuple[UUID, str]], Creating, Protocol):
    """Safes' owners, by Safe and address; those who were removed are there too."""

    async def find_by_safe(
        self, safe_id: UUID, *, include_removed: bool = True, limit: int | None = None
    ) -> list[SafeOwner]:
        """Return a Safe's owners, the longest there first; those who were removed only where wanted."""
        return await self.find(BY_SAFE if include_removed else CURRENT_BY_SAFE, safe_id, limit=limit)

    async def find_by_address(self, owner_address: str, *, limit: int | None = None) -> list[SafeOwner]:
        """Return an address's ownerships, of the past too, the longest first; see ``safes.find_by_owner``."""
        return await self.find(BY_ADDRESS, owner_address, limit=limit)
