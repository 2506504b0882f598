"""Reads a chat on behalf of a user: pages, what stands around a message, and how far they have read."""

from uuid import UUID

from strongroom.domain.chat.chat_member import ChatMember
from strongroom.domain.chat.conversation import mark_read_up_to
from strongroom.domain.chat.errors import NotAMember
from strongroom.domain.chat.membership import may_read, readable_until
from strongroom.domain.chat.message import Message

from ..criteria import Cursor
from ..repositories.message import MessagesAround
from ..results import Page
from ..storage import Isolation, Transaction, UnitOfWork


async def read_chat(  # noqa: PLR0913 - which page, by name
    storage: UnitOfWork,
    chat_id: UUID,
    user_id: UUID,
    *,
    newest_first: bool = True,
    limit: int = 50,
    after: Cursor | None = None,
) -> Page[Message]:
    """Return a page of the messages of a chat that a user may read now, in order of (created_at, id).

    Deleted ones are there (see ``visible_body``). Raises NotAMember for who never was one, and an unknown chat.
    """

    async def work(transaction: Transaction) -> Page[Message]:
        member = await transaction.chat_members.find_by_chat_and_user(chat_id, user_id)
        until = readable_until(member, chat_id, user_id, transaction.messages.now())
        return await transaction.messages.page_by_chat(
            chat_id, newest_first=newest_first, until=until, limit=limit, after=after
        )

    return await storage.run(work, isolation=Isolation.REPEATABLE_READ, read_only=True)


async def read_around(storage: UnitOfWork, message_id: UUID, user_id: UUID, *, limit: int = 25) -> MessagesAround:
    """Return a message and at most ``limit`` messages on either side of it that a user may read now.

    Raises NotFound for an unknown message, NotAMember if the user may not read it.
    """

    async def work(transaction: Transaction) -> MessagesAround:
        message = await transaction.messages.get(message_id)
        member = await transaction.chat_members.find_by_chat_and_user(message.chat_id, user_id)
        until = readable_until(member, message.chat_id, user_id, transaction.messages.now())
        if message.created_at > until:
            raise NotAMember(message.chat_id, user_id=user_id)
        return await transaction.messages.around(message, until=until, limit=limit)

    return await storage.run(work, isolation=Isolation.REPEATABLE_READ, read_only=True)


async def mark_as_read(storage: UnitOfWork, message_id: UUID, user_id: UUID) -> ChatMember:
    """Record that a user has read a chat up to a message; the mark never moves back.

    Raises NotFound for an unknown message, NotAMember if the user may not read it, and Conflict if concurrent calls
    of the same user won several times in a row.
    """

    async def work(transaction: Transaction) -> ChatMember:
        message = await transaction.messages.get(message_id)
        member = await transaction.chat_members.find_by_chat_and_user(message.chat_id, user_id)
        now = transaction.messages.now()
        if member is None or not may_read(member, message, now):
            raise NotAMember(message.chat_id, user_id=user_id)
        last_read = await _last_read(transaction, member)
        after = mark_read_up_to(member, message, at=now, last_read=last_read)
        return member if after == member else await transaction.chat_members.update(after)

    return await storage.run(work, isolation=Isolation.REPEATABLE_READ)


async def _last_read(transaction: Transaction, member: ChatMember) -> Message | None:
    """Return the last message read in the chat; None if it is gone or belongs to another chat."""
    if member.last_read_message_id is None:
        return None
    found = await transaction.messages.get_many([member.last_read_message_id])
    return next((message for message in found if message.chat_id == member.chat_id), None)
