"""The storages that the contract suite runs over, for a service's own tables: the twin and PostgreSQL.

``pytest --pyargs strongroom.testing.contract -p strongroom.testing.both_adapters``, with the model that pytest's option
``strongroom_model`` names.
"""

from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio

from strongroom.adapters.memory import MemoryStorage
from strongroom.adapters.postgres import PostgresSettings, open_postgres
from strongroom.adapters.postgres.connection import connect
from strongroom.ports.clock import FixedClock, SequentialIds
from strongroom.testing.model_under_test import model_under_test
from strongroom.testing.servers import fresh_database
from strongroom.testing.truncation import empty_tables


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def contract_database(strongroom_postgres_server: str) -> AsyncIterator[str]:
    """A database that the suite has for itself."""
    async with fresh_database(strongroom_postgres_server, model_under_test()) as url:
        yield url


@pytest.fixture(params=("memory", "postgres"))
def kind(request: pytest.FixtureRequest) -> str:
    """Name the storage that the test runs over."""
    return str(request.param)


@pytest_asyncio.fixture(loop_scope="session")
async def storage(
    kind: str, contract_database: str, postgres_of_session: Any, clock: FixedClock, ids: SequentialIds
) -> Any:
    """An empty storage of the kind."""
    if kind == "memory":
        return MemoryStorage(model=model_under_test(), clock=clock, ids=ids)
    connection = await connect(contract_database)
    try:
        await empty_tables(connection, model_under_test())
    finally:
        await connection.close()
    return postgres_of_session


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def postgres_of_session(
    contract_database: str, clock_of_session: FixedClock, ids_of_session: SequentialIds
) -> AsyncIterator[Any]:
    """PostgreSQL with a pool for the session."""
    settings = PostgresSettings(url=contract_database, direct_url=contract_database, min_size=1, close_timeout=1)
    opened = await open_postgres(settings, model=model_under_test(), clock=clock_of_session, ids=ids_of_session)
    async with opened as storage:
        yield storage


@pytest_asyncio.fixture(loop_scope="session")
async def another_storage(
    kind: str, contract_database: str, clock: FixedClock, ids: SequentialIds
) -> AsyncIterator[Any]:
    """A storage of the kind that the test may close."""
    if kind == "memory":
        yield MemoryStorage(model=model_under_test(), clock=clock, ids=ids)
        return
    settings = PostgresSettings(url=contract_database, direct_url=contract_database, min_size=1, close_timeout=1)
    async with await open_postgres(settings, model=model_under_test(), clock=clock, ids=ids) as opened:
        yield opened
