"""The table of messages."""

from strongroom.domain.chat.message import Message

from .enums import ENUMS
from .table import OnDelete, Owner, declare, foreign_key

MESSAGE = declare(
    Message,
    "messages",
    repository="messages",
    owner=Owner.FRONTEND,
    enums=ENUMS,
    uniques=(("chat_id", "id"),),
    foreign_keys=(
        foreign_key("messages", "chat_id", "chats", OnDelete.RESTRICT),
        foreign_key("messages", "sender_id", "user", OnDelete.RESTRICT),
        foreign_key("messages", "chat_id reply_to_id", "messages", OnDelete.RESTRICT, ("chat_id", "id")),
    ),
    indexes=(
        ("chat_id", "created_at", "id"),
        ("sender_id", "created_at"),
        ("chat_id", "reply_to_id"),
    ),
    defaults={"created_at": "CURRENT_TIMESTAMP"},
)
