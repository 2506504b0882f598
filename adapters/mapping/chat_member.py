"""The table of chats' members."""

from strongroom.domain.chat.chat_member import ChatMember
from strongroom.ports.repositories.chat_member import ChatMemberRepository

from .chat import CHAT
from .declaration import declare
from .table import Check, OnDelete, Owner
from .user import USER


def _left_after_joined(member: ChatMember) -> bool | None:
    return None if member.left_at is None else member.left_at >= member.joined_at


CHAT_MEMBER = declare(
    ChatMember,
    "chat_member",
    repository=ChatMemberRepository,
    owner=Owner.FRONTEND,
    key=("chat_id", "user_id"),
    references={
        "chat_id": (CHAT, OnDelete.CASCADE),
        "user_id": (USER, OnDelete.CASCADE),
    },
    checks=(Check("chat_member_left_at_check", "left_at >= joined_at", _left_after_joined),),
    indexes=(("user_id", "chat_id"),),
    defaults={"joined_at": "CURRENT_TIMESTAMP"},
)
