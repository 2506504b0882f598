"""The pool: what is given back is at hand at once, fit for the next caller, and never more than the pool's size."""

import asyncio
import random
from collections.abc import AsyncIterator
from contextlib import suppress
from typing import Any

import asyncpg
import pytest

from strongroom.adapters.postgres import PostgresSettings, PostgresStorage, open_postgres
from strongroom.domain.protocols.chain import Chain
from strongroom.ports.errors import StorageClosed, StorageError, TransactionClosed
from strongroom.ports.repositories.user import CreateUser
from strongroom.testing.factory import World

OTHERS = """
    SELECT pid, query FROM pg_stat_activity
    WHERE datname = current_database() AND backend_type = 'client backend' AND pid <> pg_backend_pid()
"""
SIZE = 3


@pytest.fixture
async def storage(database: str) -> AsyncIterator[PostgresStorage]:
    """A storage with a small pool over a database of the test's own."""
    settings = PostgresSettings(url=database, min_size=0, max_size=SIZE, acquire_timeout=5)
    async with await open_postgres(settings) as opened:
        yield opened


@pytest.fixture
async def observer(database: str) -> AsyncIterator[Any]:
    """A connection beside the storage's."""
    connection = await asyncpg.connect(database)
    yield connection
    await connection.close()


@pytest.fixture
async def complaints(storage: PostgresStorage) -> AsyncIterator[list[Any]]:
    """What the event loop was told of meanwhile: nothing, where all was cleaned up in order."""
    loop = asyncio.get_running_loop()
    told: list[Any] = []
    handler = loop.get_exception_handler()
    loop.set_exception_handler(lambda _loop, context: told.append(context))
    yield told
    loop.set_exception_handler(handler)


async def test_sequential_calls_reuse_a_connection(storage: PostgresStorage, observer: Any) -> None:
    """A connection that was given back serves the next call; nothing was run to reset it."""
    for _ in range(20):
        await storage.users.count()
        async with storage.transaction() as transaction:
            await transaction.chains.count()
    others = await observer.fetch(OTHERS)
    assert [row["query"] for row in others] == ["COMMIT"]
    assert storage.pool.size == (1, 1)


async def test_statements_are_prepared_once(storage: PostgresStorage) -> None:
    """The same calls again prepare nothing new, bulk writes and pages included."""
    chains = await World(storage).several(Chain, 3)

    async def work() -> int:
        await storage.chains.get(chains[0].id)
        page = await storage.chains.page(limit=1)
        await storage.chains.page(limit=1, after=page.next)
        await storage.chains.bulk_upsert(chains)
        await storage.chains.bulk_add_missing(chains)
        async with storage.pool.connection() as connection:
            return int(await connection.fetchval("SELECT count(*) FROM pg_prepared_statements"))

    first = await work()
    assert [await work() for _ in range(3)] == [first] * 3


async def test_an_open_transaction_is_rolled_back_on_release(storage: PostgresStorage, complaints: list[Any]) -> None:
    """A connection that is given back within a transaction is out of it when the next caller gets it."""
    async with storage.pool.connection() as connection:
        await connection.execute("BEGIN; CREATE TABLE public.left_open ()")
    async with storage.pool.connection() as connection:
        assert not connection.is_in_transaction()
        assert await connection.fetchval("SELECT to_regclass('public.left_open')") is None
    assert len(complaints) == 1, "asyncpg tells of it, for it is a mistake"


async def test_an_idle_connection_closed_by_the_server_is_replaced(storage: PostgresStorage, observer: Any) -> None:
    """Nobody meets it."""
    await storage.users.count()
    for row in await observer.fetch(OTHERS):
        await observer.fetchval("SELECT pg_terminate_backend($1)", row["pid"])
    while any(not connection.is_closed() for connection in storage.pool._at_hand if connection._con is not None):
        await asyncio.sleep(0.01)
    assert await storage.users.count() == 0


async def test_expired_connections_are_replaced_also_when_they_were_in_use(
    storage: PostgresStorage, observer: Any
) -> None:
    """After ``expire`` no connection of before serves another call."""
    await storage.users.count()
    async with storage.transaction() as transaction:
        await transaction.users.count()
        before = {row["pid"] for row in await observer.fetch(OTHERS)}
        await storage.pool.expire()
    await storage.users.count()
    async with storage.pool.connection() as connection:
        assert connection.get_server_pid() not in before


async def test_idle_connections_return_to_asyncpg_to_be_closed(storage: PostgresStorage) -> None:
    """Now and then they are asyncpg's again, which closes those that stay unused; calls go on meanwhile."""
    await asyncio.gather(*(storage.users.count() for _ in range(20)))
    assert storage.pool._at_hand
    storage.pool._settle()
    assert await asyncio.gather(*(storage.users.count() for _ in range(20))) == [0] * 20
    assert storage.pool._settling is not None
    storage.pool._settle()
    await asyncio.sleep(0.05)
    assert storage.pool._pool.get_idle_size() == storage.pool.size[0]


