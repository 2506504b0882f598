"""What may be said in a chat, how it is changed afterwards, in what order it stands, and what is unread.

History is kept: a message that is edited or deleted keeps its place and its replies, and its sender. An edit
replaces the words and says when; a deletion hides them.
"""

from collections.abc import Iterable
from datetime import datetime
from typing import Final
from uuid import UUID

from attrs import evolve

from ..values.instants import utc_times
from .chat import Chat
from .chat_member import ChatMember, MemberRole
from .errors import MessageChangeRefused, NotAMember, ReplyNotPossible, WrongChat
from .membership import is_member, may_read, may_write
from .message import Message, MessageKind

MODERATORS: Final = frozenset({MemberRole.OWNER, MemberRole.ADMIN})
"""The roles that may delete the messages of others."""


def sort_key(message: Message) -> tuple[datetime, UUID]:
    """Return the place of a message among those of its chat, as a sort key: by time, then by id."""
    return message.created_at, message.id


def require_postable(
    message: Message, *, chat: Chat, sender: ChatMember | None, reply_to: Message | None = None
) -> None:
    """Raise unless a new message may be written into a chat by its sender.

    ``sender`` is the membership of the message's sender and ``reply_to`` the message that it replies to, if
    any. Raises WrongChat for a message or an original of another chat, NotAMember, and ReplyNotPossible for an
    original that is missing, is deleted, or does not come before the reply.
    """
    if message.chat_id != chat.id:
        raise WrongChat(message.id, chat_id=message.chat_id, expected=chat.id)
    _require_membership(sender, message.chat_id, message.sender_id)
    if not may_write(sender, message.created_at):
        raise NotAMember(message.chat_id, user_id=message.sender_id)
    if message.reply_to_id is None and reply_to is None:
        return
    if reply_to is None or reply_to.id != message.reply_to_id:
        raise ReplyNotPossible(message.id, reply_to_id=message.reply_to_id, reason="it is not the message given")
    if reply_to.chat_id != message.chat_id:
        raise WrongChat(reply_to.id, chat_id=reply_to.chat_id, expected=message.chat_id)
    if reply_to.deleted_at is not None and reply_to.deleted_at <= message.created_at:
        raise ReplyNotPossible(message.id, reply_to_id=reply_to.id, reason="it was deleted")
    if sort_key(reply_to) >= sort_key(message):
        raise ReplyNotPossible(message.id, reply_to_id=reply_to.id, reason="it does not come before the reply")


@utc_times
def apply_edit(message: Message, body: str, *, by: ChatMember, at: datetime) -> Message:
    """Return a message with other words and the time of the edit; its place, sender and original stay.

    The same words again change nothing. Only the sender may edit, while a member, and only text that is not
    deleted: raises NotAMember, WrongChat, ChangeRefused, and InvalidValue for a body that no message may have.
    """
    _require_change(message, by, at)
    if message.sender_id != by.user_id:
        raise MessageChangeRefused(message.id, reason="only its sender may edit it")
    if message.kind is not MessageKind.TEXT:
        raise MessageChangeRefused(message.id, reason=f"a {message.kind.value} message is not edited")
    if message.deleted_at is not None:
        raise MessageChangeRefused(message.id, reason="it was deleted")
    return message if body == message.body else evolve(message, body=body, edited_at=at)


@utc_times
def apply_deletion(message: Message, *, by: ChatMember, at: datetime) -> Message:
    """Return a message as deleted: its words are hidden, the message itself stays where it is.

    Deleting again changes nothing. The sender may delete it, and the chat's owners and admins, while members:
    raises NotAMember, WrongChat and ChangeRefused.
    """
    _require_change(message, by, at)
    if message.sender_id != by.user_id and by.role not in MODERATORS:
        raise MessageChangeRefused(message.id, reason="only its sender, an owner or an admin may delete it")
    return message if message.deleted_at is not None else evolve(message, deleted_at=at)


def visible_body(message: Message) -> str | None:
    """Return the words to be shown, None for a message that was deleted."""
    return None if message.deleted_at is not None else message.body


@utc_times
def conversation(messages: Iterable[Message], *, reader: ChatMember | None, at: datetime) -> list[Message]:
    """Return the messages of a chat that a reader may read at a time, in order; none for who is not a member."""
    readable = (message for message in messages if message.created_at <= at and may_read(reader, message, at))
    return sorted(readable, key=sort_key)


@utc_times
def unread_count(messages: Iterable[Message], *, reader: ChatMember, at: datetime, last_read: Message | None) -> int:
    """Return how many messages of the chat a member has not read at a time.

    Those of others, not deleted, written while the reader was a member, after the message read last
    (``last_read``, which is what the member's ``last_read_message_id`` names) in the order of ``sort_key``. Raises
    ValueError for another message than that, and WrongChat for one in another chat.
    """
    if (last_read.id if last_read else None) != reader.last_read_message_id:
        message = f"{last_read and last_read.id} is not what was read last, {reader.last_read_message_id}"
        raise ValueError(message)
    if last_read is not None and last_read.chat_id != reader.chat_id:
        raise WrongChat(last_read.id, chat_id=last_read.chat_id, expected=reader.chat_id)
    return sum(
        message.chat_id == reader.chat_id
        and message.sender_id != reader.user_id
        and message.deleted_at is None
        and message.created_at <= at
        and is_member(reader, message.created_at)
        and (last_read is None or sort_key(message) > sort_key(last_read))
        for message in messages
    )


@utc_times
def mark_read_up_to(reader: ChatMember, message: Message, *, at: datetime, last_read: Message | None) -> ChatMember:
    """Return the member with everything read up to a message; what was read stays read, it never goes back.

    Raises NotAMember for a message that the reader may not read.
    """
    if not may_read(reader, message, at):
        raise NotAMember(message.chat_id, user_id=reader.user_id)
    if last_read is not None and sort_key(message) <= sort_key(last_read):
        return reader
    return evolve(reader, last_read_message_id=message.id)


def _require_membership(member: ChatMember | None, chat_id: UUID, user_id: UUID) -> None:
    if member is None or (member.chat_id, member.user_id) != (chat_id, user_id):
        raise NotAMember(chat_id, user_id=user_id)


def _require_change(message: Message, by: ChatMember, at: datetime) -> None:
    if message.chat_id != by.chat_id:
        raise WrongChat(message.id, chat_id=message.chat_id, expected=by.chat_id)
    if not is_member(by, at):
        raise NotAMember(message.chat_id, user_id=by.user_id)
    if at < (message.edited_at or message.created_at):
        raise MessageChangeRefused(message.id, reason="it was written or edited after that time")
