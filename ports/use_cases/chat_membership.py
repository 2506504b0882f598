"""Starts chats, and lets users join and leave them."""

from collections.abc import Iterable
from uuid import UUID

from strongroom.domain.chat.chat import Chat
from strongroom.domain.chat.chat_member import ChatMember, MemberRole
from strongroom.domain.chat.errors import NotAMember
from strongroom.domain.chat.invitations import Invitation, initial_roles, require_invitable, successor
from strongroom.domain.chat.membership import end_membership, membership, resume_membership

from ..repositories.chat import CreateChat
from ..storage import Transaction, UnitOfWork


async def start_chat(storage: UnitOfWork, command: CreateChat, members: Iterable[UUID] = ()) -> Chat:
    """Add a chat with its creator as owner, and the other users as members, all or nothing; a direct one is of two.

    A user who is named twice is a member once. Raises InvitationRefused for a direct chat with anybody but one other
    user, and ReferenceMissing for an unknown user.
    """
    others = [*members]

    async def work(transaction: Transaction) -> Chat:
        chat = await transaction.chats.create(command)
        for user_id, role in initial_roles(chat, others).items():
            member = ChatMember(chat_id=chat.id, user_id=user_id, role=role, joined_at=chat.created_at)
            await transaction.chat_members.add(member)
        return chat

    return await storage.run(work)


async def join_chat(
    storage: UnitOfWork, chat_id: UUID, user_id: UUID, *, by: UUID, role: MemberRole = MemberRole.MEMBER
) -> ChatMember:
    """Make a user a member of a chat from now on, as another invites them; who is one already stays as they are.

    Whoever comes back is a member from then on, in the role given, and has read what they had read. Raises NotFound
    for an unknown chat, ReferenceMissing for an unknown user, NotAMember and InvitationRefused as ``require_invitable``
    does.
    """

    async def work(transaction: Transaction) -> ChatMember:
        chat = await transaction.chats.lock(chat_id)
        now = transaction.chats.now()
        members = await transaction.chat_members.find_by_chat(chat_id)
        require_invitable(chat, members, Invitation(user_id=user_id, role=role, by=by), now)
        before = membership(members, chat_id, user_id)
        if before is None:
            member = ChatMember(chat_id=chat_id, user_id=user_id, role=role, joined_at=now)
            return await transaction.chat_members.add(member)
        after = resume_membership(before, now, role=role)
        return before if after == before else await transaction.chat_members.update(after)

    return await storage.run(work)


async def leave_chat(storage: UnitOfWork, chat_id: UUID, user_id: UUID) -> ChatMember:
    """End a user's membership of a chat: from now on they read what was said until now, and write nothing.

    Where the only owner leaves, another member owns the chat: see ``successor``. Raises NotFound for an unknown chat,
    NotAMember for who is none, or has left already.
    """

    async def work(transaction: Transaction) -> ChatMember:
        chat = await transaction.chats.lock(chat_id)
        now = transaction.chats.now()
        members = await transaction.chat_members.find_by_chat(chat_id)
        before = membership(members, chat_id, user_id)
        if before is None:
            raise NotAMember(chat_id, user_id=user_id)
        after = await transaction.chat_members.update(end_membership(before, now))
        following = successor(chat, members, before, now)
        if following is not None:
            await transaction.chat_members.update(following)
        return after

    return await storage.run(work)
