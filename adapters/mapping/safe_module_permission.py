"""The table of modules' permissions."""

from strongroom.domain.safes.safe_module_permission import SafeModulePermission
from strongroom.ports.repositories.safe_module_permission import SafeModulePermissionRepository

from .declaration import declare
from .safe_module import SAFE_MODULE
from .table import Check, OnDelete, Owner


def _ends_after_start(permission: SafeModulePermission) -> bool | None:
    return None if permission.valid_until is None else permission.valid_until > permission.valid_from


SAFE_MODULE_PERMISSION = declare(
    SafeModulePermission,
    "safe_module_permission",
    repository=SafeModulePermissionRepository,
    owner=Owner.FRONTEND,
    references={"module_id": (SAFE_MODULE, OnDelete.CASCADE)},
    checks=(Check("safe_module_permission_valid_until_check", "valid_until > valid_from", _ends_after_start),),
    indexes=(("module_id", "valid_from"),),
    defaults={"created_at": "CURRENT_TIMESTAMP"},
)
