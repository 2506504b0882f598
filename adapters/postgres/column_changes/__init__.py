"""Changes of a column in steps: what they are made from, and their migrations."""

from .in_step import no_longer_in_step
from .reading import Reading, read_change
from .writing import steps

__all__ = ["Reading", "no_longer_in_step", "read_change", "steps"]