async def test_many_cancelled_calls_leak_no_connection(
    storage: PostgresStorage, observer: Any, complaints: list[Any]
) -> None:
    """Whenever calls are given up, no more connections are open than the pool may have, and all of them work."""
    choose = random.Random(7)

    async def call() -> None:
        match choose.randrange(4):
            case 0:
                await storage.users.count()
            case 1:
                async with storage.transaction() as transaction:
                    await transaction.users.create(CreateUser())
                    async with transaction.transaction() as nested:
                        await nested.users.create(CreateUser())
            case 2:
                await storage.users.bulk_upsert([])
                async for _ in storage.users.stream(batch=1):
                    break
            case _:
                await storage.users.create(CreateUser())

    for _ in range(40):
        tasks = [asyncio.get_running_loop().create_task(call()) for _ in range(12)]
        await asyncio.sleep(choose.random() * 0.01)
        for task in choose.sample(tasks, 8):
            task.cancel()
        for answer in await asyncio.gather(*tasks, return_exceptions=True):
            assert answer is None or isinstance(answer, asyncio.CancelledError)
        assert len(await observer.fetch(OTHERS)) <= SIZE + len(tasks), "besides cancel requests in flight"
    async with asyncio.timeout(10):
        held = [await storage.pool.acquire() for _ in range(SIZE)]
        states = [(await connection.fetchval("SELECT 1"), connection.is_in_transaction()) for connection in held]
        for connection in held:
            await storage.pool.release(connection)
    assert states == [(1, False)] * SIZE
    open_ones = "SELECT count(*) FROM pg_stat_activity WHERE state LIKE 'idle in%' AND datname = current_database()"
    assert await observer.fetchval(open_ones) == 0
    # A server may close asyncpg's own connection for a cancel request before asyncpg does: nobody waits for that.
    assert [one for one in complaints if not isinstance(one.get("exception"), ConnectionError)] == []


async def test_a_stream_that_is_left_early_gives_its_connection_back(storage: PostgresStorage) -> None:
    """Its snapshot ends with it."""
    await World(storage).several(Chain, 3)
    for _ in range(SIZE + 2):
        stream = storage.chains.stream(batch=1)
        async for _ in stream:
            break
        await stream.aclose()  # type: ignore[attr-defined]
    assert storage.pool.size == (1, 1)


async def test_waiting_for_a_connection_of_a_closing_storage_raises(storage: PostgresStorage) -> None:
    """StorageClosed, not a connection that fails on first use."""
    held = [storage.transaction() for _ in range(SIZE)]
    for transaction in held:
        await transaction.__aenter__()
    waiting = asyncio.get_running_loop().create_task(storage.users.count())
    await asyncio.sleep(0)
    closing = asyncio.get_running_loop().create_task(storage.close())
    await asyncio.sleep(0.01)
    for transaction in held:
        await transaction.__aexit__(None, None, None)
    with pytest.raises(StorageClosed):
        await waiting
    await closing


async def test_a_call_that_gets_its_turn_after_close_is_refused(storage: PostgresStorage) -> None:
    """It never runs outside the transaction it was made in."""
    late: list[asyncio.Task[Any]] = []
    with suppress(LookupError):
        async with storage.transaction() as transaction:
            await transaction.users.create(CreateUser())
            leaving = asyncio.get_running_loop().create_task(transaction._scope.executor.roll_back())  # type: ignore[attr-defined]
            await asyncio.sleep(0)
            late.append(asyncio.get_running_loop().create_task(transaction.users.create(CreateUser())))
            await leaving
            raise LookupError
    with pytest.raises(TransactionClosed):
        await late[0]
    assert await storage.users.count() == 0


async def test_every_await_of_a_lost_server_raises_the_ports_errors(storage: PostgresStorage, observer: Any) -> None:
    """Reading, writing, a bulk, a stream, leaving: whichever meets the loss says so in the port's words."""
    chain = await World(storage).ready(Chain)

    async def lose() -> None:
        for row in await observer.fetch(OTHERS):
            await observer.fetchval("SELECT pg_terminate_backend($1)", row["pid"])

    async def streamed(repositories: Any) -> None:
        async for _ in repositories.chains.stream(batch=1):
            pass

    calls: list[Any] = [
        lambda on: on.chains.get(1),
        lambda on: on.chains.add(chain),
        lambda on: on.chains.bulk_upsert([chain]),
        streamed,
        lambda on: on.transaction().__aenter__(),
    ]
    for call in calls:
        with pytest.raises(StorageError):
            async with storage.transaction() as transaction:
                await transaction.chains.count()
                await lose()
                await call(transaction)
    with pytest.raises(StorageError):
        async with storage.transaction() as transaction:
            await transaction.chains.count()
            await lose()
    await storage.ping()
