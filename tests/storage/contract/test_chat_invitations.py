"""Who brings others into a chat, and who owns it once its owner has left."""

import asyncio
from uuid import UUID

import pytest

from strongroom.domain.accounts.user import User
from strongroom.domain.chat.chat import Chat, ChatKind
from strongroom.domain.chat.chat_member import MemberRole
from strongroom.domain.chat.errors import InvitationRefused, NotAMember
from strongroom.ports.repositories.chat import CreateChat
from strongroom.ports.storage import Storage
from strongroom.ports.use_cases.chat_membership import join_chat, leave_chat, start_chat
from strongroom.testing.factory import World

from .conftest import Blocked


@pytest.fixture
async def users(world: World) -> list[UUID]:
    """Four users."""
    return [user.id for user in await world.several(User, 4)]


async def a_chat(storage: Storage, kind: ChatKind, *users: UUID) -> Chat:
    """Return a chat of users, the first of whom has made it."""
    return await start_chat(storage, CreateChat(kind=kind, created_by=users[0]), users)


async def roles(storage: Storage, chat: Chat) -> dict[UUID, MemberRole]:
    """Return the roles of a chat's members of now, by user."""
    members = await storage.chat_members.find_by_chat(chat.id)
    return {member.user_id: member.role for member in members if member.left_at is None}


@pytest.mark.parametrize("room", [ChatKind.GROUP, ChatKind.SUPPORT])
async def test_nobody_joins_uninvited(storage: Storage, users: list[UUID], room: ChatKind) -> None:
    """A stranger does not bring themselves, nor does a member bring another; an admin does, but makes no admins."""
    owner, admin, member, stranger = users
    chat = await a_chat(storage, room, owner, member)
    with pytest.raises(NotAMember):
        await join_chat(storage, chat.id, stranger, by=stranger)
    with pytest.raises(InvitationRefused, match="only owners and admins invite"):
        await join_chat(storage, chat.id, stranger, by=member)
    await join_chat(storage, chat.id, admin, by=owner, role=MemberRole.ADMIN)
    with pytest.raises(InvitationRefused, match="only an owner"):
        await join_chat(storage, chat.id, stranger, by=admin, role=MemberRole.ADMIN)
    assert stranger not in await roles(storage, chat)
    await join_chat(storage, chat.id, stranger, by=admin)
    assert (await roles(storage, chat))[stranger] is MemberRole.MEMBER
    await leave_chat(storage, chat.id, stranger)
    with pytest.raises(NotAMember):
        await join_chat(storage, chat.id, stranger, by=stranger)


async def test_a_direct_chat_has_two_members(storage: Storage, users: list[UUID]) -> None:
    """With one or three it does not start, and leaves nothing; nobody joins the two, who come back as they like."""
    first, second, third, _ = users
    for given in ([first], [first, second, third]):
        with pytest.raises(InvitationRefused, match="of two"):
            await a_chat(storage, ChatKind.DIRECT, *given)
    assert await storage.chats.count() == 0
    chat = await a_chat(storage, ChatKind.DIRECT, first, second)
    assert await roles(storage, chat) == {first: MemberRole.MEMBER, second: MemberRole.MEMBER}
    for by, error in ((first, InvitationRefused), (third, NotAMember)):
        with pytest.raises(error):
            await join_chat(storage, chat.id, third, by=by)
    await leave_chat(storage, chat.id, first)
    assert await roles(storage, chat) == {second: MemberRole.MEMBER}
    with pytest.raises(InvitationRefused, match="none of the two"):
        await join_chat(storage, chat.id, third, by=second)
    await join_chat(storage, chat.id, first, by=first)
    await leave_chat(storage, chat.id, second)
    await join_chat(storage, chat.id, second, by=first)
    assert set(await roles(storage, chat)) == {first, second}


async def test_when_its_owner_leaves_another_owns_the_chat(storage: Storage, users: list[UUID]) -> None:
    """All who leave at once leave one after the other, so that whoever is left owns it."""
    owner, admin, member, late = users
    chat = await a_chat(storage, ChatKind.GROUP, owner, member)
    await join_chat(storage, chat.id, admin, by=owner, role=MemberRole.ADMIN)
    await join_chat(storage, chat.id, late, by=admin)
    await asyncio.gather(leave_chat(storage, chat.id, owner), leave_chat(storage, chat.id, admin))
    found = await roles(storage, chat)
    assert set(found) == {member, late}
    assert sorted(role.value for role in found.values()) == ["member", "owner"]
    heir = next(user for user, role in found.items() if role is MemberRole.OWNER)
    assert heir == member
    await leave_chat(storage, chat.id, heir)
    assert await roles(storage, chat) == {late: MemberRole.OWNER}
    await leave_chat(storage, chat.id, late)
    assert await roles(storage, chat) == {}


async def test_an_inviter_who_leaves_concurrently_invites_nobody(
    storage: Storage, users: list[UUID], blocked: Blocked
) -> None:
    """An invitation waits for whoever decides on the chat, and is judged by the members that are left."""
    owner, member, stranger, _ = users
    chat = await a_chat(storage, ChatKind.GROUP, owner, member)
    async with storage.transaction() as other:
        await other.chats.lock(chat.id)
        inviting = await blocked(join_chat(storage, chat.id, stranger, by=owner))
        await other.chat_members.remove((chat.id, owner))
    with pytest.raises(NotAMember):
        await inviting
    assert set(await roles(storage, chat)) == {member}
