"""What can be wrong with what is asked of a protocol's arithmetic."""

from ..errors import DomainError


class WouldRevert(DomainError):
    """A contract would revert on these values; ``function`` names what was computed, ``reason`` what is wrong."""

    def __init__(self, function: str, *, reason: str) -> None:
        self.function = function
        self.reason = reason
        super().__init__(f"{function} would revert: {reason}")
