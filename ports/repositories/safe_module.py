"""The repository of Safes' modules."""

from datetime import datetime
from typing import Any, Protocol
from uuid import UUID

from attrs import field, frozen

from strongroom.domain.safes.safe_module import SafeModule

from ..creation import new_entity
from ..criteria import Criteria, asc, eq, is_null
from ..repository import Creating, Repository

BY_SAFE = Criteria(where=(eq("safe_id"),), order=(asc("enabled_at"),))
ENABLED_BY_SAFE = Criteria(where=(eq("safe_id"), is_null("disabled_at")), order=(asc("enabled_at"),))


@frozen(kw_only=True)
class CreateSafeModule:
    """The fields of a module that a Safe enables."""

    safe_id: UUID
    module_address: str
    name: str
    enabled_at: datetime
    config: dict[str, Any] = field(factory=dict)


class SafeModuleRepository(Repository[SafeModule, UUID], Creating, Protocol):
    """Safes' modules, by id; those that were disabled are there too."""

    async def create(self, command: CreateSafeModule) -> SafeModule:
        """Add an enabled module. Raises AlreadyExists while the Safe has one enabled at the address."""
        return await self.add(new_entity(SafeModule, command, id=self.next_id(), now=self.now()))

    async def find_by_safe(self, safe_id: UUID, *, limit: int | None = None) -> list[SafeModule]:
        """Return all modules that a Safe has ever enabled, the first enabled first."""
        return await self.find(BY_SAFE, safe_id, limit=limit)

    async def find_enabled(self, safe_id: UUID, *, limit: int | None = None) -> list[SafeModule]:
        """Return the modules that a Safe has not disabled, the first enabled first."""
        return await self.find(ENABLED_BY_SAFE, safe_id, limit=limit)
