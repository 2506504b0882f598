"""How the feed keeps its connection: one while anybody subscribes, found again when it is lost, and no gap unsaid."""

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Any

import asyncpg
import pytest
from support.proxy import Proxy

from strongroom.adapters.mapping.announcements import ANNOUNCEMENTS
from strongroom.adapters.mapping.platform import PLATFORM
from strongroom.adapters.postgres import PostgresSettings, PostgresStorage, open_postgres
from strongroom.adapters.postgres.change_feed import PostgresChangeFeed
from strongroom.adapters.postgres.listener import CHANNEL
from strongroom.domain.positions.position_valuation import PositionValuation
from strongroom.ports.change_feed import Change, MayHaveMissed, PositionValued
from strongroom.ports.errors import StorageUnavailable
from strongroom.testing.factory import World

WAIT_SECONDS = 10
LISTENING = "SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND application_name = 'feed'"
LONGEST_PAYLOAD_BYTES = 7999
OTHER_KEYS = {
    "messages": "UPDATE many SET id = gen_random_uuid()",
    "nmt_position_valuation": "UPDATE many SET at = timestamptz '9998-06-01 00:00:00Z' + random() * interval '1 day'",
}


@pytest.fixture
async def storage(database: str) -> AsyncIterator[PostgresStorage]:
    """A storage that writes what the feed tells."""
    async with await open_postgres(PostgresSettings(url=database, min_size=1)) as storage:
        yield storage


@pytest.fixture
def world(storage: PostgresStorage) -> World:
    """Makes entities and what they refer to."""
    return World(storage)


@pytest.fixture
async def monitor(database: str) -> AsyncIterator["asyncpg.Connection[Any]"]:
    """A connection beside the feed's."""
    connection = await asyncpg.connect(database)
    yield connection
    await connection.close()


@pytest.fixture
async def feed(database: str) -> AsyncIterator[PostgresChangeFeed]:
    """A feed, told apart by its application's name."""
    feed = PostgresChangeFeed(PostgresSettings(url=database, application_name="feed"))
    yield feed
    await feed.close()


async def following(changes: AsyncIterator[Change]) -> Change:
    """Return the next change."""
    async with asyncio.timeout(WAIT_SECONDS):
        return await anext(changes)


async def valued(world: World) -> Change:
    """Add a valuation and return what is told of it."""
    valuation = await world.added(PositionValuation)
    return PositionValued(valuation.position_id, valuation.at)


async def entered(feed: PostgresChangeFeed) -> None:
    """Subscribe, and leave at once."""
    async with feed.subscribe():
        pass


async def test_a_terminated_connection_is_reopened(feed: PostgresChangeFeed, world: World, monitor: Any) -> None:
    """After the server ended the connection every subscriber hears MayHaveMissed, whatever its kinds, then the rest."""
    async with feed.subscribe() as one, feed.subscribe(PositionValued) as other:
        before = await valued(world)
        assert [await following(one), await following(other)] == [before, before]
        for _ in range(2):
            (process,) = [row["pid"] for row in await monitor.fetch(LISTENING)]
            await monitor.execute("SELECT pg_terminate_backend($1, 5000)", process)
            assert [await following(one), await following(other)] == [MayHaveMissed(), MayHaveMissed()]
            after = await valued(world)
            assert [await following(one), await following(other)] == [after, after]


async def test_a_refused_connection_is_retried(
    feed: PostgresChangeFeed, world: World, monitor: Any, postgres_url: str, caplog: pytest.LogCaptureFixture
) -> None:
    """As long as the server takes no connection the feed says so, to subscribers and in the log, and tries again."""
    name = await monitor.fetchval("SELECT current_database()")
    server = await asyncpg.connect(postgres_url)
    try:
        async with feed.subscribe() as changes:
            await server.execute(f'ALTER DATABASE "{name}" ALLOW_CONNECTIONS false')
            (process,) = [row["pid"] for row in await monitor.fetch(LISTENING)]
            await monitor.execute("SELECT pg_terminate_backend($1, 5000)", process)
            async with asyncio.timeout(WAIT_SECONDS):
                while len(caplog.records) < 2:
                    await asyncio.sleep(0.01)
            assert await following(changes) == MayHaveMissed()
            missed = await valued(world)
            await server.execute(f'ALTER DATABASE "{name}" ALLOW_CONNECTIONS true')
            assert await following(changes) == MayHaveMissed()
            after = await valued(world)
            assert await following(changes) == after
            assert after != missed
    finally:
        await server.close()


async def test_the_ping_detects_a_silent_connection(database: str, world: World) -> None:
    """A connection over which nothing comes any more, without a word of it, is given up and replaced."""
    async with Proxy(database) as proxy:
        settings = PostgresSettings(url=proxy.url, connect_timeout=0.5)
        feed = PostgresChangeFeed(settings, ping_seconds=0.05)
        async with feed.subscribe() as changes:
            proxy.silence()
            await valued(world)
            assert await following(changes) == MayHaveMissed()
            after = await valued(world)
            assert await following(changes) == after
        await feed.close()


