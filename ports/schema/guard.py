"""The guard: a database that enforces the contract by itself."""

from collections.abc import Sequence
from typing import Protocol

from strongroom.domain.schema.guard_report import GuardReport, ProtectionStatus


class GuardedDatabase(Protocol):
    """A database whose owners, grants and event triggers can enforce a contract."""

    async def install(self) -> GuardReport:
        """Enforce the contract as far as the present user may, and report every step; safe to run again.

        Raises MigrationBlocked if another session holds the locks for too long: nothing is changed then.
        """
        ...

    async def status(self) -> Sequence[ProtectionStatus]:
        """Return how every protection stands; nothing is changed."""
        ...

    async def remove(self, heir: str) -> GuardReport:
        """Remove the guard, and give everything to the role ``heir``. Raises as ``install`` does."""
        ...
