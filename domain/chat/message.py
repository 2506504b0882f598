"""What is said in chats."""

from datetime import datetime
from enum import Enum
from uuid import UUID

from attrs import frozen

from ..values.fields import Json, MessageBody, checked


class MessageKind(Enum):
    """What a message is."""

    TEXT = "text"
    SYSTEM = "system"
    TRANSACTION = "transaction"


@frozen(kw_only=True, field_transformer=checked)
class Message:
    """A message in a chat, of 1 to 10 000 characters; ``reply_to_id`` names an earlier one in the same chat."""

    id: UUID
    chat_id: UUID
    sender_id: UUID
    reply_to_id: UUID | None = None
    body: MessageBody
    kind: MessageKind = MessageKind.TEXT
    metadata: Json
    created_at: datetime
    edited_at: datetime | None = None
    deleted_at: datetime | None = None
