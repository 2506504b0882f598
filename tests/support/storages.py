"""The storages that the contract suite runs over: the twin, PostgreSQL, and PostgreSQL behind a transaction pooler."""

from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any, Final

import asyncpg
import pytest
from attrs import frozen

from strongroom.adapters.memory import MemoryStorage
from strongroom.ports.clock import FixedClock, SequentialIds
from strongroom.testing.differential.twins import WAITING
from strongroom.testing.truncation import empty_tables

from .servers import open_storage

KINDS: Final = ("memory", "postgres", "postgres-without-cache")


@pytest.fixture(scope="session")
async def contract_database(new_database: Callable[..., Awaitable[str]], migrated_template: str) -> str:
    """A migrated database that the suite has for itself."""
    return await new_database(migrated_template)


@pytest.fixture(scope="session")
async def monitor(contract_database: str) -> AsyncIterator["asyncpg.Connection[Any]"]:
    """A connection beside the storages', which sees who waits."""
    connection = await asyncpg.connect(contract_database)
    yield connection
    await connection.close()


@pytest.fixture(scope="session")
async def postgres(
    contract_database: str, clock_of_session: FixedClock, ids_of_session: SequentialIds
) -> AsyncIterator[dict[str, Any]]:
    """Both ways to open PostgreSQL, each with its pool, by name."""
    opened = {
        kind: await open_storage(contract_database, kind, clock=clock_of_session, ids=ids_of_session)
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
    return Server(*(request.getfixturevalue(name) for name in ("contract_database", "monitor", "postgres")))


@pytest.fixture
def call_waits(server: Server | None) -> Callable[[], Awaitable[bool]] | None:
    """Say whether a call waits for a lock in the database."""
    if server is None:
        return None

    async def waits() -> bool:
        return bool(await server.monitor.fetchval(WAITING))

    return waits


@pytest.fixture
async def emptied(monitor: "asyncpg.Connection[Any]", postgres: dict[str, Any]) -> dict[str, Any]:
    """Both ways to open PostgreSQL, over empty tables."""
    await empty_tables(monitor)
    return postgres


@pytest.fixture
async def opened(kind: str, contract_database: str, clock: FixedClock, ids: SequentialIds) -> AsyncIterator[Any]:
    """PostgreSQL opened for one test."""
    storage = await open_storage(contract_database, kind, clock=clock, ids=ids)
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
