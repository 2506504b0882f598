"""The answer to COMMIT is lost: that is told from a transaction that never committed, and can be found out."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import asyncpg
import pytest
from support.proxy import Proxy

from strongroom.adapters.memory import MemoryStorage
from strongroom.adapters.postgres import PostgresSettings, PostgresStorage, open_postgres
from strongroom.adapters.postgres.statement_runner import StatementRunner
from strongroom.domain.protocols.chain import Chain
from strongroom.ports.errors import (
    CommitUnknown,
    Conflict,
    PoolTimeout,
    ReadOnlyServer,
    ReadOnlyViolation,
    StatementTimeout,
    StorageFull,
    StorageUnavailable,
    WrongEventLoop,
)
from strongroom.ports.repositories.user import CreateUser
from strongroom.testing.factory import World

COMMIT = b"COMMIT\0"


@pytest.fixture
async def proxy(database: str) -> AsyncIterator[Proxy]:
    """A proxy before a database of the test's own."""
    async with Proxy(database) as made:
        yield made


@pytest.fixture
async def storage(proxy: Proxy) -> AsyncIterator[PostgresStorage]:
    """A storage through the proxy."""
    settings = PostgresSettings(url=proxy.url, min_size=0, max_size=2, acquire_timeout=0.1)
    async with await open_postgres(settings) as opened:
        yield opened


async def write(storage: PostgresStorage) -> None:
    """Write in a transaction."""
    async with storage.transaction() as transaction:
        await transaction.users.create(CreateUser())


async def write_many(storage: PostgresStorage) -> None:
    """Write by a bulk outside a transaction."""
    await storage.chains.bulk_upsert([await World(storage).ready(Chain)])


@pytest.mark.parametrize("work", [write, write_many])
@pytest.mark.parametrize("arrives", [True, False])
async def test_a_lost_answer_to_commit_can_be_resolved(
    storage: PostgresStorage, proxy: Proxy, work: Callable[[Any], Awaitable[None]], *, arrives: bool
) -> None:
    """CommitUnknown carries the transaction's id, by which ``committed`` says whether the COMMIT arrived."""
    setattr(proxy, "cut_after" if arrives else "cut_before", COMMIT)
    with pytest.raises(CommitUnknown) as caught:
        await work(storage)
    proxy.cut_after = proxy.cut_before = None
    assert (caught.value.applied, caught.value.retryable) == ("unknown", False)
    assert caught.value.transaction_id is not None
    assert await storage.committed(caught.value) is arrives
    assert await storage.users.count() + await storage.chains.count() == arrives


async def test_a_lost_answer_to_a_single_write_is_unknown(storage: PostgresStorage, proxy: Proxy) -> None:
    """There is no id to ask for: the caller looks for the row by its own key."""
    proxy.cut_after = b"INSERT INTO"
    await storage.ping()
    with pytest.raises(CommitUnknown) as caught:
        await storage.users.create(CreateUser())
    proxy.cut_after = None
    assert caught.value.transaction_id is None
    assert await storage.committed(caught.value) is None


async def test_a_lost_answer_to_a_read_is_no_unknown_commit(storage: PostgresStorage, proxy: Proxy) -> None:
    """Nothing was written, so nothing may have been applied: in a transaction that only reads, too."""
    await storage.users.count()
    proxy.cut_after = b"COMMIT\0"
    with pytest.raises(StorageUnavailable) as caught:
        async with storage.transaction() as transaction:
            await transaction.users.count()
    assert type(caught.value) is StorageUnavailable
    assert (caught.value.applied, caught.value.retryable) == ("no", True)
    assert await storage.committed(caught.value) is False


async def test_the_id_of_another_history_is_unknown(storage: PostgresStorage) -> None:
    """A server that has not come that far, after a failover, cannot tell."""
    assert await storage.committed(CommitUnknown("lost", transaction_id=2**40)) is None


async def test_a_transaction_in_progress_is_waited_for(storage: PostgresStorage, database: str) -> None:
    """A COMMIT that still waits, for a standby say, is no answer yet."""
    other = await asyncpg.connect(database)
    transaction = other.transaction()
    await transaction.start()
    number = int(await other.fetchval("SELECT pg_current_xact_id()::text"))
    asking = asyncio.create_task(storage.committed(CommitUnknown("lost", transaction_id=number)))
    await asyncio.sleep(0.05)
    assert not asking.done()
    await transaction.commit()
    assert await asking is True
    await other.close()


async def test_run_has_one_deadline_for_all_attempts(storage: PostgresStorage, proxy: Proxy) -> None:
    """At its end the work was undone, and may be tried again; unless COMMIT was on its way."""

    async def loses(transaction: Any) -> None:
        await transaction.users.create(CreateUser())
        raise Conflict("lost")

    async def works(transaction: Any) -> None:
        await transaction.users.create(CreateUser())
        proxy.silence()

    for store in (storage, MemoryStorage()):
        with pytest.raises(StatementTimeout) as caught:
            await store.run(loses, attempts=1000, timeout=0.1)
        assert (caught.value.applied, caught.value.retryable) == ("no", True)
        assert await store.users.count() == 0
    with pytest.raises(CommitUnknown):
        await storage.run(works, timeout=0.1)
    with pytest.raises(TimeoutError):
        await storage.run(_times_out, timeout=5)


async def _times_out(_transaction: Any) -> None:
    """Raise the caller's own TimeoutError."""
    raise TimeoutError


async def test_a_pool_timeout_may_be_retried(storage: PostgresStorage) -> None:
    """Nothing was sent."""
    async with storage.transaction(), storage.transaction():
        with pytest.raises(PoolTimeout) as caught:
            await storage.users.count()
    assert (caught.value.applied, caught.value.retryable) == ("no", True)


async def test_a_full_disk_is_told_as_such(storage: PostgresStorage) -> None:
    """The server's own words stand in the message, the connection goes on, and nothing is tried again in vain."""
    async with storage.pool.connection() as connection:
        with pytest.raises(StorageFull, match="No space left on device") as caught:
            await StatementRunner(connection, None).execute("COPY (SELECT generate_series(1, 100000)) TO '/dev/full'")
    assert (caught.value.applied, caught.value.retryable) == ("no", False)
    assert storage.pool.size == (1, 1)


async def test_a_read_only_server_is_no_read_only_transaction(database: str) -> None:
    """Who opened the transaction read-only made a mistake; whose server takes no writes needs another address."""
    settings = PostgresSettings(url=database, min_size=0, max_size=1)
    async with await open_postgres(settings) as storage:
        with pytest.raises(ReadOnlyViolation) as caught:
            async with storage.transaction(read_only=True) as transaction:
                await transaction.users.create(CreateUser())
        assert (type(caught.value), caught.value.retryable) == (ReadOnlyViolation, False)
        async with storage.pool.connection() as connection:
            await connection.execute("SET default_transaction_read_only = on")
        with pytest.raises(ReadOnlyServer, match="primary's address") as refused:
            await storage.users.create(CreateUser())
        assert (refused.value.applied, refused.value.retryable) == ("no", True)


def test_another_event_loop_is_refused_and_spoils_nothing(database: str) -> None:
    """A storage says that it belongs to another loop, and goes on in its own."""

    async def main() -> None:
        async with await open_postgres(PostgresSettings(url=database, min_size=0, max_size=1)) as storage:
            with pytest.raises(WrongEventLoop, match="belongs to another event loop"):
                await asyncio.to_thread(lambda: asyncio.run(storage.users.count()))  # type: ignore[arg-type]
            assert await storage.users.count() == 0

    asyncio.run(main())
