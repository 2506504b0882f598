"""Changes of a column in steps: what they are made from, and their migrations."""

from .migrations import migration_steps
from .reader import read_change
from .started import read_started_change
from .sync_trigger import drop_sync_trigger

__all__ = ["drop_sync_trigger", "migration_steps", "read_change", "read_started_change"]
