"""Chats in PostgreSQL."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from strongroom.adapters.mapping.chat import CHAT
from strongroom.adapters.mapping.chat_member import CHAT_MEMBER
from strongroom.adapters.mapping.message import MESSAGE
from strongroom.adapters.mapping.queries import require_type
from strongroom.domain.chat.chat import Chat
from strongroom.domain.chat.summary import ChatSummary
from strongroom.ports.repositories.chat import ChatRepository

from .repository import PostgresRepository
from .sql import EQ, GE, GT, LE, LT, NE, column_list, table_statements
from .unreadable import Part, read

SUMMARIES: Final = f"""
    SELECT {column_list(table_statements(CHAT).names, "chat.")},
           {column_list(table_statements(CHAT_MEMBER).names, "member.")},
           unread.count,
           {column_list(table_statements(MESSAGE).names, "newest.")}
    FROM {CHAT_MEMBER.sql_name} AS member
    JOIN {CHAT.sql_name} AS chat ON chat.id {EQ} member.chat_id
    LEFT JOIN {MESSAGE.sql_name} AS seen
        ON seen.chat_id {EQ} member.chat_id AND seen.id {EQ} member.last_read_message_id
    LEFT JOIN LATERAL (
        SELECT * FROM {MESSAGE.sql_name} AS message
        WHERE message.chat_id {EQ} member.chat_id
            AND message.created_at {LE} $2
            AND message.created_at {LT} coalesce(member.left_at, 'infinity')
        ORDER BY message.created_at DESC, message.id DESC LIMIT 1
    ) AS newest ON true
    CROSS JOIN LATERAL (
        SELECT pg_catalog.count(*) AS count FROM {MESSAGE.sql_name} AS message
        WHERE message.chat_id {EQ} member.chat_id
            AND message.sender_id {NE} member.user_id
            AND message.deleted_at IS NULL
            AND message.created_at {LE} $2
            AND message.created_at {GE} member.joined_at
            AND message.created_at {LT} coalesce(member.left_at, 'infinity')
            AND (message.created_at, message.id)
                {GT} (coalesce(seen.created_at, '-infinity'), coalesce(seen.id, chat.id))
    ) AS unread
    WHERE member.user_id {EQ} $1
        AND member.joined_at {LE} $2
        AND ($3 OR coalesce(member.left_at, 'infinity') {GT} $2)
    ORDER BY coalesce(newest.created_at, chat.created_at) DESC, chat.id
"""
LOCK_CHAT: Final = f"SELECT {table_statements(CHAT).columns} FROM {CHAT.sql_name} WHERE id {EQ} $1 FOR NO KEY UPDATE"

MEMBER_AT: Final = len(CHAT.columns)
UNREAD_AT: Final = MEMBER_AT + len(CHAT_MEMBER.columns)
SUMMARY_PARTS: Final = (Part(CHAT), Part(CHAT_MEMBER, MEMBER_AT), Part(MESSAGE, UNREAD_AT + 1))


class PostgresChatRepository(PostgresRepository[Chat, UUID], ChatRepository):
    """Chats, by id."""

    table = CHAT

    async def summaries(
        self, user_id: UUID, *, at: datetime | None = None, include_left: bool = False
    ) -> list[ChatSummary]:
        """Return a user's chats at a time with what was said last, and how much is unread, in one statement."""
        require_type("include_left", include_left, bool)
        user = CHAT_MEMBER.checked_value(CHAT_MEMBER.column("user_id"), user_id)
        when = CHAT_MEMBER.checked_value(CHAT_MEMBER.column("joined_at"), self.now() if at is None else at)
        return await read(self._executor, CHAT, SUMMARIES, (user, when, include_left), _summaries, parts=SUMMARY_PARTS)


def _summaries(rows: Sequence[Any]) -> list[ChatSummary]:
    """Return what rows of SUMMARIES say."""
    chat, member, message = (table_statements(table) for table in (CHAT, CHAT_MEMBER, MESSAGE))
    return [
        ChatSummary(
            chat=chat.hydrate(row[:MEMBER_AT]),
            member=member.hydrate(row[MEMBER_AT:UNREAD_AT]),
            unread=row[UNREAD_AT],
            last_message=None if row[UNREAD_AT + 1] is None else message.hydrate(row[UNREAD_AT + 1 :]),
        )
        for row in rows
    ]
