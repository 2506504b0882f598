"""Both storages of the model under test, under one event loop of their own: hypothesis drives a machine by calls."""

import asyncio
from collections.abc import Iterator
from contextlib import AsyncExitStack

import pytest

from strongroom.adapters.postgres import PostgresSettings, open_postgres
from strongroom.adapters.postgres.connection import connect
from strongroom.ports.clock import FixedClock, SequentialIds
from strongroom.testing.model_under_test import model_under_test
from strongroom.testing.servers import fresh_database
from strongroom.testing.values import START

from .machine import Rig


@pytest.fixture(scope="session")
def rig(strongroom_postgres_server: str) -> Iterator[Rig]:
    """The twin and PostgreSQL, ready to be driven."""
    loop = asyncio.new_event_loop()
    stack = AsyncExitStack()
    try:
        yield loop.run_until_complete(_open(strongroom_postgres_server, loop, stack))
    finally:
        loop.run_until_complete(stack.aclose())
        loop.run_until_complete(loop.shutdown_asyncgens())
        loop.close()


async def _open(server: str, loop: asyncio.AbstractEventLoop, stack: AsyncExitStack) -> Rig:
    model, clock, ids = model_under_test(), FixedClock(START), SequentialIds()
    url = await stack.enter_async_context(fresh_database(server, model))
    monitor = await connect(url)
    stack.push_async_callback(monitor.close)
    settings = PostgresSettings(url=url, direct_url=url, min_size=1, max_size=8, close_timeout=1)
    postgres = await stack.enter_async_context(await open_postgres(settings, model=model, clock=clock, ids=ids))
    return Rig(loop=loop, postgres=postgres, monitor=monitor, clock=clock, memory_ids=SequentialIds(), postgres_ids=ids)
