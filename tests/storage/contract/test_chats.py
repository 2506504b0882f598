"""Chats: who is in them, what a user's list of chats shows, and messages by pages in both directions."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from strongroom.domain.accounts.user import User
from strongroom.domain.chat.chat import Chat, ChatKind
from strongroom.domain.chat.chat_member import ChatMember
from strongroom.domain.chat.conversation import sort_key
from strongroom.domain.chat.message import Message
from strongroom.domain.chat.summary import sort_summaries, summarize_chat
from strongroom.ports.clock import FixedClock
from strongroom.ports.errors import Conflict, InvalidValue, NotFound, ReadOnlyViolation, ReferenceMissing
from strongroom.ports.repositories.chat import CreateChat
from strongroom.ports.repositories.message import CreateMessage
from strongroom.ports.storage import Isolation, Storage
from strongroom.testing.factory import START_TIME, World

from .conftest import Blocked
from .property_settings import RELAXED

MINUTES = st.integers(0, 6)
SAID = st.tuples(st.integers(0, 1), st.integers(0, 1), MINUTES, st.booleans())
STAYS = st.tuples(MINUTES, st.none() | MINUTES, st.none() | st.integers(0, 12))


def minute(number: int) -> datetime:
    """Return the time so many minutes after the morning."""
    return START_TIME + timedelta(minutes=number)


async def a_chat(world: World, said: int = 0) -> tuple[Chat, list[Message]]:
    """Return a chat and its messages, a minute apart, in order."""
    chat = await world.added(Chat)
    user = await world.added(User)
    return chat, [
        await world.added(Message, chat_id=chat.id, sender_id=user.id, created_at=minute(number))
        for number in range(said)
    ]


async def test_chats_are_created(storage: Storage, world: World, clock: FixedClock) -> None:
    """``create`` adds a chat without members and messages, now; its creator has to be a user."""
    user = await world.added(User)
    command = CreateChat(kind=ChatKind.GROUP, title="a group", created_by=user.id)
    chat = await storage.chats.create(command)
    assert (chat.created_at, chat.last_message_at) == (clock.now(), None)
    assert await storage.chats.get(chat.id) == chat
    assert await storage.chat_members.find_by_chat(chat.id) == []
    with pytest.raises(ReferenceMissing):
        await storage.chats.create(attrs.evolve(command, created_by=chat.id))


async def test_members_are_found_from_both_sides(storage: Storage, world: World) -> None:
    """Members of a chat, and chats of a user, come the first joined first; whoever left is there too."""
    chat, other = await world.several(Chat, 2)
    user = await world.added(User)
    late = await world.added(ChatMember, chat_id=chat.id, user_id=user.id, joined_at=minute(5), left_at=minute(6))
    early = await world.added(ChatMember, chat_id=chat.id, joined_at=minute(1), left_at=None)
    elsewhere = await world.added(ChatMember, chat_id=other.id, user_id=user.id, joined_at=minute(2), left_at=None)
    assert await storage.chat_members.find_by_chat(chat.id) == [early, late]
    assert await storage.chat_members.find_by_user(user.id) == [elsewhere, late]
    assert await storage.chat_members.find_by_chat_and_user(chat.id, user.id) == late
    assert await storage.chat_members.find_by_chat_and_user(other.id, early.user_id) is None


async def test_a_message_is_created_in_its_chat(storage: Storage, world: World, clock: FixedClock) -> None:
    """``create`` adds a message now; an original in another chat is no original."""
    chat, (original,) = await a_chat(world, 1)
    command = CreateMessage(chat_id=chat.id, sender_id=original.sender_id, reply_to_id=original.id, body="Hello")
    message = await storage.messages.create(command)
    assert (message.created_at, message.metadata, message.edited_at) == (clock.now(), {}, None)
    assert await storage.messages.find_replies(original) == [message]
    assert await storage.messages.find_replies(message) == []
    elsewhere, _ = await a_chat(world)
    with pytest.raises(ReferenceMissing):
        await storage.messages.create(attrs.evolve(command, chat_id=elsewhere.id))
    for body in ("", "x" * 10_001):
        with pytest.raises(InvalidValue):
            await storage.messages.create(attrs.evolve(command, body=body))


@RELAXED
@given(
    times=st.lists(MINUTES, max_size=12),
    limit=st.integers(1, 4),
    until=st.integers(-1, 7),
    newest_first=st.booleans(),
)
async def test_pages_of_messages_neither_skip_nor_repeat(
    world: World, *, times: list[int], limit: int, until: int, newest_first: bool
) -> None:
    """All pages together are the chat's messages up to the time, by (created_at, id), in both directions."""
    chat, _ = await a_chat(world)
    said = [await world.added(Message, chat_id=chat.id, created_at=minute(time)) for time in times]
    await a_chat(world, 2)
    wanted = sorted((one for one in said if one.created_at <= minute(until)), key=sort_key, reverse=newest_first)
    found: list[Message] = []
    after: Any = None
    while True:
        page = await world.storage.messages.page_by_chat(
            chat.id, newest_first=newest_first, until=minute(until), limit=limit, after=after
        )
        assert len(page.items) == min(limit, len(wanted) - len(found))
        found += page.items
        after = page.next
        if after is None:
            break
    assert found == wanted


