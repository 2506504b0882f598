"""The conversations on the platform."""

from datetime import datetime
from enum import Enum
from uuid import UUID

from attrs import frozen

from ..values.fields import checked


class ChatKind(Enum):
    """What a chat is for."""

    DIRECT = "direct"
    GROUP = "group"
    SUPPORT = "support"


@frozen(kw_only=True, field_transformer=checked)
class Chat:
    """A conversation; ``last_message_at`` is None before the first message."""

    id: UUID
    kind: ChatKind
    title: str | None = None
    created_by: UUID
    created_at: datetime
    last_message_at: datetime | None = None
