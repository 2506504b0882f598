"""The table of Safes' owners."""

from strongroom.domain.safes.safe_owner import SafeOwner

from .enums import ENUMS
from .table import Check, OnDelete, Owner, declare, foreign_key


def _removed_after_added(owner: SafeOwner) -> bool | None:
    return None if owner.removed_at is None else owner.removed_at >= owner.added_at


SAFE_OWNER = declare(
    SafeOwner,
    "safe_owner",
    repository="safe_owners",
    owner=Owner.FRONTEND,
    enums=ENUMS,
    key=("safe_id", "owner_address"),
    foreign_keys=(foreign_key("safe_owner", "safe_id", "safe_account", OnDelete.CASCADE),),
    checks=(Check("safe_owner_removed_at_check", "removed_at >= added_at", _removed_after_added),),
    indexes=(("owner_address",),),
    defaults={"added_at": "CURRENT_TIMESTAMP"},
)
