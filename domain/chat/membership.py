"""Who reads and writes in a chat: its members, from when they join until just before they leave.

A member reads the whole chat, also what was said before they joined; whoever has left reads what was said until
then, and nothing newer; nobody else reads anything.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from attrs import evolve

from ..values.instants import utc_times
from .chat_member import ChatMember, MemberRole
from .errors import NotAMember
from .message import Message

_MICROSECOND: Final = timedelta(microseconds=1)


@utc_times
def is_member(member: ChatMember, at: datetime) -> bool:
    """Say whether someone is a member at a time."""
    return member.joined_at <= at and (member.left_at is None or at < member.left_at)


def membership(members: Iterable[ChatMember], chat_id: UUID, user_id: UUID) -> ChatMember | None:
    """Return a user's membership of a chat, of the past too, or None for someone who never was a member."""
    return next((member for member in members if (member.chat_id, member.user_id) == (chat_id, user_id)), None)


@utc_times
def may_write(member: ChatMember | None, at: datetime) -> bool:
    """Say whether someone may write in a chat at a time: members, and nobody else."""
    return member is not None and is_member(member, at)


@utc_times
def may_read(member: ChatMember | None, message: Message, at: datetime) -> bool:
    """Say whether someone may read a message of their chat at a time; see the module."""
    if member is None or member.chat_id != message.chat_id or at < member.joined_at:
        return False
    return member.left_at is None or message.created_at < member.left_at


@utc_times
def readable_until(member: ChatMember | None, chat_id: UUID, user_id: UUID, at: datetime) -> datetime:
    """Return the time up to and at which messages were written that someone may read at a time, as in ``may_read``.

    Raises NotAMember for who may read none.
    """
    if member is None or (member.chat_id, member.user_id) != (chat_id, user_id) or at < member.joined_at:
        raise NotAMember(chat_id, user_id=user_id)
    return at if member.left_at is None else min(at, member.left_at - _MICROSECOND)


@utc_times
def resume_membership(member: ChatMember, at: datetime, *, role: MemberRole = MemberRole.MEMBER) -> ChatMember:
    """Return the membership of someone who has left as it is when they come back, with what they had read.

    A member stays as they are.
    """
    if is_member(member, at):
        return member
    return evolve(member, role=role, joined_at=at, left_at=None)


@utc_times
def end_membership(member: ChatMember, at: datetime) -> ChatMember:
    """Return the membership as it is once the member has left. Raises NotAMember for who is none at that time."""
    if not is_member(member, at):
        raise NotAMember(member.chat_id, user_id=member.user_id)
    return evolve(member, left_at=at)
