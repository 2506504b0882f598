"""Chats in memory."""

from datetime import datetime
from uuid import UUID

from strongroom.adapters.mapping.chat import CHAT
from strongroom.adapters.mapping.chat_member import CHAT_MEMBER
from strongroom.adapters.mapping.message import MESSAGE
from strongroom.adapters.mapping.queries import require_type
from strongroom.domain.chat.chat import Chat
from strongroom.domain.chat.chat_member import ChatMember
from strongroom.domain.chat.membership import is_member
from strongroom.domain.chat.message import Message
from strongroom.domain.chat.summary import ChatSummary, sort_summaries, summarize_chat
from strongroom.ports.repositories.chat import ChatRepository

from .repository import MemoryRepository


class MemoryChatRepository(MemoryRepository[Chat, UUID], ChatRepository):
    """Chats, by id."""

    table = CHAT

    async def summaries(
        self, user_id: UUID, *, at: datetime | None = None, include_left: bool = False
    ) -> list[ChatSummary]:
        """Return a user's chats at a time with what was said last, and how much is unread."""
        require_type("include_left", include_left, bool)
        user = CHAT_MEMBER.checked_value(CHAT_MEMBER.column("user_id"), user_id)
        when = CHAT_MEMBER.checked_value(CHAT_MEMBER.column("joined_at"), self.now() if at is None else at)
        view = await self._session.view(CHAT_MEMBER, lambda: lambda row: row.user_id == user)
        members: list[ChatMember] = [
            member
            for member in view.bucket(("user_id",), user).rows.values()
            if is_member(member, when) or (include_left and member.joined_at <= when)
        ]
        ids = {member.chat_id for member in members}
        chats = await self._session.view(CHAT, lambda: lambda row: row.id in ids)
        messages = await self._session.view(MESSAGE, lambda: lambda row: row.chat_id in ids)

        def of_chat(member: ChatMember) -> ChatSummary:
            said: dict[UUID, Message] = {
                key: MESSAGE.stored(message)
                for key, message in messages.bucket(("chat_id",), member.chat_id).rows.items()
            }
            return summarize_chat(chats.get(member.chat_id), member, said, when)  # type: ignore[arg-type]

        return sort_summaries(of_chat(member) for member in members)
