"""Who may bring others into a chat, in which role, and who owns it once its owner has left.

- A group and a support chat are joined by invitation: owners and admins invite members, and owners alone make others
  admins or owners. Whoever has left, or was made to, comes back by invitation only.
- A direct chat has two members, who are equal, and nobody else ever joins it; whoever of the two has left comes back
  by themselves, or when the other asks them to.
- A chat that others are in is never without an owner: the admin who joined first follows, or else the member.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Final
from uuid import UUID

from attrs import evolve, frozen

from ..values.instants import utc_times
from .chat import Chat, ChatKind
from .chat_member import ChatMember, MemberRole
from .errors import InvitationRefused, NotAMember
from .membership import may_write, membership

INVITERS: Final = frozenset({MemberRole.OWNER, MemberRole.ADMIN})
"""The roles that may invite."""
DIRECT_MEMBERS: Final = 2


def initial_roles(chat: Chat, others: Sequence[UUID]) -> dict[UUID, MemberRole]:
    """Return the roles of a new chat's creator, who owns it, and of the other users; in a direct chat both are equal.

    Raises InvitationRefused for a direct chat with anybody but one other user.
    """
    unlike = [user_id for user_id in dict.fromkeys(others) if user_id != chat.created_by]
    if chat.kind is ChatKind.DIRECT and len(unlike) != DIRECT_MEMBERS - 1:
        raise InvitationRefused(
            chat.id, user_id=chat.created_by, reason=f"a direct chat is of two, not {1 + len(unlike)}"
        )
    creator = MemberRole.MEMBER if chat.kind is ChatKind.DIRECT else MemberRole.OWNER
    return {chat.created_by: creator, **dict.fromkeys(unlike, MemberRole.MEMBER)}


@frozen(kw_only=True)
class Invitation:
    """A user, the role that they are to have, and the one ``by`` whom they are invited: themselves, who come back."""

    user_id: UUID
    role: MemberRole = MemberRole.MEMBER
    by: UUID


@utc_times
def require_invitable(chat: Chat, members: Sequence[ChatMember], invitation: Invitation, at: datetime) -> None:
    """Raise unless a user may be brought into a chat by another one at a time, given all who are or were in it.

    Raises NotAMember where the other is no member then, and InvitationRefused for what their role does not allow.
    """
    user_id, role, by = invitation.user_id, invitation.role, invitation.by
    inviter = membership(members, chat.id, by)
    comes_back = chat.kind is ChatKind.DIRECT and by == user_id
    if inviter is None or not (comes_back or may_write(inviter, at)):
        raise NotAMember(chat.id, user_id=by)
    if chat.kind is ChatKind.DIRECT:
        in_it = [member.user_id for member in members if member.chat_id == chat.id]
        if user_id not in in_it and len(in_it) >= DIRECT_MEMBERS:
            raise InvitationRefused(chat.id, user_id=by, reason=f"user {user_id} is none of the two of a direct chat")
        if role is not MemberRole.MEMBER:
            raise InvitationRefused(chat.id, user_id=by, reason=f"a direct chat has no {role.value}")
        return
    if inviter.role not in INVITERS:
        raise InvitationRefused(chat.id, user_id=by, reason="only owners and admins invite")
    if role is not MemberRole.MEMBER and inviter.role is not MemberRole.OWNER:
        raise InvitationRefused(chat.id, user_id=by, reason=f"only an owner makes an {role.value}")


@utc_times
def successor(chat: Chat, members: Iterable[ChatMember], leaving: ChatMember, at: datetime) -> ChatMember | None:
    """Return who owns a chat once a member leaves it, as its owner; None where another owns it, or nobody is left."""
    staying = [
        member
        for member in members
        if member.chat_id == chat.id and member.user_id != leaving.user_id and may_write(member, at)
    ]
    owned = leaving.role is not MemberRole.OWNER or any(member.role is MemberRole.OWNER for member in staying)
    if chat.kind is ChatKind.DIRECT or owned or not staying:
        return None
    first = min(staying, key=lambda member: (member.role is not MemberRole.ADMIN, member.joined_at, member.user_id))
    return evolve(first, role=MemberRole.OWNER)
