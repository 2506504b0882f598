"""The table of chats."""

from strongroom.domain.chat.chat import Chat
from strongroom.ports.repositories.chat import ChatRepository

from .declaration import declare
from .table import OnDelete, Owner
from .user import USER

CHAT = declare(
    Chat,
    "chats",
    repository=ChatRepository,
    owner=Owner.FRONTEND,
    references={"created_by": (USER, OnDelete.RESTRICT)},
    indexes=(
        ("created_by",),
        ("last_message_at",),
    ),
    defaults={"created_at": "CURRENT_TIMESTAMP"},
    memory="strongroom.adapters.memory.chat:MemoryChatRepository",
    postgres="strongroom.adapters.postgres.chat:PostgresChatRepository",
)
