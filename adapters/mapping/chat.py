"""The table of chats."""

from strongroom.domain.chat.chat import Chat

from .enums import ENUMS
from .table import OnDelete, Owner, declare, foreign_key

CHAT = declare(
    Chat,
    "chats",
    repository="chats",
    owner=Owner.FRONTEND,
    enums=ENUMS,
    foreign_keys=(foreign_key("chats", "created_by", "user", OnDelete.RESTRICT),),
    indexes=(
        ("created_by",),
        ("last_message_at",),
    ),
    defaults={"created_at": "CURRENT_TIMESTAMP"},
)