async def test_messages_around_one_are_found(storage: Storage, world: World) -> None:
    """``around`` gives the nearest on both sides, also of one time, and the pages go on from there."""
    chat, said = await a_chat(world, 7)
    found = await storage.messages.around(said[3], limit=2)
    assert found.sorted_messages == said[1:6]
    older = await storage.messages.page_by_chat(chat.id, after=found.older.next)
    newer = await storage.messages.page_by_chat(chat.id, newest_first=False, after=found.newer.next)
    assert (older.items, newer.items) == (said[:1], said[6:])
    assert (await storage.messages.around(said[3], until=minute(4), limit=9)).sorted_messages == said[:5]
    assert (await storage.messages.around(said[0], limit=1)).sorted_messages == said[:2]
    twin = await world.added(Message, chat_id=chat.id, created_at=minute(3))
    assert {one.id for one in (await storage.messages.around(twin, limit=2)).sorted_messages} >= {said[3].id, twin.id}


async def test_messages_of_a_sender_are_found(storage: Storage, world: World) -> None:
    """A sender's messages of all chats come the newest first."""
    (one, said), (other, _) = await a_chat(world, 3), await a_chat(world)
    elsewhere = await world.added(Message, chat_id=other.id, sender_id=said[0].sender_id, created_at=minute(9))
    page = await storage.messages.page_by_sender(said[0].sender_id, limit=2)
    assert page.items == [elsewhere, said[2]]
    rest = await storage.messages.page_by_sender(said[0].sender_id, after=page.next)
    assert rest.items == [said[1], said[0]]
    assert one.id != other.id


@RELAXED
@given(
    stays=st.tuples(STAYS, STAYS),
    said=st.lists(SAID, max_size=12),
    at=st.integers(-1, 7),
    include_left=st.booleans(),
)
async def test_summaries_equal_the_domains(
    world: World,
    *,
    stays: tuple[tuple[int, int | None, int | None], ...],
    said: list[tuple[int, int, int, bool]],
    at: int,
    include_left: bool,
) -> None:
    """A user's chats show what ``domain.chat.summary`` says, whoever joined, left, wrote, deleted and read."""
    users = await world.several(User, 2)
    chats = await world.several(Chat, 2)
    messages = [
        await world.added(
            Message,
            chat_id=chats[chat].id,
            sender_id=users[sender].id,
            created_at=minute(time),
            deleted_at=minute(9) if is_deleted else None,
        )
        for chat, sender, time, is_deleted in said
    ]
    wanted = []
    for chat, (joined, stay, read) in zip(chats, stays, strict=True):
        left_at = None if stay is None else minute(joined + stay)
        last_read: UUID | None = None
        if read is not None:
            last_read = messages[read].id if read < len(messages) else chat.id
        member = await world.added(
            ChatMember,
            chat_id=chat.id,
            user_id=users[0].id,
            joined_at=minute(joined),
            left_at=left_at,
            last_read_message_id=last_read,
        )
        await world.added(ChatMember, chat_id=chat.id, user_id=users[1].id, joined_at=minute(0), left_at=None)
        if joined <= at and (include_left or left_at is None or left_at > minute(at)):
            of_chat = {message.id: message for message in messages if message.chat_id == chat.id}
            wanted.append(summarize_chat(chat, member, of_chat, minute(at)))
    found = await world.storage.chats.summaries(users[0].id, at=minute(at), include_left=include_left)
    assert found == sort_summaries(wanted)


async def test_a_list_of_chats_is_of_now_unless_a_time_is_given(
    storage: Storage, world: World, clock: FixedClock
) -> None:
    """What is said later is not there yet; a user without chats has none; what is no identity or time is refused."""
    chat, said = await a_chat(world, 3)
    member = await world.added(ChatMember, chat_id=chat.id, joined_at=START_TIME, left_at=None)
    clock.time = minute(1)
    (found,) = await storage.chats.summaries(member.user_id)
    assert (found.chat, found.member, found.last_message, found.unread) == (chat, member, said[1], 2)
    assert found.active_at == minute(1)
    assert await storage.chats.summaries(world.absent_key(User)) == []
    with pytest.raises(InvalidValue):
        await storage.chats.summaries("nonsense")  # type: ignore[arg-type]
    with pytest.raises(InvalidValue):
        await storage.chats.summaries(member.user_id, at=datetime(2026, 1, 1))  # noqa: DTZ001 - what must be refused


