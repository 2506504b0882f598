"""The repository of modules' permissions."""

from typing import Protocol
from uuid import UUID

from strongroom.domain.safes.safe_module_permission import SafeModulePermission

from ..repository import Repository


class SafeModulePermissionRepository(Repository[SafeModulePermission, UUID], Protocol):
    """Modules' permissions, by id."""