async def test_subscribers_share_one_connection_that_closes_with_the_last(
    feed: PostgresChangeFeed, world: World, monitor: Any
) -> None:
    """However many subscribe there is one connection, and after the last has left none, nor a task."""
    tasks = asyncio.all_tasks()
    ready, leave = asyncio.Semaphore(0), asyncio.Event()

    async def listen() -> Change:
        async with feed.subscribe() as changes:
            ready.release()
            await leave.wait()
            return await following(changes)

    for _ in range(2):
        leave.clear()
        listening = [asyncio.create_task(listen()) for _ in range(5)]
        for _ in listening:
            await ready.acquire()
        assert len(await monitor.fetch(LISTENING)) == 1
        change = await valued(world)
        leave.set()
        assert await asyncio.gather(*listening) == [change] * 5
        assert asyncio.all_tasks() == tasks
        async with asyncio.timeout(WAIT_SECONDS):
            while await monitor.fetch(LISTENING):
                await asyncio.sleep(0.01)


async def test_a_subscriber_may_leave_at_once_or_while_the_connection_is_lost(
    feed: PostgresChangeFeed, monitor: Any
) -> None:
    """Leaving is clean at any moment: nothing is left running."""
    tasks = asyncio.all_tasks()
    await entered(feed)
    async with feed.subscribe():
        await monitor.execute(f"SELECT pg_terminate_backend(pid, 5000) FROM ({LISTENING}) AS feed")
    async with feed.subscribe():
        await monitor.execute(f"SELECT pg_terminate_backend(pid, 5000) FROM ({LISTENING}) AS feed")
        await asyncio.sleep(0.01)
        await entered(feed)
    assert asyncio.all_tasks() == tasks


async def test_a_subscriber_cancelled_while_connecting_leaves_no_connection() -> None:
    """Cancelled before the server has answered, a subscriber leaves neither a task nor a connection."""
    accepted, ended = asyncio.Event(), asyncio.Event()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        accepted.set()
        await reader.read()
        writer.close()
        ended.set()

    async with await asyncio.start_server(serve, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        feed = PostgresChangeFeed(PostgresSettings(url=f"postgresql://me@127.0.0.1:{port}/any?sslmode=disable"))
        entering = asyncio.create_task(entered(feed))
        await accepted.wait()
        entering.cancel()
        with pytest.raises(asyncio.CancelledError):
            await entering
        async with asyncio.timeout(WAIT_SECONDS):
            await ended.wait()
        await feed.close()


async def test_an_unreachable_server_is_reported_without_the_password() -> None:
    """Subscribing raises StorageUnavailable, with the address but not its password."""
    feed = PostgresChangeFeed(PostgresSettings(url="postgresql://me:secret@127.0.0.1:1/there"))
    with pytest.raises(StorageUnavailable, match=r"me@127\.0\.0\.1") as raised:
        await entered(feed)
    assert "secret" not in str(raised.value)


async def test_a_transaction_pooler_requires_a_direct_url(database: str) -> None:
    """Through a transaction pooler nothing can be listened to: it is said, not silently missed."""
    feed = PostgresChangeFeed(PostgresSettings(url=database, pooler="transaction"))
    with pytest.raises(StorageUnavailable, match="direct_url"):
        await entered(feed)


@pytest.mark.parametrize("table", ANNOUNCEMENTS)
async def test_payloads_stay_under_the_limit(table: str, world: World, database: str, feed: PostgresChangeFeed) -> None:
    """However many rows a statement adds, and however long their times are as text, every payload can be sent."""
    await world.added(PLATFORM.table_named(table).entity)
    payloads: list[str] = []
    connection = await asyncpg.connect(database, server_settings={"TimeZone": "<far>-05:45"})
    try:
        await connection.add_listener(CHANNEL, lambda *told: payloads.append(str(told[3])))
        await connection.execute(
            f"CREATE TEMPORARY TABLE many AS SELECT {table}.* FROM {table}, generate_series(1, 1000)"
        )
        await connection.execute(OTHER_KEYS[table])
        async with feed.subscribe():
            await connection.execute(f"INSERT INTO {table} SELECT * FROM many")
    finally:
        await connection.close()
    assert sum(len(json.loads(payload)["rows"]) for payload in payloads) == 1000
    assert max(len(payload.encode()) for payload in payloads) <= LONGEST_PAYLOAD_BYTES


@pytest.mark.parametrize(
    "payload",
    [
        "",
        "nonsense",
        "[" * 5000,
        "7",
        '{"rows": []}',
        '{"table": "messages"}',
        '{"table": "messages", "rows": [["a", "b"]]}',
        '{"table": "messages", "rows": [[1, 2]]}',
        '{"table": "messages", "rows": [["11111111-1111-1111-1111-111111111111"]]}',
        '{"table": "nmt_position_valuation", "rows": [["11111111-1111-1111-1111-111111111111", "infinity"]]}',
    ],
)
async def test_an_unreadable_payload_counts_as_missed(feed: PostgresChangeFeed, monitor: Any, payload: str) -> None:
    """A payload that means nothing is told as a gap, and the feed goes on."""
    async with feed.subscribe() as changes:
        await monitor.execute("SELECT pg_notify($1, $2)", CHANNEL, payload)
        assert await following(changes) == MayHaveMissed()


async def test_an_unknown_table_is_ignored(feed: PostgresChangeFeed, world: World, monitor: Any) -> None:
    """What a newer version of the schema announces is left to newer versions of the code."""
    async with feed.subscribe() as changes:
        await monitor.execute("SELECT pg_notify($1, $2)", CHANNEL, '{"table": "swaps", "rows": [["a"]]}')
        change = await valued(world)
        assert await following(changes) == change
