"""The table of modules' permissions."""

from strongroom.domain.safes.safe_module_permission import SafeModulePermission

from .enums import ENUMS
from .table import Check, OnDelete, Owner, declare, foreign_key


def _ends_after_start(permission: SafeModulePermission) -> bool | None:
    return None if permission.valid_until is None else permission.valid_until > permission.valid_from


SAFE_MODULE_PERMISSION = declare(
    SafeModulePermission,
    "safe_module_permission",
    repository="safe_module_permissions",
    owner=Owner.FRONTEND,
    enums=ENUMS,
    foreign_keys=(foreign_key("safe_module_permission", "module_id", "safe_module", OnDelete.CASCADE),),
    checks=(Check("safe_module_permission_valid_until_check", "valid_until > valid_from", _ends_after_start),),
    indexes=(("module_id", "valid_from"),),
    defaults={"created_at": "CURRENT_TIMESTAMP"},
)
