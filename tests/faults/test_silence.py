"""A server falls silent: every call ends, its connection is replaced, and the caller's own limit holds."""

import asyncio
import socket
import time
from collections.abc import AsyncIterator
from typing import Any

import pytest
from support.proxy import Proxy

from strongroom import open_storage
from strongroom.adapters.postgres import PostgresSettings, PostgresStorage, open_postgres
from strongroom.adapters.postgres.connection import connect
from strongroom.domain.protocols.chain import Chain
from strongroom.ports.errors import CommitUnknown, StorageUnavailable
from strongroom.ports.repositories.user import CreateUser
from strongroom.testing.factory import World

CALLERS_LIMIT = 0.05
LIMIT = 0.4
GRACE = 1.0
"""How much longer than a limit a call may take."""
SIZE = 8


@pytest.fixture
async def proxy(database: str) -> AsyncIterator[Proxy]:
    """A proxy before a database of the test's own."""
    async with Proxy(database) as made:
        yield made


@pytest.fixture
async def storage(proxy: Proxy, database: str) -> AsyncIterator[PostgresStorage]:
    """A storage through the proxy, every connection of which was used."""
    async with await open_postgres(PostgresSettings(url=database, min_size=1)) as direct:
        await World(direct).several(Chain, 3)
    settings = PostgresSettings(
        url=proxy.url, min_size=0, max_size=SIZE, acquire_timeout=2, statement_timeout=LIMIT, close_timeout=1
    )
    async with await open_postgres(settings) as opened:
        held = [await opened.pool.acquire() for _ in range(SIZE)]
        for connection in held:
            await opened.pool.release(connection, is_idle=True)
        yield opened


class Calls:
    """Calls of every kind, which meet a silence: two begin before it, the others all at once when it has come."""

    def __init__(self, storage: PostgresStorage) -> None:
        self._storage = storage
        self._silent = asyncio.Event()
        self._begun = asyncio.Semaphore(0)
        self.named = {
            "leave": self._within(leave=True),
            "read within": self._within(leave=False),
            "read": self._after(storage.users.count),
            "write": self._after(lambda: storage.users.create(CreateUser())),
            "stream": self._after(self._stream),
            "ping": self._after(storage.ping),
        }

    async def silence(self, proxy: Proxy) -> float:
        """Let the proxy fall silent when the first two have begun, and return the time of it."""
        for _ in range(2):
            await self._begun.acquire()
        proxy.silence()
        self._silent.set()
        return time.monotonic()

    async def _within(self, *, leave: bool) -> None:
        async with self._storage.transaction() as transaction:
            await transaction.users.create(CreateUser())
            self._begun.release()
            await self._silent.wait()
            if not leave:
                await transaction.users.count()

    async def _after(self, call: Any) -> None:
        await self._silent.wait()
        await call()

    async def _stream(self) -> None:
        async for _ in self._storage.chains.stream(batch=1):
            pass


async def require_healthy(storage: PostgresStorage) -> None:
    """All slots are back, and serve over new connections."""
    async with asyncio.timeout(GRACE):
        assert await asyncio.gather(*(storage.chains.count() for _ in range(SIZE))) == [3] * SIZE


async def test_a_callers_limit_ends_every_call(storage: PostgresStorage, proxy: Proxy) -> None:
    """``asyncio.timeout`` around any call is obeyed within a second, whatever the server does."""
    calls = Calls(storage)
    limits: list[asyncio.Timeout] = []

    async def limited(call: Any) -> float:
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(None) as limit:
                limits.append(limit)
                await call
        return time.monotonic()

    tasks = [asyncio.create_task(limited(call)) for call in calls.named.values()]
    silent = await calls.silence(proxy)
    await asyncio.sleep(0.05)
    for limit in limits:
        limit.reschedule(0)
    ended = await asyncio.gather(*tasks)
    assert max(ended) - silent < 0.05 + GRACE
    await require_healthy(storage)


async def test_a_silent_server_is_unavailable(storage: PostgresStorage, proxy: Proxy) -> None:
    """Without a limit of the caller's own a call ends a second after statement_timeout; a write may have been done."""
    calls = Calls(storage)
    tasks = {name: asyncio.create_task(call) for name, call in calls.named.items()}
    silent = await calls.silence(proxy)
    await asyncio.wait(tasks.values())
    assert time.monotonic() - silent < LIMIT + GRACE
    assert {name: type(task.exception()) for name, task in tasks.items()} == {
        "leave": StorageUnavailable,
        "read within": StorageUnavailable,
        "read": StorageUnavailable,
        "write": CommitUnknown,
        "stream": StorageUnavailable,
        "ping": StorageUnavailable,
    }
    await require_healthy(storage)


async def test_one_silent_call_has_all_idle_connections_replaced(storage: PostgresStorage, proxy: Proxy) -> None:
    """A firewall that forgot one connection forgot the others: only the first caller meets that."""
    proxy.silence()
    with pytest.raises(StorageUnavailable):
        await storage.chains.count()
    await require_healthy(storage)


async def test_a_cancelled_opening_ends(proxy: Proxy) -> None:
    """``asyncio.timeout`` around opening is obeyed within a second while a server says nothing."""
    proxy.hear_nothing = True
    began = time.monotonic()
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(CALLERS_LIMIT), open_storage(proxy.url, schema_check="off"):
            pass
    assert time.monotonic() - began < CALLERS_LIMIT + GRACE


async def test_every_tcp_connection_is_kept_alive(storage: PostgresStorage, proxy: Proxy) -> None:
    """The operating system probes an idle connection: a host that is gone is noticed."""
    async with storage.pool.connection() as pooled:
        single = await connect(proxy.url)
        for connection in (pooled, single):
            end = connection._transport.get_extra_info("socket")  # type: ignore[attr-defined]
            assert end.getsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE)
        await single.close()


async def test_closing_does_not_wait_for_a_silent_server(storage: PostgresStorage, proxy: Proxy) -> None:
    """Each connection has half a second to say goodbye."""
    proxy.silence()
    async with asyncio.timeout(GRACE):
        await storage.close()


@pytest.mark.parametrize("steps", range(4))
async def test_a_close_that_is_cancelled_still_closes(database: str, steps: int) -> None:
    """Cancelled at any of its first awaits it goes on; closing again waits for that, and no connection is left."""
    storage = await open_postgres(PostgresSettings(url=database, min_size=2, max_size=4, application_name="closing"))
    watch = await connect(database)
    closing = asyncio.create_task(storage.close())
    for _ in range(steps):
        await asyncio.sleep(0)
    closing.cancel()
    await asyncio.wait([closing])
    await storage.close()
    left = "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'closing' AND datname = current_database()"
    async with asyncio.timeout(GRACE):
        while await watch.fetchval(left):
            await asyncio.sleep(0.01)
    await watch.close()
