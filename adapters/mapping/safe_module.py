"""The table of Safes' modules."""

from strongroom.domain.safes.safe_module import SafeModule

from .enums import ENUMS
from .table import Check, OnDelete, Owner, Unique, declare, foreign_key


def _disabled_after_enabled(module: SafeModule) -> bool | None:
    return None if module.disabled_at is None else module.disabled_at >= module.enabled_at


SAFE_MODULE = declare(
    SafeModule,
    "safe_module",
    repository="safe_modules",
    owner=Owner.FRONTEND,
    enums=ENUMS,
    uniques=(
        Unique(
            "safe_module_safe_id_module_address_key",
            ("safe_id", "module_address"),
            where="disabled_at IS NULL",
            applies=lambda module: module.disabled_at is None,
        ),
    ),
    foreign_keys=(foreign_key("safe_module", "safe_id", "safe_account", OnDelete.CASCADE),),
    checks=(Check("safe_module_disabled_at_check", "disabled_at >= enabled_at", _disabled_after_enabled),),
    indexes=(("safe_id", "enabled_at"),),
    defaults={"enabled_at": "CURRENT_TIMESTAMP"},
)
