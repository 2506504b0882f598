"""Posts messages, edits and deletes them: who is a member decides, and history is kept."""

from collections.abc import Callable
from datetime import datetime
from uuid import UUID

from attrs import evolve

from strongroom.domain.chat.chat_member import ChatMember
from strongroom.domain.chat.conversation import apply_deletion, apply_edit, require_postable
from strongroom.domain.chat.errors import NotAMember, ReplyNotPossible
from strongroom.domain.chat.message import Message

from ..creation import new_entity
from ..repositories.message import CreateMessage
from ..storage import Transaction, UnitOfWork


async def post_message(storage: UnitOfWork, command: CreateMessage) -> Message:
    """Add a message to its chat, whose ``last_message_at`` moves on with it, both or neither.

    Messages of one chat are posted one after the other, and none by who leaves meanwhile. Raises NotFound for an
    unknown chat, NotAMember, WrongChat and ReplyNotPossible as ``require_postable`` does, and InvalidValue.
    """

    async def work(transaction: Transaction) -> Message:
        chat = await transaction.chats.lock(command.chat_id)
        messages = transaction.messages
        message = new_entity(Message, command, id=messages.next_id(), now=messages.now())
        sender = await transaction.chat_members.find_by_chat_and_user(chat.id, command.sender_id)
        original = await _find_original(transaction, message)
        require_postable(message, chat=chat, sender=sender, reply_to=original)
        added = await messages.add(message)
        if chat.last_message_at is None or chat.last_message_at < added.created_at:
            await transaction.chats.update(evolve(chat, last_message_at=added.created_at))
        return added

    return await storage.run(work)


async def edit_message(storage: UnitOfWork, message_id: UUID, body: str, *, by: UUID) -> Message:
    """Replace the text of a message on behalf of a user; the message keeps its place.

    The same text changes nothing. Raises NotFound for an unknown message, NotAMember and ChangeRefused as
    ``apply_edit`` does, and InvalidValue.
    """
    return await _change(
        storage, message_id, by, lambda message, member, now: apply_edit(message, body, by=member, at=now)
    )


async def delete_message(storage: UnitOfWork, message_id: UUID, *, by: UUID) -> Message:
    """Hide the text of a message on behalf of a user; the message keeps its place and its replies.

    A second call changes nothing. Raises NotFound for an unknown message, NotAMember and ChangeRefused
    as ``apply_deletion`` does.
    """
    return await _change(
        storage, message_id, by, lambda message, member, now: apply_deletion(message, by=member, at=now)
    )


async def _find_original(transaction: Transaction, message: Message) -> Message | None:
    if message.reply_to_id is None:
        return None
    found = await transaction.messages.get_many([message.reply_to_id])
    if not found:
        raise ReplyNotPossible(message.id, reply_to_id=message.reply_to_id, reason="there is no such message")
    return found[0]


async def _change(
    storage: UnitOfWork, message_id: UUID, by: UUID, changed: Callable[[Message, ChatMember, datetime], Message]
) -> Message:
    async def work(transaction: Transaction) -> Message:
        chat_id = (await transaction.messages.get(message_id)).chat_id
        await transaction.chats.lock(chat_id)
        message = await transaction.messages.get(message_id)
        member = await transaction.chat_members.find_by_chat_and_user(chat_id, by)
        if member is None:
            raise NotAMember(chat_id, user_id=by)
        after = changed(message, member, transaction.messages.now())
        return message if after == message else await transaction.messages.update(after)

    return await storage.run(work)
