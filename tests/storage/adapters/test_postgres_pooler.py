"""Behind a transaction pooler: every transaction may meet another connection of the server."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import pytest
from support.transaction_pooler import TransactionPooler

from strongroom import open_storage
from strongroom.adapters.mapping.platform import PLATFORM
from strongroom.adapters.postgres import PostgresSettings, open_postgres
from strongroom.domain.protocols.chain import Chain
from strongroom.ports.errors import AlreadyExists, StorageUnavailable
from strongroom.ports.results import BulkResult
from strongroom.testing.factory import World


@pytest.fixture
async def pooler(database: str) -> AsyncIterator[TransactionPooler]:
    """A pooler before a database of the test's own."""
    made = TransactionPooler(database)
    yield made
    await made.close()


async def everything(storage: Any) -> None:
    """Read and write through every kind of call, each twice."""
    world = World(storage)
    for table in PLATFORM.tables:
        repository = world.repository(table)
        row = await world.added(table)
        for _ in range(2):
            assert await repository.get(table.key_of(row)) == row
            assert await repository.get_many([table.key_of(row)]) == [row]
            assert row in (await repository.page(limit=1000)).items
            assert [found async for found in repository.stream(batch=1)] == await repository.find()
            assert await repository.bulk_upsert([row]) == BulkResult(unchanged=1)
        with pytest.raises(AlreadyExists):
            await repository.add(row)
        async with storage.transaction() as transaction:
            async with transaction.transaction() as nested:
                assert await world.repository(table, nested).exists(table.key_of(row))
            assert await world.repository(table, transaction).bulk_add_missing([row]) == BulkResult(unchanged=1)


async def test_everything_works_behind_a_transaction_pooler(pooler: TransactionPooler) -> None:
    """With ``pooler="transaction"`` nothing relies on what a connection was told before."""
    settings = PostgresSettings(url=await pooler.start(), min_size=1, max_size=4, pooler="transaction")
    async with await open_postgres(settings) as storage:
        await everything(storage)
        chains = await World(storage).several(Chain, 1)
        assert await asyncio.gather(*(storage.chains.get(chains[0].id) for _ in range(50))) == chains * 50
    assert pooler.transactions > 15 * len(PLATFORM.tables)
    assert pooler.parameters <= {"user", "database", "client_encoding", "application_name"}


async def test_without_the_setting_it_is_refused(pooler: TransactionPooler) -> None:
    """A pooler that keeps the search path from the session is told of as the pool opens, with what to do."""
    settings = PostgresSettings(url=await pooler.start(), min_size=1, max_size=1)
    with pytest.raises(StorageUnavailable, match=r'search_path is .* Set pooler="transaction", and direct_url'):
        await open_postgres(settings)


@pytest.mark.parametrize("limit", ["statement_timeout", "plan_cache_mode"])
async def test_limits_hold_within_a_transaction_alone(pooler: TransactionPooler, limit: str) -> None:
    """They are set for the transaction, and leave no trace in the connection."""
    settings = PostgresSettings(url=await pooler.start(), min_size=1, max_size=1, pooler="transaction")
    async with await open_postgres(settings) as storage:
        async with storage.pool.connection() as connection:
            before = [await connection.fetchval(f"SHOW {limit}") for _ in range(2)]
        show: Callable[[], Awaitable[Any]]
        async with storage.transaction() as transaction:
            show = transaction._scope.executor.connection.fetchval  # type: ignore[attr-defined]
            assert await show(f"SHOW {limit}") not in before  # type: ignore[call-arg]
        async with storage.pool.connection() as connection:
            assert [await connection.fetchval(f"SHOW {limit}") for _ in range(2)] == before


async def test_a_service_opens_through_a_pooler_alone_if_nothing_is_pending(pooler: TransactionPooler) -> None:
    """Without direct_url it looks by transactions of their own settings, and hears no changes."""
    async with open_storage(await pooler.start(), pooler="transaction", min_size=1, schema_check="strict") as storage:
        assert await storage.chains.count() == 0
        with pytest.raises(StorageUnavailable, match="set direct_url"):
            async with storage.changes.subscribe():
                pass
    assert pooler.parameters <= {"user", "database", "client_encoding", "application_name"}


async def test_nothing_is_migrated_through_a_pooler(empty_database: str) -> None:
    """The migrators' locks belong to a session: what is pending is refused, with what to do."""
    pooler = TransactionPooler(empty_database)
    try:
        with pytest.raises(StorageUnavailable, match=r"not applied through a transaction pooler.* set direct_url"):
            async with open_storage(await pooler.start(), pooler="transaction", min_size=1):
                pass
    finally:
        await pooler.close()
