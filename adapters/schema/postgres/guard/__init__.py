"""Has PostgreSQL enforce the contract of a shared database: owners, grants, and event triggers."""

from .guard_schema import GUARD_SCHEMA
from .install import PROTECTIONS, install, remove, status
from .report import GuardReport, Outcome, ProtectionStatus, Step

__all__ = [
    "GUARD_SCHEMA",
    "PROTECTIONS",
    "GuardReport",
    "Outcome",
    "ProtectionStatus",
    "Step",
    "install",
    "remove",
    "status",
]
