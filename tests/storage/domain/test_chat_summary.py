"""What the list of chats shows of a chat, and what becomes of memberships."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st

from strongroom.domain.chat.chat import Chat, ChatKind
from strongroom.domain.chat.chat_member import ChatMember, MemberRole
from strongroom.domain.chat.conversation import sort_key
from strongroom.domain.chat.errors import NotAMember
from strongroom.domain.chat.membership import end_membership, is_member, may_read, readable_until, resume_membership
from strongroom.domain.chat.message import Message
from strongroom.domain.chat.summary import ChatSummary, sort_summaries, summarize_chat

START = datetime(2024, 1, 1, tzinfo=UTC)
ME, YOU = UUID(int=11), UUID(int=12)
CHAT = Chat(id=UUID(int=1), kind=ChatKind.GROUP, created_by=ME, created_at=START)
instants = st.integers(0, 8).map(lambda number: START + timedelta(microseconds=number))


@st.composite
def members(draw):
    """Draw a membership of the past, the present or the future."""
    joined_at, left_at = sorted((draw(instants), draw(instants)))
    return ChatMember(
        chat_id=CHAT.id, user_id=ME, joined_at=joined_at, left_at=left_at if draw(st.booleans()) else None
    )


@st.composite
def messages(draw):
    """Draw the messages of the chat, by id."""
    drawn = draw(st.lists(st.tuples(st.sampled_from([ME, YOU]), instants, st.booleans()), max_size=8))
    return {
        UUID(int=number): Message(
            id=UUID(int=number),
            chat_id=CHAT.id,
            sender_id=sender,
            body="hello",
            metadata={},
            created_at=at,
            deleted_at=START + timedelta(days=1) if is_deleted else None,
        )
        for number, (sender, at, is_deleted) in enumerate(drawn, 1)
    }


@given(members(), messages(), instants, st.integers(0, 9))
def test_a_summary_counts_what_is_new_to_its_reader(member, said, at, read):
    """Others' words since what was read last, while a member; the last message is the last that may be read."""
    member = evolve(member, last_read_message_id=UUID(int=read) if read else None)
    found = summarize_chat(CHAT, member, said, at)
    past = [message for message in said.values() if message.created_at <= at]
    mark = sort_key(said[UUID(int=read)]) if UUID(int=read) in said else (datetime.min.replace(tzinfo=UTC), UUID(int=0))
    new = [m for m in past if m.sender_id == YOU and not m.deleted_at and sort_key(m) > mark]
    assert found.unread == sum(is_member(member, message.created_at) for message in new)
    assert found.last_message == max((m for m in past if may_read(member, m, at)), key=sort_key, default=None)
    assert found.active_at == (found.last_message.created_at if found.last_message else CHAT.created_at)


@given(st.lists(st.tuples(st.integers(1, 5), instants), unique_by=lambda each: each[0]))
def test_chats_are_listed_by_their_last_activity(chats):
    """The most recently active comes first, those of one time by id, in whatever order they are given."""
    member = ChatMember(chat_id=CHAT.id, user_id=ME, joined_at=START)
    listed = sort_summaries(
        ChatSummary(chat=evolve(CHAT, id=UUID(int=number), created_at=at), member=member, last_message=None, unread=0)
        for number, at in chats
    )
    wanted = sorted(chats, key=lambda each: (START - each[1], each[0]))
    assert [one.chat.id.int for one in listed] == [number for number, _ in wanted]


@given(members(), messages(), instants)
def test_what_may_be_read_ends_at_one_time(member, said, at):
    """A message of the past may be read if and only if it was written by the time that the membership gives."""
    for message in said.values():
        readable = message.created_at <= at and may_read(member, message, at)
        if at < member.joined_at:
            assert not readable
        else:
            assert readable == (message.created_at <= readable_until(member, CHAT.id, ME, at))


def test_strangers_have_no_time_until_which_they_read():
    """Nobody, another's membership, another chat's, and one of the future are refused."""
    member = ChatMember(chat_id=CHAT.id, user_id=ME, joined_at=START)
    for found, user, at in ((None, ME, START), (member, YOU, START), (member, ME, START - timedelta(seconds=1))):
        with pytest.raises(NotAMember):
            readable_until(found, CHAT.id, user, at)
    with pytest.raises(NotAMember):
        readable_until(member, UUID(int=2), ME, START)


@given(members(), instants)
def test_joining_and_leaving(member, at):
    """Who leaves is no member from then on; who comes back is one; who is one stays as they are."""
    if is_member(member, at):
        assert resume_membership(member, at, role=MemberRole.ADMIN) == member
        assert not is_member(end_membership(member, at), at)
    else:
        assert is_member(resume_membership(member, at), at)
        with pytest.raises(NotAMember):
            end_membership(member, at)
