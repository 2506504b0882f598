"""A Safe with all that decides what it does: its owners, delegates, modules, and what the modules may do.

This is the one definition of ``SafeAccountRepository.details``: every adapter has to give what ``details_at`` gives.
"""

from collections.abc import Iterable
from datetime import datetime
from typing import Any, TypeVar
from uuid import UUID

from attrs import frozen

from ..values.instants import utc_times
from .module_calls import is_enabled
from .ownership import delegates_at, owners_at
from .safe_account import SafeAccount
from .safe_delegate import SafeDelegate
from .safe_module import SafeModule
from .safe_module_permission import SafeModulePermission
from .safe_owner import SafeOwner

RowT = TypeVar("RowT")


@frozen(kw_only=True)
class SafeDetails:
    """A Safe at a time: its owners, past ones too, its delegates, its enabled modules and their permissions.

    Each group comes the oldest first (owners by ``added_at``, permissions by ``valid_from``), then by key. Delegates
    are its own, expired ones too, and those for all Safes whose delegators own it at the time. Permissions are all of
    the modules', also such as are not valid at the time: see ``check_call``.
    """

    safe: SafeAccount
    owners: tuple[SafeOwner, ...]
    delegates: tuple[SafeDelegate, ...]
    modules: tuple[SafeModule, ...]
    permissions: tuple[SafeModulePermission, ...]

    def owners_at(self, at: datetime) -> frozenset[str]:
        """Return the addresses that own the Safe at a time."""
        return owners_at(self.owners, self.safe.id, at)

    def delegates_at(self, at: datetime) -> frozenset[str]:
        """Return the addresses that may propose for an owner at a time."""
        return delegates_at(self.delegates, self.owners, self.safe.id, at)

    def permissions_of(self, module_id: UUID) -> tuple[SafeModulePermission, ...]:
        """Return the permissions of one of the modules."""
        return tuple(permission for permission in self.permissions if permission.module_id == module_id)


@utc_times
def details_at(  # noqa: PLR0913 - one for each group
    safe: SafeAccount,
    at: datetime,
    *,
    owners: Iterable[SafeOwner],
    delegates: Iterable[SafeDelegate],
    modules: Iterable[SafeModule],
    permissions: Iterable[SafeModulePermission],
) -> SafeDetails:
    """Return a Safe's details at a time, chosen from rows that may be of other Safes and modules too."""
    own = [owner for owner in owners if owner.safe_id == safe.id]
    current = owners_at(own, safe.id, at)
    enabled = [module for module in modules if module.safe_id == safe.id and is_enabled(module, at)]
    ids = {module.id for module in enabled}
    return SafeDetails(
        safe=safe,
        owners=_sorted_by_key(own, "added_at", "owner_address"),
        delegates=_sorted_by_key(
            (
                delegate
                for delegate in delegates
                if delegate.safe_id == safe.id or (delegate.safe_id is None and delegate.delegator_address in current)
            ),
            "created_at",
            "id",
        ),
        modules=_sorted_by_key(enabled, "enabled_at", "id"),
        permissions=_sorted_by_key((each for each in permissions if each.module_id in ids), "valid_from", "id"),
    )


def _sorted_by_key(rows: Iterable[RowT], *fields: str) -> tuple[RowT, ...]:
    def place(row: Any) -> tuple[Any, ...]:
        return tuple(getattr(row, field) for field in fields)

    return tuple(sorted(rows, key=place))
