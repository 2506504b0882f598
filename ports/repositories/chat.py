"""The repository of chats."""

from datetime import datetime
from typing import Protocol
from uuid import UUID

from attrs import frozen

from strongroom.domain.chat.chat import Chat, ChatKind
from strongroom.domain.chat.summary import ChatSummary

from ..creation import new_entity
from ..repository import Creating, Repository


@frozen(kw_only=True)
class CreateChat:
    """The fields of a new chat."""

    kind: ChatKind
    title: str | None = None
    created_by: UUID


class ChatRepository(Repository[Chat, UUID], Creating, Protocol):
    """Chats, by id."""

    async def create(self, command: CreateChat) -> Chat:
        """Add a chat without members; see ``start_chat``. Raises ReferenceMissing."""
        return await self.add(new_entity(Chat, command, id=self.next_id(), now=self.now()))

    async def summaries(
        self, user_id: UUID, *, at: datetime | None = None, include_left: bool = False
    ) -> list[ChatSummary]:
        """Return a user's chats at a time (the clock's now unless given), the most recently active first.

        Each with its last message and how many are unread, all in one statement. Chats that the user has left by
        then are there only on demand, and end with what was said until then. See ``domain.chat.summary``.
        """
        ...
