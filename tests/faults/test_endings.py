"""The server ends connections, at the worst moments: callers get their own error or the port's, and nothing dies."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import asyncpg
import pytest
from support.proxy import Proxy

from strongroom.adapters.postgres import PostgresSettings, open_postgres
from strongroom.adapters.postgres.change_feed import PostgresChangeFeed
from strongroom.adapters.postgres.connection import connected
from strongroom.adapters.postgres.locks import migration_locks
from strongroom.adapters.postgres.migrator import Migrator
from strongroom.adapters.postgres.migrator import runner as migrator_runner
from strongroom.domain.positions.position_valuation import PositionValuation
from strongroom.ports.change_feed import MayHaveMissed, PositionValued
from strongroom.ports.errors import NotFound, StorageUnavailable
from strongroom.testing.factory import World

HOLD = 0.3
"""How long the end of a connection comes after the server's last word."""
END = """
    SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity
    WHERE datname = current_database() AND pid <> pg_backend_pid() AND application_name = 'ended'
"""


@pytest.fixture
async def proxy(database: str) -> AsyncIterator[Proxy]:
    """A proxy before a database of the test's own, which holds back how connections end."""
    async with Proxy(database) as made:
        made.hold_end = HOLD
        yield made


@pytest.fixture
async def observer(database: str) -> AsyncIterator[Any]:
    """A connection beside the proxy."""
    connection = await asyncpg.connect(database)
    yield connection
    await connection.close()


async def end(observer: Any) -> None:
    """End the connections, and let the last word of the server arrive."""
    assert await observer.fetch(END)
    await asyncio.sleep(0.05)


def settings(proxy: Proxy) -> PostgresSettings:
    """Return settings whose connections ``end`` finds."""
    return PostgresSettings(url=proxy.url, min_size=0, max_size=2, application_name="ended")


async def test_leaving_by_an_error_raises_that_error(proxy: Proxy, observer: Any) -> None:
    """What asyncpg says of a connection that ended takes the place of no error of the caller's own."""
    async with await open_postgres(settings(proxy)) as storage:
        with pytest.raises(NotFound, match="mine"):
            async with storage.transaction() as transaction:
                await transaction.users.count()
                await end(observer)
                raise NotFound("User", "mine")
        assert await storage.users.count() == 0


async def test_every_call_raises_the_ports_error(proxy: Proxy, observer: Any) -> None:
    """After the server's last word a read, a ping and a subscription raise StorageUnavailable, or work."""
    async with await open_postgres(settings(proxy)) as storage:
        for call in (storage.users.count, storage.ping):
            await storage.ping()
            await end(observer)
            with pytest.raises(StorageUnavailable) as caught:
                await call()
            assert (caught.value.applied, caught.value.retryable) == ("no", True)


async def test_a_migrator_raises_the_ports_error(proxy: Proxy, observer: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """The connection ends between two statements of the migrator: StorageUnavailable."""
    read_history = migrator_runner.read_history

    async def ended(connection: Any, *arguments: Any) -> Any:
        await connection.execute("SET application_name = 'ended'")
        await end(observer)
        return await read_history(connection, *arguments)

    monkeypatch.setattr(migrator_runner, "read_history", ended)
    with pytest.raises(StorageUnavailable):
        await Migrator(proxy.url).migrate()


async def test_the_feed_listens_again(proxy: Proxy, observer: Any, database: str) -> None:
    """A ping meets the server's last word before the end of the stream: the gap is told, and the feed goes on."""
    feed = PostgresChangeFeed(settings(proxy), ping_seconds=0.1)
    async with await open_postgres(PostgresSettings(url=database, min_size=0)) as storage, asyncio.timeout(5):
        world = World(storage)
        async with feed.subscribe() as changes:
            for _ in range(2):
                await end(observer)
                async with feed.subscribe():
                    pass
                assert await anext(changes) == MayHaveMissed()
                valuation = await world.added(PositionValuation)
                assert await anext(changes) == PositionValued(valuation.position_id, valuation.at)
        await feed.close()


async def test_the_feed_survives_whatever_asyncpg_raises(proxy: Proxy, monkeypatch: pytest.MonkeyPatch) -> None:
    """An error that nobody foresaw counts as a lost connection, not as the end of all listening."""
    feed = PostgresChangeFeed(settings(proxy), ping_seconds=0.05)
    async with asyncio.timeout(5), feed.subscribe() as changes:
        line: Any = feed._line
        with monkeypatch.context() as patch:
            patch.setattr(line._connection, "execute", _fail)
            assert await anext(changes) == MayHaveMissed()
        assert feed._line is not line
    await feed.close()


async def _fail(*_arguments: Any) -> None:
    raise AttributeError


async def test_a_single_connection_translates_what_ends_it(proxy: Proxy, observer: Any) -> None:
    """Opening a storage and every command look at the database by such connections."""
    with pytest.raises(StorageUnavailable):
        async with connected(proxy.url, server_settings={"application_name": "ended"}) as connection:
            await end(observer)
            await connection.fetchval("SELECT 1")


async def test_giving_the_migrators_locks_back_replaces_no_error(database: str, observer: Any) -> None:
    """A transaction that could not even be rolled back takes no statement: the session ends, and its locks with it."""
    async with connected(database) as connection:
        with pytest.raises(LookupError):
            async with migration_locks(connection, timeout=1):
                with pytest.raises(asyncpg.UndefinedTableError):
                    await connection.execute("BEGIN; SELECT FROM nowhere")
                raise LookupError
        assert connection.is_closed()
    async with asyncio.timeout(5):
        while await observer.fetchval(
            "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND database = "
            "(SELECT oid FROM pg_database WHERE datname = current_database())"
        ):
            await asyncio.sleep(0.01)
