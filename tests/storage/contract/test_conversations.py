"""What users do in chats: start, join and leave them, post, edit, delete and read messages."""

import asyncio
from datetime import timedelta
from uuid import UUID

import pytest

from strongroom.domain.accounts.user import User
from strongroom.domain.chat.chat import Chat, ChatKind
from strongroom.domain.chat.chat_member import MemberRole
from strongroom.domain.chat.conversation import sort_key, visible_body
from strongroom.domain.chat.errors import MessageChangeRefused, NotAMember, ReplyNotPossible, WrongChat
from strongroom.domain.chat.message import Message
from strongroom.ports.clock import FixedClock
from strongroom.ports.errors import InvalidValue, NotFound, ReferenceMissing
from strongroom.ports.repositories.chat import CreateChat
from strongroom.ports.repositories.message import CreateMessage
from strongroom.ports.storage import Storage
from strongroom.ports.use_cases.chat_membership import join_chat, leave_chat, start_chat
from strongroom.ports.use_cases.read_messages import mark_as_read, read_around, read_chat
from strongroom.ports.use_cases.write_messages import delete_message, edit_message, post_message
from strongroom.testing.factory import World

from .conftest import Blocked

MINUTE = timedelta(minutes=1)


class Group:
    """A group chat that its owner has started with another member; a stranger stands outside."""

    def __init__(self, storage: Storage, clock: FixedClock, chat: Chat, users: list[User]) -> None:
        self.storage = storage
        self.clock = clock
        self.chat = chat
        self.owner, self.member, self.stranger = (user.id for user in users)

    async def says(self, user_id: UUID, body: str = "hello", reply_to: UUID | None = None) -> Message:
        """Return what a user posts, a minute after what was posted before."""
        self.clock.time += MINUTE
        return await post_message(
            self.storage,
            CreateMessage(chat_id=self.chat.id, sender_id=user_id, body=body, reply_to_id=reply_to),
        )

    async def unread(self, user_id: UUID) -> list[int]:
        """Return how many messages each of a user's chats has unread, those left too."""
        return [one.unread for one in await self.storage.chats.summaries(user_id, include_left=True)]


@pytest.fixture
async def group(storage: Storage, world: World, clock: FixedClock) -> Group:
    """A group chat."""
    users = await world.several(User, 3)
    command = CreateChat(kind=ChatKind.GROUP, created_by=users[0].id)
    return Group(storage, clock, await start_chat(storage, command, [users[1].id, users[1].id, users[0].id]), users)


async def test_a_chat_starts_with_its_members(storage: Storage, group: Group) -> None:
    """The creator is the owner, the others are members, each once; an unknown one leaves no chat behind."""
    members = await storage.chat_members.find_by_chat(group.chat.id)
    assert {member.user_id: member.role for member in members} == {
        group.owner: MemberRole.OWNER,
        group.member: MemberRole.MEMBER,
    }
    assert {member.joined_at for member in members} == {group.chat.created_at}
    command = CreateChat(kind=ChatKind.DIRECT, created_by=group.owner)
    with pytest.raises(ReferenceMissing):
        await start_chat(storage, command, [group.chat.id])
    assert await storage.chats.count() == 1


async def test_a_post_updates_last_message_at(storage: Storage, group: Group) -> None:
    """The message is there, the chat's ``last_message_at`` is its time, and the others have one more unread."""
    message = await group.says(group.owner)
    assert await storage.messages.find() == [message]
    assert (await storage.chats.get(group.chat.id)).last_message_at == message.created_at
    assert await group.unread(group.member) == [1]
    assert await group.unread(group.owner) == [0]
    assert await group.unread(group.stranger) == []


async def test_only_members_write(storage: Storage, group: Group) -> None:
    """Strangers, and whoever has left, are refused, and nothing is kept; an unknown chat is not found."""
    await leave_chat(storage, group.chat.id, group.member)
    for user_id in (group.stranger, group.member):
        with pytest.raises(NotAMember) as caught:
            await group.says(user_id)
        assert (caught.value.chat_id, caught.value.user_id) == (group.chat.id, user_id)
    with pytest.raises(NotFound):
        await post_message(storage, CreateMessage(chat_id=group.owner, sender_id=group.owner, body="x"))
    with pytest.raises(InvalidValue):
        await group.says(group.owner, "")
    assert await storage.messages.count() == 0
    assert (await storage.chats.get(group.chat.id)).last_message_at is None


