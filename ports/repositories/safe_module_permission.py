"""The repository of modules' permissions."""

from datetime import datetime
from typing import Protocol
from uuid import UUID

from attrs import frozen

from strongroom.domain.safes.module_calls import is_valid
from strongroom.domain.safes.safe_module_permission import CallOperation, SafeModulePermission

from ..creation import new_entity
from ..criteria import Criteria, asc, eq, le
from ..repository import Creating, Repository

BY_MODULE = Criteria(where=(eq("module_id"),), order=(asc("valid_from"),))
STARTED = Criteria(where=(eq("module_id"), le("valid_from")), order=(asc("valid_from"),))


@frozen(kw_only=True)
class CreateSafeModulePermission:
    """The fields of a new permission; see ``SafeModulePermission`` for the limits and what None means."""

    module_id: UUID
    target_address: str
    selector: str | None = None
    token_address: str | None = None
    max_value_wei: int = 0
    max_token_amount: int | None = None
    period_seconds: int | None = None
    operation: CallOperation = CallOperation.CALL
    valid_from: datetime
    valid_until: datetime | None = None


class SafeModulePermissionRepository(Repository[SafeModulePermission, UUID], Creating, Protocol):
    """Modules' permissions, by id; those that are over are there too."""

    async def create(self, command: CreateSafeModulePermission) -> SafeModulePermission:
        """Add a permission. Raises InvalidValue if it ends before it starts."""
        return await self.add(new_entity(SafeModulePermission, command, id=self.next_id(), now=self.now()))

    async def find_by_module(self, module_id: UUID, *, limit: int | None = None) -> list[SafeModulePermission]:
        """Return all permissions of a module, the first to be valid first."""
        return await self.find(BY_MODULE, module_id, limit=limit)

    async def find_valid(
        self, module_id: UUID, at: datetime, *, limit: int | None = None
    ) -> list[SafeModulePermission]:
        """Return the permissions of a module that are valid at a time, the first to be valid first."""
        return [
            permission
            for permission in await self.find(STARTED, module_id, at, limit=limit)
            if is_valid(permission, at)
        ]
