"""The table of messages."""

from strongroom.domain.chat.message import Message
from strongroom.ports.repositories.message import MessageRepository

from .chat import CHAT
from .declaration import Reference, declare
from .table import OnDelete, Owner
from .user import USER

MESSAGE = declare(
    Message,
    "messages",
    repository=MessageRepository,
    owner=Owner.FRONTEND,
    uniques=(("chat_id", "id"),),
    references={
        "chat_id": (CHAT, OnDelete.RESTRICT),
        "sender_id": (USER, OnDelete.RESTRICT),
        ("chat_id", "reply_to_id"): Reference(Message, OnDelete.RESTRICT, ("chat_id", "id")),
    },
    indexes=(
        ("chat_id", "created_at", "id"),
        ("sender_id", "created_at"),
        ("chat_id", "reply_to_id"),
    ),
    defaults={"created_at": "CURRENT_TIMESTAMP"},
)
