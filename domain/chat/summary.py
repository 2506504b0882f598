"""What a user sees of a chat in the list of chats: what was said last, and how much of it is unread.

This is the one definition of ``ChatRepository.summaries``: every adapter has to give what these functions give.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime
from uuid import UUID

from attrs import evolve, frozen

from ..values.instants import utc_times
from .chat import Chat
from .chat_member import ChatMember
from .conversation import conversation, unread_count
from .message import Message


@frozen(kw_only=True)
class ChatSummary:
    """A chat, the user's membership of it, the last message that the user may read, and how many are unread.

    ``last_message`` is None before the first; a deleted one keeps its place (see ``visible_body``).
    """

    chat: Chat
    member: ChatMember
    last_message: Message | None
    unread: int

    @property
    def active_at(self) -> datetime:
        """The time of the last message, or else that of the chat's creation."""
        return self.chat.created_at if self.last_message is None else self.last_message.created_at


@utc_times
def summarize_chat(chat: Chat, member: ChatMember, messages: Mapping[UUID, Message], at: datetime) -> ChatSummary:
    """Return the summary of a chat for a member, of the past too, at a time; ``messages`` are the chat's, by id.

    A ``last_read_message_id`` that names no message of the chat counts as nothing read.
    """
    last_read = messages.get(member.last_read_message_id) if member.last_read_message_id else None
    reader = member if last_read else evolve(member, last_read_message_id=None)
    readable = conversation(messages.values(), reader=member, at=at)
    return ChatSummary(
        chat=chat,
        member=member,
        last_message=readable[-1] if readable else None,
        unread=unread_count(messages.values(), reader=reader, at=at, last_read=last_read),
    )


def sort_summaries(summaries: Iterable[ChatSummary]) -> list[ChatSummary]:
    """Return summaries as they are listed: the most recently active chat first, of one time by the chat's id."""
    by_id = sorted(summaries, key=lambda each: each.chat.id)
    return sorted(by_id, key=lambda each: each.active_at, reverse=True)
