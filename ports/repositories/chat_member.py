"""The repository of chats' members."""

from typing import Protocol
from uuid import UUID

from strongroom.domain.chat.chat_member import ChatMember

from ..repository import Repository


class ChatMemberRepository(Repository[ChatMember, tuple[UUID, UUID]], Protocol):
    """Chats' members, by chat and user."""
