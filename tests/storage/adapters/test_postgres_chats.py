"""How the list of a user's chats is read from PostgreSQL."""

from datetime import timedelta

import asyncpg
from support.counting_proxy import CountingProxy

from strongroom.adapters.postgres import PostgresSettings, open_postgres
from strongroom.adapters.postgres.chat import SUMMARIES
from strongroom.domain.accounts.user import User
from strongroom.domain.chat.chat import Chat
from strongroom.domain.chat.chat_member import ChatMember
from strongroom.domain.chat.message import Message
from strongroom.testing.factory import START_TIME, World


async def test_chat_summaries_take_one_round_trip(database: str) -> None:
    """None, one, and thirty chats with as many messages each are answered by one exchange."""
    proxy = CountingProxy(database)
    url = await proxy.start()
    async with await open_postgres(PostgresSettings(url=url, min_size=1, max_size=1)) as storage:
        world = World(storage)
        reader, writer = await world.several(User, 2)
        await storage.chats.summaries(reader.id)
        counts = []
        for number in (0, 1, 29):
            for _ in range(number):
                chat = await world.added(Chat, created_by=writer.id)
                await world.added(ChatMember, chat_id=chat.id, user_id=reader.id, joined_at=START_TIME, left_at=None)
                said = [await world.ready(Message, chat_id=chat.id, sender_id=writer.id) for _ in range(30)]
                await storage.messages.bulk_upsert(said)
            before = proxy.round_trips
            found = await storage.chats.summaries(reader.id, at=START_TIME + timedelta(days=9))
            counts.append((len(found), sum(one.unread for one in found), proxy.round_trips - before))
    proxy.server.close()
    assert counts == [(0, 0, 1), (1, 30, 1), (30, 900, 1)]


async def test_chat_summaries_read_the_last_messages_through_the_index(database: str) -> None:
    """Of a chat that was read to its end, the last messages alone are looked at, however many came before."""
    async with await open_postgres(PostgresSettings(url=database, min_size=1)) as storage:
        world = World(storage)
        reader, writer = await world.several(User, 2)
        chat = await world.added(Chat, created_by=writer.id)
        said = [await world.ready(Message, chat_id=chat.id, sender_id=writer.id) for _ in range(3000)]
        await storage.messages.bulk_upsert(said)
        last = max(said, key=lambda one: (one.created_at, one.id))
        await world.added(
            ChatMember,
            chat_id=chat.id,
            user_id=reader.id,
            joined_at=START_TIME,
            left_at=None,
            last_read_message_id=last.id,
        )
    connection = await asyncpg.connect(database)
    try:
        await connection.execute("ANALYZE messages, chats, chat_member")
        plan = await connection.fetch(
            f"EXPLAIN (ANALYZE, BUFFERS, FORMAT TEXT) {SUMMARIES}", reader.id, START_TIME + timedelta(days=9), False
        )
    finally:
        await connection.close()
    text = "\n".join(row[0] for row in plan)
    assert "Seq Scan on messages" not in text, text
    assert "rows=3000" not in text, text
