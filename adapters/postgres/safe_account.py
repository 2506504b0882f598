"""Safes in PostgreSQL."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from strongroom.adapters.mapping.queries import check_limit
from strongroom.adapters.mapping.safe_account import SAFE_ACCOUNT
from strongroom.adapters.mapping.safe_delegate import SAFE_DELEGATE
from strongroom.adapters.mapping.safe_module import SAFE_MODULE
from strongroom.adapters.mapping.safe_module_permission import SAFE_MODULE_PERMISSION
from strongroom.adapters.mapping.safe_owner import SAFE_OWNER
from strongroom.domain.safes.safe_account import SafeAccount
from strongroom.domain.safes.safe_details import SafeDetails
from strongroom.ports.errors import NotFound
from strongroom.ports.repositories.safe_account import SafeAccountRepository

from .repository import PostgresRepository
from .sql import EQ, GE, GT, LE, column_list, table_statements
from .unreadable import Part, read

PARTS: Final = (SAFE_ACCOUNT, SAFE_OWNER, SAFE_DELEGATE, SAFE_MODULE, SAFE_MODULE_PERMISSION)
NAMES: Final = ("safe", "owner", "delegate", "module", "permission")
END_COLUMNS: Final = [sum(len(table.columns) for table in PARTS[:number]) for number in range(len(PARTS) + 1)]
COLUMNS: Final = ", ".join(
    column_list(table_statements(table).names, f"{name}.") for table, name in zip(PARTS, NAMES, strict=True)
)

DETAILS_PARTS: Final = tuple(Part(table, start) for table, start in zip(PARTS, END_COLUMNS, strict=False))

OWNED_SAFES: Final = f"owner.added_at {LE} $1 AND (owner.removed_at IS NULL OR owner.removed_at {GT} $1)"

BY_OWNER: Final = f"""
    SELECT {column_list(table_statements(SAFE_ACCOUNT).names, "safe.")}
    FROM {SAFE_OWNER.sql_name} AS owner JOIN {SAFE_ACCOUNT.sql_name} AS safe ON safe.id {EQ} owner.safe_id
    WHERE owner.owner_address {EQ} $2 AND {OWNED_SAFES}
    ORDER BY safe.created_at, safe.id
    LIMIT $3
"""
DETAILS: Final = f"""
    SELECT {COLUMNS}, part
    FROM {SAFE_ACCOUNT.sql_name} AS safe
    CROSS JOIN pg_catalog.generate_series(1, 4) AS part
    LEFT JOIN {SAFE_OWNER.sql_name} AS owner ON part {EQ} 1 AND owner.safe_id {EQ} safe.id
    LEFT JOIN LATERAL (
        SELECT own.* FROM {SAFE_DELEGATE.sql_name} AS own WHERE own.safe_id {EQ} safe.id
        UNION ALL
        SELECT general.*
        FROM {SAFE_OWNER.sql_name} AS owner
        JOIN {SAFE_DELEGATE.sql_name} AS general ON general.delegator_address {EQ} owner.owner_address
        WHERE owner.safe_id {EQ} safe.id AND {OWNED_SAFES} AND general.safe_id IS NULL
    ) AS delegate ON part {EQ} 2
    LEFT JOIN {SAFE_MODULE.sql_name} AS module ON part {GE} 3 AND module.safe_id {EQ} safe.id
        AND module.enabled_at {LE} $1 AND (module.disabled_at IS NULL OR module.disabled_at {GT} $1)
    LEFT JOIN {SAFE_MODULE_PERMISSION.sql_name} AS permission ON part {EQ} 4 AND permission.module_id {EQ} module.id
    WHERE {{condition}}
    ORDER BY part, owner.added_at, owner.owner_address, delegate.created_at, delegate.id,
        permission.valid_from, permission.id, module.enabled_at, module.id
"""
"""Rows of a Safe, each with one of its owners, delegates, modules or permissions, as ``part`` says, or with none."""

DETAILS_BY_ID: Final = DETAILS.format(condition=f"safe.id {EQ} $2")
DETAILS_BY_ADDRESS: Final = DETAILS.format(condition=f"safe.chain_id {EQ} $2 AND safe.address {EQ} $3")


class PostgresSafeAccountRepository(PostgresRepository[SafeAccount, UUID], SafeAccountRepository):
    """Safes, by id."""

    table = SAFE_ACCOUNT

    async def find_by_owner(
        self, owner_address: str, *, at: datetime | None = None, limit: int | None = None
    ) -> list[SafeAccount]:
        """Return the Safes of all chains that an address owns at a time."""
        owner = SAFE_OWNER.checked_value(SAFE_OWNER.column("owner_address"), owner_address)
        return await self._read(BY_OWNER, [self._time(at), owner, check_limit(limit)])

    async def details(self, key: UUID, *, at: datetime | None = None) -> SafeDetails:
        """Return a Safe at a time with owners, delegates, modules and permissions, in one statement."""
        found = await self._read_details(DETAILS_BY_ID, [self._time(at), *self._key(key)])
        if found is None:
            raise NotFound(SAFE_ACCOUNT.label, key)
        return found

    async def details_by_address(
        self, chain_id: int, address: str, *, at: datetime | None = None
    ) -> SafeDetails | None:
        """Return the details of the Safe of a chain with an address, or None."""
        time = self._time(at)
        place = [
            SAFE_ACCOUNT.checked_value(SAFE_ACCOUNT.column(name), value)
            for name, value in (("chain_id", chain_id), ("address", address))
        ]
        return await self._read_details(DETAILS_BY_ADDRESS, [time, *place])

    async def _read_details(self, sql: str, values: Sequence[Any]) -> SafeDetails | None:
        return await read(self._executor, SAFE_ACCOUNT, sql, values, _details, parts=DETAILS_PARTS)

    def _time(self, at: datetime | None) -> Any:
        return SAFE_OWNER.checked_value(SAFE_OWNER.column("added_at"), self.now() if at is None else at)


def _details(rows: Sequence[Any]) -> SafeDetails | None:
    """Return the details that rows of DETAILS say, or None for no row."""
    if not rows:
        return None
    groups: list[list[Any]] = [[] for _ in PARTS]
    for row in rows:
        part = row[-1]
        start, end = END_COLUMNS[part : part + 2]
        if row[start] is not None:
            groups[part].append(table_statements(PARTS[part]).hydrate(row[start:end]))
    _, owners, delegates, modules, permissions = map(tuple, groups)
    return SafeDetails(
        safe=table_statements(SAFE_ACCOUNT).hydrate(rows[0][: END_COLUMNS[1]]),
        owners=owners,
        delegates=delegates,
        modules=modules,
        permissions=permissions,
    )
