"""The repository of messages."""

from datetime import datetime
from typing import Any, Protocol
from uuid import UUID

from attrs import field, frozen

from strongroom.domain.chat.conversation import sort_key
from strongroom.domain.chat.message import Message, MessageKind
from strongroom.domain.values.field_types import MAX_TIMESTAMP

from ..creation import new_entity
from ..criteria import Criteria, Cursor, asc, desc, eq, le
from ..repository import Creating, Repository
from ..results import Page

OLDEST_FIRST = Criteria(where=(eq("chat_id"), le("created_at")), order=(asc("created_at"), asc("id")))
NEWEST_FIRST = Criteria(where=(eq("chat_id"), le("created_at")), order=(desc("created_at"), desc("id")))
REPLIES = Criteria(where=(eq("chat_id"), eq("reply_to_id")), order=(asc("created_at"), asc("id")))
BY_SENDER = Criteria(where=(eq("sender_id"),), order=(desc("created_at"), desc("id")))


@frozen(kw_only=True)
class CreateMessage:
    """The fields of a new message."""

    chat_id: UUID
    sender_id: UUID
    reply_to_id: UUID | None = None
    body: str
    kind: MessageKind = MessageKind.TEXT
    metadata: dict[str, Any] = field(factory=dict)


@frozen
class MessagesAround:
    """A message and its neighbours: ``older`` newest first, ``newer`` oldest first, each page with its cursor."""

    message: Message
    older: Page[Message]
    newer: Page[Message]

    @property
    def sorted_messages(self) -> list[Message]:
        """All messages, oldest first."""
        return [*reversed(self.older.items), self.message, *self.newer.items]


class MessageRepository(Repository[Message, UUID], Creating, Protocol):
    """Messages, by id; who may read and write them is decided by the use cases."""

    async def create(self, command: CreateMessage) -> Message:
        """Add a message as it is; see ``post_message``. Raises ReferenceMissing, also for an original elsewhere."""
        return await self.add(new_entity(Message, command, id=self.next_id(), now=self.now()))

    async def page_by_chat(
        self,
        chat_id: UUID,
        *,
        newest_first: bool = True,
        until: datetime = MAX_TIMESTAMP,
        limit: int = 50,
        after: Cursor | None = None,
    ) -> Page[Message]:
        """Return a page of a chat's messages written up to and at a time, in order of (created_at, id).

        A cursor is (created_at, id) of a message, and serves both directions.
        """
        criteria = NEWEST_FIRST if newest_first else OLDEST_FIRST
        return await self.page(criteria, chat_id, until, limit=limit, after=after)

    async def around(self, message: Message, *, until: datetime = MAX_TIMESTAMP, limit: int = 25) -> MessagesAround:
        """Return at most ``limit`` messages before and after a message of its chat, written no later than ``until``."""
        here = sort_key(message)
        older = await self.page_by_chat(message.chat_id, until=until, limit=limit, after=here)
        newer = await self.page_by_chat(message.chat_id, newest_first=False, until=until, limit=limit, after=here)
        return MessagesAround(message, older, newer)

    async def find_replies(self, message: Message, *, limit: int | None = None) -> list[Message]:
        """Return the replies to a message, the oldest first."""
        return await self.find(REPLIES, message.chat_id, message.id, limit=limit)

    async def page_by_sender(self, sender_id: UUID, *, limit: int = 50, after: Cursor | None = None) -> Page[Message]:
        """Return a page of what a user wrote in all chats, the newest first."""
        return await self.page(BY_SENDER, sender_id, limit=limit, after=after)