async def test_returned_json_is_a_copy(storage: Storage, world: World) -> None:
    """Whoever changes the metadata of a last message changes nothing that is stored."""
    chat, (message,) = await a_chat(world, 1)
    member = await world.added(ChatMember, chat_id=chat.id, joined_at=START_TIME, left_at=None)
    (found,) = await storage.chats.summaries(member.user_id, at=minute(1))
    assert found.last_message is not None
    found.last_message.metadata["more"] = 1
    assert (await storage.messages.get(message.id)).metadata == message.metadata


async def test_a_chat_is_locked_by_one_at_a_time(storage: Storage, world: World, blocked: Blocked) -> None:
    """Who holds a chat lets others wait, and they find it as it was left; messages are added meanwhile."""
    chat, (message,) = await a_chat(world, 1)
    async with storage.transaction() as first:
        assert await first.chats.lock(chat.id) == chat
        await world.added(Message, chat_id=chat.id, sender_id=message.sender_id)
        changed = await first.chats.update(attrs.evolve(chat, title="changed"))
        second = await blocked(_held(storage, chat.id))
    assert await second == changed
    with pytest.raises(NotFound) as caught:
        await storage.chats.lock(world.absent_key(Chat))
    assert caught.value.entity == "Chat"


async def _held(storage: Storage, chat_id: UUID) -> Chat:
    async with storage.transaction() as transaction:
        return await transaction.chats.lock(chat_id)


async def test_locking_a_changed_chat_in_a_snapshot_conflicts(storage: Storage, world: World) -> None:
    """A transaction that still sees the older chat gives way; one that only reads holds nothing."""
    chat, _ = await a_chat(world)
    with pytest.raises(Conflict):
        async with storage.transaction(isolation=Isolation.REPEATABLE_READ) as transaction:
            assert await transaction.chats.get(chat.id) == chat
            await storage.chats.update(attrs.evolve(chat, title="changed"))
            await transaction.chats.lock(chat.id)
    with pytest.raises(ReadOnlyViolation):
        async with storage.transaction(read_only=True) as transaction:
            await transaction.chats.lock(chat.id)


async def test_summaries_see_the_transactions_own_writes(storage: Storage, world: World) -> None:
    """A transaction sees its own messages, others do not before the commit; a snapshot sees what it began with."""
    chat, (message,) = await a_chat(world, 1)
    member = await world.added(ChatMember, chat_id=chat.id, joined_at=START_TIME, left_at=None)
    ready = await world.ready(Message, chat_id=chat.id, sender_id=message.sender_id, created_at=minute(1))
    at = minute(2)
    async with storage.transaction(isolation=Isolation.REPEATABLE_READ) as reader:
        (before,) = await reader.chats.summaries(member.user_id, at=at)
        assert (before.unread, before.last_message) == (1, message)
        async with storage.transaction() as writer:
            added = await writer.messages.add(ready)
            (own,) = await writer.chats.summaries(member.user_id, at=at)
            assert (own.unread, own.last_message) == (2, added)
            assert await storage.chats.summaries(member.user_id, at=at) == [before]
        assert await reader.chats.summaries(member.user_id, at=at) == [before]
    (after,) = await storage.chats.summaries(member.user_id, at=at)
    assert (after.unread, after.last_message) == (2, added)


async def test_moving_a_message_to_a_missing_chat_names_the_message(storage: Storage, world: World) -> None:
    """Replies follow a message into another chat; where there is no such chat, the message is refused, not a reply."""
    first = await world.added(Message, reply_to_id=None)
    reply = await world.added(Message, chat_id=first.chat_id, reply_to_id=first.id, sender_id=first.sender_id)
    nowhere = attrs.evolve(first, chat_id=UUID(int=9))
    for moved in (storage.messages.upsert(nowhere), storage.messages.update(nowhere)):
        with pytest.raises(ReferenceMissing) as caught:
            await moved
        assert (caught.value.constraint, caught.value.key) == ("messages_chat_id_fkey", first.id)
    elsewhere = await world.added(Chat)
    await storage.messages.upsert(attrs.evolve(first, chat_id=elsewhere.id))
    assert (await storage.messages.get(reply.id)).chat_id == elsewhere.id
