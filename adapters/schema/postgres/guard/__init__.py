"""Has PostgreSQL enforce the contract of a shared database: owners, grants, and event triggers."""

from .guard_schema import GUARD_SCHEMA
from .install import PROTECTIONS, install, remove, status
from .report import GuardOutcome, GuardReport, GuardStep, ProtectionStatus

__all__ = [
    "GUARD_SCHEMA",
    "PROTECTIONS",
    "GuardOutcome",
    "GuardReport",
    "GuardStep",
    "ProtectionStatus",
    "install",
    "remove",
    "status",
]
