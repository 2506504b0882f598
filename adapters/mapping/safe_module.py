"""The table of Safes' modules."""

from strongroom.domain.safes.safe_module import SafeModule
from strongroom.ports.repositories.safe_module import SafeModuleRepository

from .declaration import declare, unique
from .safe_account import SAFE_ACCOUNT
from .table import Check, OnDelete, Owner


def _disabled_after_enabled(module: SafeModule) -> bool | None:
    return None if module.disabled_at is None else module.disabled_at >= module.enabled_at


SAFE_MODULE = declare(
    SafeModule,
    "safe_module",
    repository=SafeModuleRepository,
    owner=Owner.FRONTEND,
    uniques=(
        unique(
            "safe_id",
            "module_address",
            where="disabled_at IS NULL",
            applies=lambda module: module.disabled_at is None,
        ),
    ),
    references={"safe_id": (SAFE_ACCOUNT, OnDelete.CASCADE)},
    checks=(Check("safe_module_disabled_at_check", "disabled_at >= enabled_at", _disabled_after_enabled),),
    indexes=(("safe_id", "enabled_at"),),
    defaults={"enabled_at": "CURRENT_TIMESTAMP"},
)
