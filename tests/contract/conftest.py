"""One suite, three storages: the twin, PostgreSQL, and PostgreSQL behind a transaction pooler."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine
from typing import Any, Final

import asyncpg
import pytest
from attrs import frozen
from support.factory import MORNING, World
from support.servers import DELETE_ALL, WAITING, open_storage

from strongroom.adapters.memory import MemoryStorage
from strongroom.ports.clock import FixedClock, SequentialIds

KINDS: Final = ("memory", "postgres", "postgres-without-cache")
TURNS: Final = 200
Blocked = Callable[[Coroutine[Any, Any, Any]], Awaitable["asyncio.Task[Any]"]]


@pytest.fixture(scope="session")
async def shared_database(new_database: Callable[..., Awaitable[str]], migrated_template: str) -> str:
    """A migrated database that the suite has for itself."""
    return await new_database(migrated_template)


@pytest.fixture(scope="session")
def clock_of_session() -> FixedClock:
    """The clock that all storages of the session tell the time by."""
    return FixedClock(MORNING)


@pytest.fixture(scope="session")
def ids_of_session() -> SequentialIds:
    """The identities that the storages of the session give."""
    return SequentialIds()


@pytest.fixture
def clock(clock_of_session: FixedClock) -> FixedClock:
    """The clock of the storage, turned back to where every test starts."""
    clock_of_session.time = MORNING
    return clock_of_session


@pytest.fixture
def ids(ids_of_session: SequentialIds) -> SequentialIds:
    """The id source of the storage, from its start."""
    ids_of_session.count = 0
    return ids_of_session


@pytest.fixture(scope="session")
async def monitor(shared_database: str) -> AsyncIterator["asyncpg.Connection[Any]"]:
    """A connection beside the storages', which sees who waits."""
    connection = await asyncpg.connect(shared_database)
    yield connection
    await connection.close()


@pytest.fixture(scope="session")
async def postgres(
    shared_database: str, clock_of_session: FixedClock, ids_of_session: SequentialIds
) -> AsyncIterator[dict[str, Any]]:
    """Both ways to open PostgreSQL, each with its pool, by name."""
    opened = {
        kind: await open_storage(shared_database, kind, clock=clock_of_session, ids=ids_of_session)
        for kind in KINDS[1:]
    }
    yield opened
    for storage in opened.values():
        await storage.close()


@frozen
class Server:
    """PostgreSQL as the tests reach it: its address, a connection beside the storages', and the storages by kind."""

    url: str
    monitor: Any
    storages: dict[str, Any]


@pytest.fixture(params=KINDS)
def kind(request: pytest.FixtureRequest) -> str:
    """Name the storage that the test runs over."""
    return str(request.param)


@pytest.fixture
def server(kind: str, request: pytest.FixtureRequest) -> Server | None:
    """PostgreSQL, where the storage is over it: started for no other test."""
    if kind == "memory":
        return None
    return Server(*(request.getfixturevalue(name) for name in ("shared_database", "monitor", "postgres")))


@pytest.fixture
async def emptied(monitor: "asyncpg.Connection[Any]", postgres: dict[str, Any]) -> dict[str, Any]:
    """Both ways to open PostgreSQL, over empty tables."""
    await monitor.execute(DELETE_ALL)
    return postgres


@pytest.fixture
async def opened(kind: str, shared_database: str, clock: FixedClock, ids: SequentialIds) -> AsyncIterator[Any]:
    """PostgreSQL opened for one test."""
    storage = await open_storage(shared_database, kind, clock=clock, ids=ids)
    yield storage
    await storage.close()


@pytest.fixture
def storage(kind: str, request: pytest.FixtureRequest, clock: FixedClock, ids: SequentialIds) -> Any:
    """An empty storage of the kind."""
    return MemoryStorage(clock=clock, ids=ids) if kind == "memory" else request.getfixturevalue("emptied")[kind]


@pytest.fixture
def another_storage(kind: str, request: pytest.FixtureRequest, clock: FixedClock, ids: SequentialIds) -> Any:
    """A storage of the kind that the test may close."""
    return MemoryStorage(clock=clock, ids=ids) if kind == "memory" else request.getfixturevalue("opened")


@pytest.fixture
def world(storage: Any) -> World:
    """Makes entities and what they refer to."""
    return World(storage)


@pytest.fixture
def blocked(server: Server | None) -> Blocked:
    """Start a call, return its task once it waits for another transaction, and fail when it does not wait."""
    connection = None if server is None else server.monitor

    async def start(call: Coroutine[Any, Any, Any]) -> "asyncio.Task[Any]":
        task = asyncio.get_running_loop().create_task(call)
        for _ in range(TURNS):
            await asyncio.sleep(0 if connection is None else 0.002)
            if task.done():
                pytest.fail(f"the call did not wait: {task.exception() or task.result()}")
            if connection is not None and await connection.fetchval(WAITING):
                return task
        if connection is not None:
            pytest.fail("the call neither answered nor waited for a lock")
        return task

    return start