async def test_replies_stay_in_their_chat(storage: Storage, group: Group) -> None:
    """A reply names an earlier message of the same chat that is there and not deleted; anything else is refused."""
    original = await group.says(group.owner)
    reply = await group.says(group.member, reply_to=original.id)
    assert await storage.messages.find_replies(original) == [reply]
    other = await start_chat(storage, CreateChat(kind=ChatKind.GROUP, created_by=group.owner))
    elsewhere = await post_message(storage, CreateMessage(chat_id=other.id, sender_id=group.owner, body="x"))
    with pytest.raises(WrongChat):
        await group.says(group.owner, reply_to=elsewhere.id)
    with pytest.raises(ReplyNotPossible, match="no such message"):
        await group.says(group.owner, reply_to=group.owner)
    await delete_message(storage, original.id, by=group.owner)
    with pytest.raises(ReplyNotPossible, match="deleted"):
        await group.says(group.owner, reply_to=original.id)
    assert await storage.messages.find_replies(original) == [reply]


async def test_an_edit_keeps_the_messages_place(storage: Storage, group: Group) -> None:
    """The sender replaces the words; others may not, and nobody does after the deletion."""
    message = await group.says(group.member, "first")
    group.clock.time += MINUTE
    edited = await edit_message(storage, message.id, "second", by=group.member)
    assert (edited.body, edited.edited_at, sort_key(edited)) == ("second", group.clock.now(), sort_key(message))
    group.clock.time += MINUTE
    assert await edit_message(storage, message.id, "second", by=group.member) == edited
    for user_id, error in ((group.owner, MessageChangeRefused), (group.stranger, NotAMember)):
        with pytest.raises(error):
            await edit_message(storage, message.id, "third", by=user_id)
    with pytest.raises(InvalidValue):
        await edit_message(storage, message.id, "x" * 10_001, by=group.member)
    await delete_message(storage, message.id, by=group.member)
    with pytest.raises(MessageChangeRefused):
        await edit_message(storage, message.id, "third", by=group.member)
    with pytest.raises(NotFound):
        await edit_message(storage, group.owner, "third", by=group.owner)


async def test_a_deletion_hides_the_words_alone(storage: Storage, group: Group) -> None:
    """The sender and the owner may delete; the message keeps its place, and counts as unread no more."""
    mine, yours = await group.says(group.owner), await group.says(group.member)
    with pytest.raises(MessageChangeRefused):
        await delete_message(storage, mine.id, by=group.member)
    with pytest.raises(NotAMember):
        await delete_message(storage, mine.id, by=group.stranger)
    deleted = await delete_message(storage, yours.id, by=group.owner)
    group.clock.time += MINUTE
    assert await delete_message(storage, yours.id, by=group.owner) == deleted
    page = await read_chat(storage, group.chat.id, group.owner)
    assert [visible_body(message) for message in page.items] == [None, "hello"]
    assert await group.unread(group.owner) == [0]
    (listed,) = await storage.chats.summaries(group.owner)
    assert listed.last_message == deleted


async def test_what_is_read_stays_read(storage: Storage, group: Group) -> None:
    """Marking moves forwards only, by the order of messages; who may not read a message marks nothing."""
    said = [await group.says(group.owner) for _ in range(4)]
    assert await group.unread(group.member) == [4]
    member = await mark_as_read(storage, said[2].id, group.member)
    assert (member.last_read_message_id, await group.unread(group.member)) == (said[2].id, [1])
    assert await mark_as_read(storage, said[0].id, group.member) == member
    assert await group.unread(group.member) == [1]
    await mark_as_read(storage, said[3].id, group.member)
    assert await group.unread(group.member) == [0]
    with pytest.raises(NotAMember):
        await mark_as_read(storage, said[0].id, group.stranger)
    with pytest.raises(NotFound):
        await mark_as_read(storage, group.owner, group.member)


async def test_concurrent_read_marks_keep_the_furthest(storage: Storage, group: Group) -> None:
    """Of one user's devices that mark at once, the one that has read furthest counts, whoever comes last."""
    said = [await group.says(group.owner) for _ in range(4)]
    await asyncio.gather(*(mark_as_read(storage, message.id, group.member) for message in reversed(said)))
    member = await storage.chat_members.get((group.chat.id, group.member))
    assert member.last_read_message_id == said[3].id


