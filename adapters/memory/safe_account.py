"""Safes in memory."""

from datetime import datetime
from typing import Any
from uuid import UUID

from strongroom.adapters.mapping.queries import check_limit
from strongroom.adapters.mapping.safe_account import SAFE_ACCOUNT
from strongroom.adapters.mapping.safe_delegate import SAFE_DELEGATE
from strongroom.adapters.mapping.safe_module import SAFE_MODULE
from strongroom.adapters.mapping.safe_module_permission import SAFE_MODULE_PERMISSION
from strongroom.adapters.mapping.safe_owner import SAFE_OWNER
from strongroom.adapters.mapping.table import Table
from strongroom.domain.safes.ownership import owners_at
from strongroom.domain.safes.safe_account import SafeAccount
from strongroom.domain.safes.safe_details import SafeDetails, details_at
from strongroom.ports.errors import NotFound
from strongroom.ports.repositories.safe_account import BY_ADDRESS, SafeAccountRepository

from .repository import MemoryRepository


class MemorySafeAccountRepository(MemoryRepository[SafeAccount, UUID], SafeAccountRepository):
    """Safes, by id."""

    table = SAFE_ACCOUNT

    async def find_by_owner(
        self, owner_address: str, *, at: datetime | None = None, limit: int | None = None
    ) -> list[SafeAccount]:
        """Return the Safes of all chains that an address owns at a time."""
        owner = SAFE_OWNER.checked_value(SAFE_OWNER.column("owner_address"), owner_address)
        time = self._time(at)
        ownerships = await self._rows(SAFE_OWNER, "owner_address", {owner})
        owned = {each.safe_id for each in ownerships if owners_at([each], each.safe_id, time)}
        safes = await self._session.view(SAFE_ACCOUNT, lambda: lambda row: row.id in owned)
        found = [safe for safe in map(safes.get, owned) if safe is not None]
        return sorted(found, key=lambda safe: (safe.created_at, safe.id))[: check_limit(limit)]

    async def details(self, key: UUID, *, at: datetime | None = None) -> SafeDetails:
        """Return a Safe at a time with owners, delegates, modules and permissions."""
        time = self._time(at)
        safe = await self._lookup(key)
        if safe is None:
            raise NotFound(SAFE_ACCOUNT.label, key)
        return await self._details(safe, time)

    async def details_by_address(
        self, chain_id: int, address: str, *, at: datetime | None = None
    ) -> SafeDetails | None:
        """Return the details of the Safe of a chain with an address, or None."""
        time = self._time(at)
        safe = await self.find_one(BY_ADDRESS, chain_id, address)
        return None if safe is None else await self._details(safe, time)

    async def _details(self, safe: SafeAccount, at: datetime) -> SafeDetails:
        owners = await self._rows(SAFE_OWNER, "safe_id", {safe.id})
        current = owners_at(owners, safe.id, at)
        own = await self._rows(SAFE_DELEGATE, "safe_id", {safe.id})
        general = await self._rows(SAFE_DELEGATE, "delegator_address", set(current))
        modules = [SAFE_MODULE.stored(module) for module in await self._rows(SAFE_MODULE, "safe_id", {safe.id})]
        return details_at(
            safe,
            at,
            owners=owners,
            delegates={delegate.id: delegate for delegate in (*own, *general)}.values(),
            modules=modules,
            permissions=await self._rows(SAFE_MODULE_PERMISSION, "module_id", {module.id for module in modules}),
        )

    async def _rows(self, table: Table, field: str, wanted: set[Any]) -> list[Any]:
        view = await self._session.view(table, lambda: lambda row: getattr(row, field) in wanted)
        return [row for value in wanted for row in view.bucket((field,), value).rows.values()]

    def _time(self, at: datetime | None) -> datetime:
        time: datetime = SAFE_OWNER.checked_value(SAFE_OWNER.column("added_at"), self.now() if at is None else at)
        return time
