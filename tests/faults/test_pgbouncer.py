"""Through a real PgBouncer in transaction mode: nothing is left behind on a connection of the server."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from random import Random
from typing import Any

import asyncpg
import pytest
from support.pgbouncer import pgbouncer

from strongroom import open_storage
from strongroom.adapters.postgres import PostgresSettings, PostgresStorage, open_postgres
from strongroom.adapters.postgres.pool import UnpinnedConnection
from strongroom.adapters.postgres.pooler import is_behind_pooler
from strongroom.domain.protocols.chain import Chain
from strongroom.ports.errors import StatementTimeout, StorageUnavailable
from strongroom.ports.repositories.user import CreateUser
from strongroom.ports.storage import Isolation
from strongroom.testing.factory import World

NAMED = "SELECT name FROM pg_prepared_statements WHERE name <> ''"


@pytest.fixture(scope="module")
async def server_behind(shared_database: str) -> AsyncIterator[str]:
    """A database through PgBouncer, with one connection to the server, which everybody meets."""
    async with pgbouncer(shared_database, "default_pool_size = 1") as url:
        yield url


@pytest.fixture
async def storage(server_behind: str) -> AsyncIterator[PostgresStorage]:
    """A storage through the pooler."""
    settings = PostgresSettings(url=server_behind, pooler="transaction", min_size=0, max_size=4, statement_timeout=5)
    async with await open_postgres(settings) as opened:
        yield opened


async def test_streams_leave_no_named_statement(storage: PostgresStorage, server_behind: str) -> None:
    """Names are numbered alike in every process: what one leaves behind refuses those of another (42P05)."""
    rows = await World(storage).several(Chain, 5)
    for _ in range(3):
        assert [row async for row in storage.chains.stream(batch=2)][-5:] == rows
        async with storage.transaction() as transaction:
            one, other = (transaction.chains.stream(batch=1) for _ in range(2))
            assert await anext(one) == await anext(other)
            assert await anext(one) == await anext(other)
            await one.aclose()  # type: ignore[attr-defined]
            assert len([row async for row in other]) == await transaction.chains.count() - 2
    assert [row async for row in storage.chains.stream(batch=2)][-5:] == rows
    watch = await asyncpg.connect(server_behind, statement_cache_size=0)
    assert await watch.fetch(NAMED) == []
    await watch.close()


async def test_a_call_given_up_between_two_messages_leaves_no_transaction(
    storage: PostgresStorage, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A statement that was parsed, and then given up, keeps the server's connection in a transaction (25001)."""
    await storage.chains.count()
    prepare = UnpinnedConnection._get_statement  # type: ignore[attr-defined]

    async def give_up(self: Any, *arguments: Any, **named: Any) -> Any:
        await prepare(self, *arguments, **named)
        raise asyncio.CancelledError

    with monkeypatch.context() as patch:
        patch.setattr(UnpinnedConnection, "_get_statement", give_up)
        with pytest.raises(asyncio.CancelledError):
            await storage.chains.count()
    async with asyncio.timeout(5), storage.transaction(isolation=Isolation.SERIALIZABLE) as transaction:
        assert await transaction.chains.count() >= 0


async def test_cancelled_callers_leave_nothing_behind(storage: PostgresStorage, pytestconfig: pytest.Config) -> None:
    """Whenever callers give up, the others get answers, and no connection is left in a transaction."""
    is_long = pytestconfig.getoption("--long")
    rounds = 420 if is_long else 6
    choose, told = Random(None if is_long else 7), Counter[str]()

    async def call(kind: int) -> None:
        match kind % 4:
            case 0:
                await storage.chains.count()
            case 1:
                async with storage.transaction() as transaction:
                    await transaction.users.create(CreateUser())
                    raise LookupError
            case 2:
                await storage.chains.bulk_upsert(await storage.chains.find())
            case _:
                [row async for row in storage.chains.stream(batch=1)]

    async def hasty(kind: int) -> None:
        task = asyncio.create_task(call(kind))
        await asyncio.sleep(choose.random() / 50)
        task.cancel()
        try:
            await task
        except (asyncio.CancelledError, LookupError):
            told["as asked"] += 1
        except Exception as error:  # noqa: BLE001 - counted
            told[f"{type(error).__name__}: {error} {error.__cause__}"] += 1
        else:
            told["as asked"] += 1

    for _ in range(rounds):
        async with asyncio.timeout(60):
            await asyncio.gather(*(hasty(kind) for kind in range(24)))
    assert told == {"as asked": 24 * rounds}


async def test_a_single_read_keeps_its_limit(server_behind: str, shared_database: str) -> None:
    """PgBouncer takes no statement_timeout: the client cancels the statement, and the connection is free again."""
    settings = PostgresSettings(url=server_behind, pooler="transaction", min_size=0, max_size=1, statement_timeout=0.2)
    locker = await asyncpg.connect(shared_database)
    async with await open_postgres(settings) as storage, asyncio.timeout(5):
        await storage.chains.count()
        async with locker.transaction():
            await locker.execute("LOCK TABLE chain")
            with pytest.raises(StatementTimeout) as caught:
                await storage.chains.count()
        assert (caught.value.applied, caught.value.retryable) == ("no", True)
        await storage.chains.count()
    await locker.close()


async def test_auto_recognizes_the_pooler(server_behind: str, shared_database: str) -> None:
    """``pooler="auto"`` opens a storage either way, and needs direct_url for the same things as when it is told."""
    assert await is_behind_pooler(server_behind, connect_timeout=5)
    assert not await is_behind_pooler(shared_database, connect_timeout=5)
    options: Any = {"pooler": "auto", "schema_check": "off", "min_size": 0}
    async with open_storage(server_behind, **options) as storage:
        assert await storage.chains.count() >= 0
        with pytest.raises(StorageUnavailable, match="set direct_url"):
            async with storage.changes.subscribe():
                pass
    async with (
        open_storage(server_behind, direct_url=shared_database, **options) as storage,
        storage.changes.subscribe(),
    ):
        pass


async def test_the_poolers_words_are_shown(server_behind: str) -> None:
    """PgBouncer says which parameter it refuses; the message says which setting helps."""
    with pytest.raises(StorageUnavailable, match=r'pooler="transaction".*unsupported startup parameter') as caught:
        await open_postgres(PostgresSettings(url=server_behind, min_size=0))
    assert not caught.value.retryable
