"""The table of chats' members."""

from strongroom.domain.chat.chat_member import ChatMember

from .enums import ENUMS
from .table import Check, OnDelete, Owner, declare, foreign_key


def _left_after_joined(member: ChatMember) -> bool | None:
    return None if member.left_at is None else member.left_at >= member.joined_at


CHAT_MEMBER = declare(
    ChatMember,
    "chat_member",
    repository="chat_members",
    owner=Owner.FRONTEND,
    enums=ENUMS,
    key=("chat_id", "user_id"),
    foreign_keys=(
        foreign_key("chat_member", "chat_id", "chats", OnDelete.CASCADE),
        foreign_key("chat_member", "user_id", "user", OnDelete.CASCADE),
    ),
    checks=(Check("chat_member_left_at_check", "left_at >= joined_at", _left_after_joined),),
    indexes=(("user_id", "chat_id"),),
    defaults={"joined_at": "CURRENT_TIMESTAMP"},
)
