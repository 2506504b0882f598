"""The table of Safes' owners."""

from strongroom.domain.safes.safe_owner import SafeOwner
from strongroom.ports.repositories.safe_owner import SafeOwnerRepository

from .declaration import declare
from .safe_account import SAFE_ACCOUNT
from .table import Check, OnDelete, Owner


def _removed_after_added(owner: SafeOwner) -> bool | None:
    return None if owner.removed_at is None else owner.removed_at >= owner.added_at


SAFE_OWNER = declare(
    SafeOwner,
    "safe_owner",
    repository=SafeOwnerRepository,
    owner=Owner.FRONTEND,
    key=("safe_id", "owner_address"),
    references={"safe_id": (SAFE_ACCOUNT, OnDelete.CASCADE)},
    checks=(Check("safe_owner_removed_at_check", "removed_at >= added_at", _removed_after_added),),
    indexes=(("owner_address",),),
    defaults={"added_at": "CURRENT_TIMESTAMP"},
)