async def test_the_last_read_message_may_be_missing(storage: Storage, group: Group) -> None:
    """A message that was removed, although it was read last, leaves the chat unread, and marking goes on."""
    first, second = await group.says(group.owner), await group.says(group.owner)
    await mark_as_read(storage, second.id, group.member)
    await storage.messages.remove(second.id)
    assert await group.unread(group.member) == [1]
    assert (await mark_as_read(storage, first.id, group.member)).last_read_message_id == first.id
    assert await group.unread(group.member) == [0]


async def test_former_members_read_messages_until_they_left(storage: Storage, group: Group) -> None:
    """Pages end, and the count stands, where the member left; the list of chats shows it on demand alone."""
    first = await group.says(group.owner)
    group.clock.time += MINUTE
    await leave_chat(storage, group.chat.id, group.member)
    last = await post_message(storage, CreateMessage(chat_id=group.chat.id, sender_id=group.owner, body="later"))
    for newest_first in (True, False):
        page = await read_chat(storage, group.chat.id, group.member, newest_first=newest_first)
        assert page.items == [first]
    assert (await read_around(storage, first.id, group.member)).sorted_messages == [first]
    assert (await read_around(storage, first.id, group.owner)).sorted_messages == [first, last]
    for reads in (read_around, mark_as_read):
        with pytest.raises(NotAMember):
            await reads(storage, last.id, group.member)
    assert await group.unread(group.member) == [1]
    assert await storage.chats.summaries(group.member) == []
    with pytest.raises(NotAMember):
        await leave_chat(storage, group.chat.id, group.member)
    with pytest.raises(NotAMember):
        await read_chat(storage, group.chat.id, group.stranger)


async def test_returning_members_read_everything(storage: Storage, group: Group) -> None:
    """Joining again begins a new membership with what had been read; who is a member already stays as they are."""
    first = await group.says(group.owner)
    await mark_as_read(storage, first.id, group.member)
    await leave_chat(storage, group.chat.id, group.member)
    between = await group.says(group.owner)
    group.clock.time += MINUTE
    back = await join_chat(storage, group.chat.id, group.member, by=group.owner, role=MemberRole.ADMIN)
    assert (back.joined_at, back.left_at, back.role) == (group.clock.now(), None, MemberRole.ADMIN)
    assert back.last_read_message_id == first.id
    group.clock.time += MINUTE
    assert await join_chat(storage, group.chat.id, group.member, by=group.owner) == back
    assert (await read_chat(storage, group.chat.id, group.member, newest_first=False)).items == [first, between]
    assert await group.unread(group.member) == [0]
    new = await join_chat(storage, group.chat.id, group.stranger, by=group.owner)
    assert (new.role, new.joined_at) == (MemberRole.MEMBER, group.clock.now())
    for chat_id, user_id, error in ((group.owner, group.owner, NotFound), (group.chat.id, first.id, ReferenceMissing)):
        with pytest.raises(error):
            await join_chat(storage, chat_id, user_id, by=group.owner)


async def test_concurrent_posts_are_serialized(storage: Storage, group: Group) -> None:
    """Twenty posts at once are all kept; of as many joins of one user, one is the membership."""
    await asyncio.gather(*(group.says(group.owner, str(number)) for number in range(20)))
    said = await read_chat(storage, group.chat.id, group.member)
    assert {message.body for message in said.items} == {str(number) for number in range(20)}
    assert (await storage.chats.get(group.chat.id)).last_message_at == said.items[0].created_at
    joins = await asyncio.gather(
        *(join_chat(storage, group.chat.id, group.stranger, by=group.owner) for _ in range(20))
    )
    assert len(set(joins)) == 1


async def test_nobody_posts_after_leaving(storage: Storage, group: Group, blocked: Blocked) -> None:
    """A post waits for whoever decides on the chat, and is refused when its sender has left by then."""
    async with storage.transaction() as transaction:
        await transaction.chats.lock(group.chat.id)
        member = await transaction.chat_members.get((group.chat.id, group.member))
        posting = await blocked(group.says(group.member))
        await transaction.chat_members.remove((member.chat_id, member.user_id))
    with pytest.raises(NotAMember):
        await posting
    assert await storage.messages.count() == 0
