"""The repository of chats' members."""

from typing import Protocol
from uuid import UUID

from strongroom.domain.chat.chat_member import ChatMember

from ..criteria import Criteria, asc, eq
from ..repository import Creating, Repository

BY_CHAT = Criteria(where=(eq("chat_id"),), order=(asc("joined_at"),))
BY_USER = Criteria(where=(eq("user_id"),), order=(asc("joined_at"),))
BY_CHAT_AND_USER = Criteria(where=(eq("chat_id"), eq("user_id")))


class ChatMemberRepository(Repository[ChatMember, tuple[UUID, UUID]], Creating, Protocol):
    """Chats' members, by chat and user; whoever left is there too."""

    async def find_by_chat(self, chat_id: UUID, *, limit: int | None = None) -> list[ChatMember]:
        """Return a chat's members, those who left too, the first to join first."""
        return await self.find(BY_CHAT, chat_id, limit=limit)

    async def find_by_user(self, user_id: UUID, *, limit: int | None = None) -> list[ChatMember]:
        """Return a user's memberships, of the past too, the first joined first; see ``ChatRepository.summaries``."""
        return await self.find(BY_USER, user_id, limit=limit)

    async def find_by_chat_and_user(self, chat_id: UUID, user_id: UUID) -> ChatMember | None:
        """Return a user's membership of a chat, of the past too, or None for someone who never was a member."""
        return await self.find_one(BY_CHAT_AND_USER, chat_id, user_id)
