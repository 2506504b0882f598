"""Who reads and writes in chats, and what becomes of what was said."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from strongroom.domain.chat.chat import Chat, ChatKind
from strongroom.domain.chat.chat_member import ChatMember, MemberRole
from strongroom.domain.chat.conversation import (
    apply_deletion,
    apply_edit,
    conversation,
    mark_read_up_to,
    require_postable,
    sort_key,
    unread_count,
    visible_body,
)
from strongroom.domain.chat.errors import MessageChangeRefused, NotAMember, ReplyNotPossible, WrongChat
from strongroom.domain.chat.membership import is_member, may_read, may_write, membership
from strongroom.domain.chat.message import Message, MessageKind
from strongroom.domain.errors import InvalidValue

START = datetime(2024, 1, 1, tzinfo=UTC)
CHAT, OTHER = UUID(int=1), UUID(int=2)
ME, YOU = UUID(int=11), UUID(int=12)
minutes = st.integers(0, 30)
NOW = START + timedelta(minutes=60)


def minute(number):
    """Return the time so many minutes after the start."""
    return START + timedelta(minutes=number)


def a_chat():
    """Return the chat of the tests."""
    return Chat(id=CHAT, kind=ChatKind.GROUP, created_by=ME, created_at=START)


def a_member(user=ME, joined=0, left=None, **fields):
    """Return a membership between two minutes."""
    left_at = None if left is None else minute(left)
    return ChatMember(**{"chat_id": CHAT, "user_id": user, "joined_at": minute(joined), "left_at": left_at} | fields)


def a_message(number=1, at=5, **fields):
    """Return a message of a minute with these fields changed."""
    known = {"id": UUID(int=1000 + number), "chat_id": CHAT, "sender_id": ME, "body": "hello", "metadata": {}}
    return Message(**known | {"created_at": minute(at)} | fields)


members = st.builds(
    lambda joined, stay: a_member(ME, joined, None if stay is None else joined + stay), minutes, st.none() | minutes
)
message_lists = st.lists(
    st.builds(
        a_message,
        st.integers(1, 100),
        minutes,
        sender_id=st.sampled_from([ME, YOU]),
        deleted_at=st.none() | st.just(NOW),
    ),
    max_size=10,
    unique_by=lambda message: message.id,
)


@given(members, minutes)
def test_a_member_writes_from_joining_until_just_before_leaving(member, at):
    """A member writes from joining until just before leaving."""
    message, present = a_message(at=at), member.joined_at <= minute(at)
    present = present and (member.left_at is None or minute(at) < member.left_at)
    assert is_member(member, minute(at)) == may_write(member, minute(at)) == present
    if present:
        require_postable(message, chat=a_chat(), sender=member)
    else:
        with pytest.raises(NotAMember):
            require_postable(message, chat=a_chat(), sender=member)


@given(message_lists, members)
def test_a_reader_sees_the_chat_in_order_and_after_leaving_nothing_newer(messages, member):
    """A reader sees the chat in order and after leaving nothing newer."""
    seen = conversation(messages, reader=member, at=NOW)
    assert seen == sorted(seen, key=lambda message: (message.created_at, message.id))
    expected = [one for one in messages if member.left_at is None or one.created_at < member.left_at]
    assert [one.id for one in seen] == [one.id for one in sorted(expected, key=sort_key)]
    assert conversation(messages, reader=None, at=NOW) == []


@given(message_lists, members, st.data())
def test_unread_is_what_others_said_after_what_was_read_last_while_one_was_there(messages, member, data):
    """Unread is what others said after what was read last while one was there."""
    last = data.draw(st.none() | st.sampled_from(messages)) if messages else None
    reader = attrs.evolve(member, last_read_message_id=last.id if last else None)
    expected = [
        message
        for message in messages
        if message.sender_id == YOU
        and message.deleted_at is None
        and is_member(member, message.created_at)
        and (last is None or (message.created_at, message.id) > (last.created_at, last.id))
    ]
    assert unread_count(messages, reader=reader, at=NOW, last_read=last) == len(expected)


@given(message_lists)
def test_after_reading_up_to_the_last_message_nothing_is_unread(messages):
    """After reading up to the last message nothing is unread."""
    reader = a_member()
    for message in messages:
        last = next((one for one in messages if one.id == reader.last_read_message_id), None)
        reader = mark_read_up_to(reader, message, at=NOW, last_read=last)
    last = max(messages, key=sort_key, default=None)
    assert reader.last_read_message_id == (last.id if last else None)
    assert unread_count(messages, reader=reader, at=NOW, last_read=last) == 0


@given(st.text(min_size=1, max_size=50).filter(lambda text: "\0" not in text), minutes)
def test_an_edit_changes_the_words_and_keeps_the_place(body, later):
    """An edit changes the words and keeps the place."""
    message = a_message(reply_to_id=UUID(int=1))
    after = apply_edit(message, body, by=a_member(), at=minute(5 + later))
    assert (after.body, sort_key(after), after.reply_to_id) == (body, sort_key(message), message.reply_to_id)
    assert after.edited_at == (minute(5 + later) if body != message.body else None)


@pytest.mark.parametrize("role", MemberRole)
@pytest.mark.parametrize("sender", [ME, YOU])
def test_the_sender_and_moderators_delete_and_only_the_sender_edits(role, sender):
    """The sender and moderators delete and only the sender edits."""
    message, by = a_message(sender_id=sender), a_member(role=role)
    if sender == ME or role is not MemberRole.MEMBER:
        gone = apply_deletion(message, by=by, at=minute(9))
        assert (gone.deleted_at, sort_key(gone), visible_body(gone)) == (minute(9), sort_key(message), None)
        assert apply_deletion(gone, by=by, at=minute(10)) == gone
    else:
        with pytest.raises(MessageChangeRefused):
            apply_deletion(message, by=by, at=minute(9))
    if sender == ME:
        assert visible_body(apply_edit(message, "new", by=by, at=minute(9))) == "new"
    else:
        with pytest.raises(MessageChangeRefused, match="only its sender"):
            apply_edit(message, "new", by=by, at=minute(9))


@pytest.mark.parametrize(
    ("message", "by", "body", "error"),
    [
        (a_message(deleted_at=NOW), a_member(), "new", MessageChangeRefused),
        (a_message(kind=MessageKind.SYSTEM), a_member(), "new", MessageChangeRefused),
        (a_message(kind=MessageKind.TRANSACTION), a_member(), "new", MessageChangeRefused),
        (a_message(at=31), a_member(), "new", MessageChangeRefused),
        (a_message(edited_at=minute(31)), a_member(), "new", MessageChangeRefused),
        (a_message(), a_member(left=20), "new", NotAMember),
        (a_message(), a_member(chat_id=OTHER), "new", WrongChat),
        (a_message(), a_member(), "", InvalidValue),
        (a_message(), a_member(), "x" * 10_001, InvalidValue),
    ],
)
def test_what_may_not_be_edited_is_refused(message, by, body, error):
    """What may not be edited is refused."""
    with pytest.raises(error):
        apply_edit(message, body, by=by, at=minute(30))


@pytest.mark.parametrize(
    ("reply", "original", "error"),
    [
        (a_message(2, 6, reply_to_id=UUID(int=1001)), a_message(chat_id=OTHER), WrongChat),
        (a_message(2, 6, reply_to_id=UUID(int=1001)), None, ReplyNotPossible),
        (a_message(2, 6), a_message(), ReplyNotPossible),
        (a_message(2, 6, reply_to_id=UUID(int=1003)), a_message(), ReplyNotPossible),
        (a_message(2, 4, reply_to_id=UUID(int=1001)), a_message(), ReplyNotPossible),
        (a_message(2, 6, reply_to_id=UUID(int=1001)), a_message(deleted_at=minute(6)), ReplyNotPossible),
        (a_message(2, 6, reply_to_id=UUID(int=1002)), a_message(2, 6), ReplyNotPossible),
    ],
    ids=["another chat", "missing", "not asked for", "another message", "later", "deleted", "itself"],
)
def test_a_reply_stays_in_its_chat_and_follows_what_it_replies_to(reply, original, error):
    """A reply stays in its chat and follows what it replies to."""
    with pytest.raises(error):
        require_postable(reply, chat=a_chat(), sender=a_member(), reply_to=original)


def test_a_reply_to_an_earlier_message_is_postable():
    """A reply to an earlier message is postable."""
    reply = a_message(2, 5, reply_to_id=UUID(int=1001))
    require_postable(reply, chat=a_chat(), sender=a_member(), reply_to=a_message())


def test_only_the_senders_own_membership_of_this_chat_counts():
    """Only the sender's own membership of this chat counts."""
    for sender in (None, a_member(YOU), a_member(chat_id=OTHER)):
        with pytest.raises(NotAMember):
            require_postable(a_message(), chat=a_chat(), sender=sender)
    with pytest.raises(WrongChat):
        require_postable(a_message(chat_id=OTHER), chat=a_chat(), sender=a_member())


