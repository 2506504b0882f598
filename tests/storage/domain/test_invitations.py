"""Who may bring others into a chat, and who owns it once its owner has left."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from strongroom.domain.chat.chat import Chat, ChatKind
from strongroom.domain.chat.chat_member import ChatMember, MemberRole
from strongroom.domain.chat.errors import InvitationRefused, NotAMember
from strongroom.domain.chat.invitations import Invitation, initial_roles, require_invitable, successor
from strongroom.testing.values import numbered_uuid

START = datetime(2026, 2, 1, tzinfo=UTC)
CHAT, OTHER = numbered_uuid(100), numbered_uuid(101)
USERS = [numbered_uuid(number) for number in range(1, 5)]
ROLES = st.sampled_from(list(MemberRole))
KINDS = st.sampled_from(list(ChatKind))
STAYS = st.tuples(st.sampled_from([CHAT, CHAT, OTHER]), ROLES, st.integers(0, 3), st.none() | st.integers(1, 3))
MEMBERS = st.lists(st.none() | STAYS, min_size=4, max_size=4)
AT = START + timedelta(minutes=2)


def a_chat(kind: ChatKind) -> Chat:
    """Return a chat that the first user has made."""
    return Chat(id=CHAT, kind=kind, created_by=USERS[0], created_at=START)


def those(stays: list[tuple[UUID, MemberRole, int, int | None] | None]) -> list[ChatMember]:
    """Return the memberships of the users."""
    return [
        ChatMember(
            chat_id=stay[0],
            user_id=user_id,
            role=stay[1],
            joined_at=START + timedelta(minutes=stay[2]),
            left_at=None if stay[3] is None else START + timedelta(minutes=stay[2] + stay[3]),
        )
        for user_id, stay in zip(USERS, stays, strict=True)
        if stay is not None
    ]


def current(members: list[ChatMember]) -> dict[UUID, MemberRole]:
    """Return the roles of the chat's members now, by user."""
    return {
        member.user_id: member.role
        for member in members
        if member.chat_id == CHAT and member.joined_at <= AT and (member.left_at is None or member.left_at > AT)
    }


@given(stays=MEMBERS, by=st.sampled_from(USERS), user=st.sampled_from(USERS), role=ROLES, kind=KINDS)
def test_owners_and_admins_invite_and_owners_alone_make_others_more_than_members(
    stays: list[tuple[UUID, MemberRole, int, int | None] | None],
    by: UUID,
    user: UUID,
    role: MemberRole,
    kind: ChatKind,
) -> None:
    """Members of now do, by their role in this chat; in a direct chat nobody but its two ever joins."""
    members, invitation = those(stays), Invitation(user_id=user, role=role, by=by)
    now = current(members)
    known = {member.user_id for member in members if member.chat_id == CHAT}
    if kind is ChatKind.DIRECT:
        may = (
            role is MemberRole.MEMBER
            and (user in known or len(known) < 2)
            and (by in now or (by == user and by in known))
        )
    else:
        allowed = {MemberRole.OWNER: set(MemberRole), MemberRole.ADMIN: {MemberRole.MEMBER}}
        may = by in now and role in allowed.get(now[by], set())
    if may:
        require_invitable(a_chat(kind), members, invitation, AT)
        return
    is_stranger = by not in now and not (kind is ChatKind.DIRECT and by == user and by in known)
    with pytest.raises(NotAMember if is_stranger else InvitationRefused) as caught:
        require_invitable(a_chat(kind), members, invitation, AT)
    assert (caught.value.chat_id, caught.value.user_id) == (CHAT, by)


@given(others=st.lists(st.sampled_from(USERS), max_size=6), kind=KINDS)
def test_a_chat_starts_with_an_owner_and_a_direct_one_with_two_equals(others: list[UUID], kind: ChatKind) -> None:
    """Whoever is named twice, or has made the chat, is in it once."""
    chat = a_chat(kind)
    users = {USERS[0], *others}
    if kind is ChatKind.DIRECT and len(users) != 2:
        with pytest.raises(InvitationRefused, match=f"of two, not {len(users)}"):
            initial_roles(chat, others)
        return
    roles = initial_roles(chat, others)
    assert set(roles) == users
    owners = [user for user, role in roles.items() if role is not MemberRole.MEMBER]
    assert owners == ([] if kind is ChatKind.DIRECT else [USERS[0]])


@given(stays=MEMBERS, who=st.sampled_from(USERS), kind=KINDS)
def test_a_chat_that_others_are_in_is_never_without_an_owner(
    stays: list[tuple[UUID, MemberRole, int, int | None] | None], who: UUID, kind: ChatKind
) -> None:
    """When its only owner leaves, the admin who joined first follows, or else the member; nobody else changes."""
    members = those(stays)
    now = current(members)
    if who not in now:
        return
    leaving = next(member for member in members if member.user_id == who)
    staying = {user: role for user, role in now.items() if user != who}
    after = successor(a_chat(kind), members, leaving, AT)
    needed = now[who] is MemberRole.OWNER and MemberRole.OWNER not in staying.values()
    if kind is ChatKind.DIRECT or not needed or not staying:
        assert after is None
        return
    assert after is not None
    before = next(member for member in members if member.user_id == after.user_id)
    assert after == attrs.evolve(before, role=MemberRole.OWNER)
    best = MemberRole.ADMIN if MemberRole.ADMIN in staying.values() else MemberRole.MEMBER
    assert staying[after.user_id] is best
    rivals = [member for member in members if staying.get(member.user_id) is best]
    assert after.joined_at == min(member.joined_at for member in rivals)
