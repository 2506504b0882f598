"""How the adapter uses its connections: one round trip a read, no state left behind, none lost to cancellation."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import suppress
from typing import Any

import asyncpg
import pytest
from support.counting_proxy import CountingProxy

from strongroom.adapters.postgres import PostgresSettings, PostgresStorage, open_postgres
from strongroom.domain.protocols.chain import Chain
from strongroom.domain.values.address import ChainFamily
from strongroom.ports.errors import PoolTimeout, StorageClosed, StorageUnavailable, TransactionAborted
from strongroom.ports.repositories.user import CreateUser

CHAIN = Chain(id=1, family=ChainFamily.EVM, name="Ethereum", native_symbol="ETH", finality_depth=64)


def settings(url: str, **options: Any) -> PostgresSettings:
    """Return settings of a small pool."""
    return PostgresSettings(url=url, **{"min_size": 1, "max_size": 2, "acquire_timeout": 0.3, **options})


@pytest.fixture
async def storage(database: str) -> AsyncIterator[PostgresStorage]:
    """A storage with a small pool over a database of the test's own."""
    async with await open_postgres(settings(database)) as opened:
        yield opened


async def test_a_read_outside_a_transaction_is_one_round_trip(database: str) -> None:
    """Once its statement is prepared, a read is answered by one exchange; so is a write; nothing resets the session."""
    proxy = CountingProxy(database)
    async with await open_postgres(settings(await proxy.start(), max_size=1)) as storage:
        user = await storage.users.create(CreateUser(email="a@example.org"))
        await storage.chains.add(CHAIN)
        reads = {
            "get": lambda: storage.users.get(user.id),
            "find_by_user": lambda: storage.positions.find_by_user(user.id),
            "find_by_email": lambda: storage.users.find_by_email("A@example.org"),
            "get_many": lambda: storage.users.get_many([user.id]),
            "page": lambda: storage.chains.page(limit=1),
            "add": lambda: storage.users.create(CreateUser()),
        }
        counts = {}
        for name, call in reads.items():
            await call()
            before = proxy.round_trips
            await call()
            counts[name] = proxy.round_trips - before
    proxy.server.close()
    assert counts == dict.fromkeys(reads, 1)


async def test_a_full_pool_raises_pool_timeout(storage: PostgresStorage) -> None:
    """PoolTimeout names the size and the deadline, and the pool works again when a connection is given back."""
    async with storage.transaction(), storage.transaction():
        with pytest.raises(PoolTimeout, match=r"none of the 2 connections became free within 0\.3 s"):
            await storage.users.count()
    assert await storage.users.count() == 0


async def test_cancellation_at_any_await_leaks_no_connection(storage: PostgresStorage) -> None:
    """Whenever a caller gives up, its connection comes back, idle and without an open transaction."""

    async def work() -> None:
        async with storage.transaction() as transaction:
            await transaction.users.create(CreateUser())
            async with transaction.transaction() as nested:
                await nested.chains.bulk_upsert([CHAIN])
            await transaction.users.count()

    await work()
    kept = await storage.users.count()
    for steps in range(60):
        task = asyncio.get_running_loop().create_task(work())
        for _ in range(steps):
            await asyncio.sleep(0)
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task
            kept += 1
        async with asyncio.timeout(5):
            assert await storage.users.count() in (kept, kept + 1)
        kept = await storage.users.count()
    async with storage.pool.connection() as connection:
        stuck = "SELECT count(*) FROM pg_stat_activity WHERE state LIKE 'idle in%' AND datname = current_database()"
        assert await connection.fetchval(stuck) == 0


async def test_statements_survive_a_schema_change(storage: PostgresStorage, database: str) -> None:
    """DDL makes cached plans invalid: reads outside a transaction are prepared again, unnoticed."""
    await storage.chains.add(CHAIN)
    assert await storage.chains.get(1) == CHAIN
    other = await asyncpg.connect(database)
    await other.execute(
        "ALTER TABLE chain ADD COLUMN extra int; ALTER TABLE chain ALTER COLUMN explorer_url TYPE varchar"
    )
    await other.close()
    assert await storage.chains.get(1) == CHAIN
    await storage.pool.expire()
    assert await storage.chains.find() == [CHAIN]


async def test_behind_a_transaction_pooler_nothing_is_prepared_and_no_session_state_is_set(database: str) -> None:
    """No statement has a name, limits hold for a transaction alone, and all works the same."""
    async with await open_postgres(settings(database, pooler="transaction", max_size=1)) as storage:
        await storage.chains.add(CHAIN)
        assert await storage.chains.find() == [CHAIN]
        async with storage.transaction() as transaction:
            assert await transaction.chains.get(1) == CHAIN
        async with storage.pool.connection() as connection:
            assert await connection.fetchval("SELECT count(*) FROM pg_prepared_statements") == 0
            assert await connection.fetchval("SHOW statement_timeout") == "0"


async def test_statement_timeout_ends_a_slow_statement(database: str) -> None:
    """The server itself keeps the limit: waiting for a lock counts, too."""
    async with await open_postgres(settings(database, statement_timeout=0.2)) as storage:
        await storage.chains.add(CHAIN)
        async with storage.transaction() as transaction:
            await transaction.chains.update(CHAIN)
            with pytest.raises(StorageUnavailable, match="time limit"):
                await storage.chains.update(CHAIN)


async def test_a_connection_that_the_server_ended_is_replaced(storage: PostgresStorage, database: str) -> None:
    """The call that met it gets StorageUnavailable, and the next one an answer."""
    await storage.chains.add(CHAIN)
    other = await asyncpg.connect(database)
    end_others = (
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> $1"
    )
    with pytest.raises(TransactionAborted):
        async with storage.transaction() as transaction:
            await other.fetch(end_others, other.get_server_pid())
            with pytest.raises(StorageUnavailable):
                await transaction.chains.get(1)
    await other.close()
    assert await storage.chains.get(1) == CHAIN


async def test_close_terminates_connections_after_its_timeout(database: str) -> None:
    """``close`` waits for its deadline and no longer; a call on a closed storage says that it is closed."""
    storage = await open_postgres(settings(database, close_timeout=0.2))
    async with asyncio.timeout(5):
        with suppress(StorageUnavailable, StorageClosed):
            async with storage.transaction():
                await storage.close()
    with pytest.raises(StorageClosed):
        await storage.users.count()
    await storage.close()