def test_who_has_left_reads_what_was_said_until_then_and_a_stranger_reads_nothing():
    """Who has left reads what was said until then and a stranger reads nothing."""
    former = a_member(left=10)
    assert may_read(former, a_message(at=9), NOW)
    assert not may_read(former, a_message(at=10), NOW)
    assert not may_read(None, a_message(), NOW)
    assert not may_read(a_member(joined=20), a_message(), minute(19))
    assert may_read(a_member(joined=20), a_message(), minute(20))
    with pytest.raises(NotAMember):
        mark_read_up_to(former, a_message(at=10), at=NOW, last_read=None)


def test_a_membership_is_found_by_chat_and_user():
    """A membership is found by chat and user."""
    known = [a_member(YOU), a_member(ME, chat_id=OTHER), a_member(ME, left=3)]
    assert membership(known, CHAT, ME) == known[2]
    assert membership(known, OTHER, YOU) is None


def test_unread_is_counted_from_the_message_that_was_read_last_and_no_other():
    """Unread is counted from the message that was read last and no other."""
    reader = a_member(last_read_message_id=UUID(int=1001))
    with pytest.raises(ValueError, match="not what was read last"):
        unread_count([], reader=reader, at=NOW, last_read=None)
    with pytest.raises(WrongChat):
        unread_count([], reader=reader, at=NOW, last_read=a_message(chat_id=OTHER))
