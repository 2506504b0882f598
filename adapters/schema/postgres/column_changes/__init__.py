"""Changes of a column in steps: what they are made from, and their migrations."""

from .migrations import steps
from .reader import Reading, read_change
from .sync_trigger import no_longer_in_step

__all__ = ["Reading", "no_longer_in_step", "read_change", "steps"]
