"""Both storages under one event loop of their own: hypothesis drives a machine by plain calls."""

import asyncio
from collections.abc import Awaitable, Callable, Iterator

import asyncpg
import pytest
from support.servers import open_storage

from strongroom.ports.clock import FixedClock, SequentialIds
from strongroom.testing.differential.machine import Rig
from strongroom.testing.values import START


@pytest.fixture(scope="session")
async def differential_database(new_database: Callable[..., Awaitable[str]], migrated_template: str) -> str:
    """A migrated database that the machines have for themselves."""
    return await new_database(migrated_template)


@pytest.fixture(scope="session")
def rig(differential_database: str) -> Iterator[Rig]:
    """The twin and PostgreSQL, ready to be driven."""
    loop = asyncio.new_event_loop()
    clock, ids = FixedClock(START), SequentialIds()
    monitor = loop.run_until_complete(asyncpg.connect(differential_database))
    storage = loop.run_until_complete(open_storage(differential_database, "postgres", clock=clock, ids=ids))
    yield Rig(loop=loop, postgres=storage, monitor=monitor, clock=clock, memory_ids=SequentialIds(), postgres_ids=ids)
    loop.run_until_complete(storage.close())
    loop.run_until_complete(monitor.close())
    loop.run_until_complete(loop.shutdown_asyncgens())
    loop.close()
