"""The guard over one connection."""

from attrs import frozen

from strongroom.domain.schema.contract import Contract
from strongroom.domain.schema.guard_report import GuardReport, ProtectionStatus

from .install import install, remove, status
from .protection import Connection


@frozen
class PostgresGuard:
    """A database, by a connection to it, and the contract that it is to enforce."""

    connection: Connection
    contract: Contract

    async def install(self) -> GuardReport:
        """Enforce the contract; raises as ``install`` does."""
        return await install(self.connection, self.contract)

    async def status(self) -> list[ProtectionStatus]:
        """Return how every protection stands."""
        return await status(self.connection, self.contract)

    async def remove(self, heir: str) -> GuardReport:
        """Remove the guard, and give everything to a role; raises as ``remove`` does."""
        return await remove(self.connection, self.contract, heir=heir)
