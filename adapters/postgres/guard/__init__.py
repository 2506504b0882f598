"""Has PostgreSQL enforce the contract of a shared database: owners, grants, and event triggers."""

from .installing import PROTECTIONS, install, remove, status
from .report import GuardReport, Outcome, ProtectionStatus, Step
from .trigger_sql import APPROVAL_SETTING, GUARD_SCHEMA

__all__ = [
    "APPROVAL_SETTING",
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
