"""What can be wrong with what is done to a position, or asked of it."""

from datetime import datetime
from uuid import UUID

from ..errors import DomainError


class PositionClosed(DomainError):
    """A flow other than a new deposit was applied to a position that is closed."""

    def __init__(self, position_id: UUID, closed_at: datetime | None) -> None:
        self.position_id = position_id
        self.closed_at = closed_at
        since = f" since {closed_at.isoformat()}" if closed_at else ""
        super().__init__(f"position {position_id} is closed{since}: only a deposit opens it again")


class InsufficientShares(DomainError):
    """A flow takes more shares out of a position than it holds, in raw shares."""

    def __init__(self, position_id: UUID, *, held: int, requested: int) -> None:
        self.position_id = position_id
        self.held = held
        self.requested = requested
        super().__init__(f"position {position_id} holds {held} raw shares where {requested} are taken")


class ReturnUndefined(DomainError):
    """There is no rate of return to state for these flows and valuations; ``reason`` says why."""

    def __init__(self, *, reason: str) -> None:
        self.reason = reason
        super().__init__(f"no return can be stated: {reason}")
