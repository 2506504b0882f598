"""Seeing what a storage does: its numbers, who holds its connections, its slow statements, and whether it answers."""

import asyncio
import logging
from typing import Any

import asyncpg
import attrs
import pytest

from strongroom.adapters.memory import MemoryStorage
from strongroom.adapters.postgres import PostgresSettings, open_postgres
from strongroom.ports.errors import Conflict, NotFound, PoolTimeout, StorageUnavailable
from strongroom.ports.repositories.user import CreateUser
from strongroom.ports.stats import StorageStats

SECRET = "hidden@example.org"


def settings(url: str, **options: Any) -> PostgresSettings:
    """Return settings of a pool of two."""
    return PostgresSettings(url=url, **{"min_size": 0, "max_size": 2, "acquire_timeout": 0.2, **options})


async def conflict_once(storage: Any) -> None:
    """Run work that loses once."""
    tries: list[int] = []

    async def work(_transaction: Any) -> None:
        tries.append(1)
        if len(tries) == 1:
            raise Conflict("lost")

    await storage.run(work)


async def test_the_numbers_say_what_was_done(shared_database: str) -> None:
    """Connections, waiting callers, statements, retries and errors, each counted once."""
    async with await open_postgres(settings(shared_database)) as storage:
        before = storage.stats()
        async with storage.transaction() as transaction:
            await transaction.users.count()
            within = storage.stats()
            async with storage.transaction():
                waiting = asyncio.create_task(storage.users.count())
                await asyncio.sleep(0.05)
                assert storage.stats().waiting == 1
            await waiting
            with pytest.raises(NotFound):
                await transaction.users.get(storage.users.next_id())
        await conflict_once(storage)
        after = storage.stats()
    assert (before.max_connections, before.in_use, within.in_use, after.in_use) == (2, 0, 1, 0)
    assert after.acquired - before.acquired == 5
    assert after.statements - before.statements == 3
    assert (after.retries, dict(after.errors)) == (1, {"Conflict": 1})
    assert after.wait_p50 == 0 < after.wait_p99 < 1
    assert after.open_connections == 2
    assert after.waiting == 0


async def test_the_feed_says_whether_it_listens(shared_database: str) -> None:
    """Off while nobody is subscribed, listening, or lost."""
    async with await open_postgres(settings(shared_database)) as storage:
        assert storage.stats().feed == "off"
        async with storage.changes.subscribe():
            assert storage.stats().feed == "listening"
            storage.changes._line.lost.set()  # type: ignore[attr-defined]
            assert storage.stats().feed == "lost"
        assert storage.stats().feed == "off"


async def test_the_twin_has_no_connections() -> None:
    """It counts what the port does."""
    twin = MemoryStorage()
    await conflict_once(twin)
    await twin.ping(fresh=True)
    assert twin.stats() == StorageStats(retries=1)


async def test_a_pool_timeout_names_who_holds_the_connections(shared_database: str) -> None:
    """By the names of their tasks, and in the loop's debug mode by the line that asked."""
    loop = asyncio.get_running_loop()
    async with await open_postgres(settings(shared_database, max_size=1)) as storage:
        loop.set_debug(True)
        try:
            async with storage.transaction():
                loop.set_debug(False)
                asyncio.current_task().set_name("the reports")  # type: ignore[union-attr]
                with pytest.raises(
                    PoolTimeout, match=r"Longest held: the reports for 0\.\d s \(from .*test_postgres_s"
                ):
                    await storage.users.count()
        finally:
            loop.set_debug(False)


async def test_a_fresh_ping_does_not_wait_for_the_pool(shared_database: str) -> None:
    """It tells whether the server can be reached, even if all connections are in use."""
    async with await open_postgres(settings(shared_database, max_size=1)) as storage, storage.transaction():
        await storage.ping(fresh=True)
        with pytest.raises(PoolTimeout):
            await storage.ping()
    unreachable = await open_postgres(settings(shared_database))
    object.__setattr__(unreachable.pool.settings, "url", "postgresql://127.0.0.1:1/none")
    with pytest.raises(StorageUnavailable):
        await unreachable.ping(fresh=True)
    await unreachable.close()


async def test_slow_statements_are_logged_without_values(
    shared_database: str, caplog: pytest.LogCaptureFixture
) -> None:
    """Text and time, in transactions, too; never what the caller sent."""
    caplog.set_level(logging.WARNING, logger="strongroom.statements")
    locker = await asyncpg.connect(shared_database)
    async with await open_postgres(settings(shared_database, slow_statement=0.1)) as storage:
        user = await storage.users.create(CreateUser())
        async with locker.transaction():
            await locker.execute('SELECT FROM "user" WHERE id = $1 FOR UPDATE', user.id)
            updating = asyncio.create_task(storage.users.update(attrs.evolve(user, email=SECRET)))
            await asyncio.sleep(0.15)
        await updating
    await locker.close()
    (record,) = caplog.records
    assert record.getMessage().startswith("slow statement: 0.")
    assert record.statement.startswith("UPDATE ")  # type: ignore[attr-defined]
    assert record.elapsed_seconds > 0.1  # type: ignore[attr-defined]
    assert SECRET not in str(record.__dict__)
