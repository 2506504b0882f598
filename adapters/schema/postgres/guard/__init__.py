"""Has PostgreSQL enforce the contract of a shared database: owners, grants, and event triggers."""

from strongroom.domain.schema.guard_report import GuardOutcome, GuardReport, GuardStep, ProtectionStatus

from .guard_schema import GUARD_SCHEMA
from .guarded_database import PostgresGuard
from .install import PROTECTIONS, install, remove, status

__all__ = [
    "GUARD_SCHEMA",
    "PROTECTIONS",
    "GuardOutcome",
    "GuardReport",
    "GuardStep",
    "PostgresGuard",
    "ProtectionStatus",
    "install",
    "remove",
    "status",
]
