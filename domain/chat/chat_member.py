"""Who takes part in chats."""

from datetime import datetime
from enum import Enum
from uuid import UUID

from attrs import frozen

from ..values.fields import checked


class MemberRole(Enum):
    """What a member may do in a chat: owners and admins invite others, and may delete their messages."""

    OWNER = "owner"
    ADMIN = "admin"
    MEMBER = "member"


@frozen(kw_only=True, field_transformer=checked)
class ChatMember:
    """A user in a chat from ``joined_at`` until just before ``left_at`` (None: still), and what was read last."""

    chat_id: UUID
    user_id: UUID
    role: MemberRole = MemberRole.MEMBER
    joined_at: datetime
    left_at: datetime | None = None
    last_read_message_id: UUID | None = None
