"""What the suite needs besides the storage itself, which whoever runs it provides."""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine
from pathlib import Path
from typing import Any, Final

import pytest

from strongroom.adapters.mapping.platform import PLATFORM
from strongroom.adapters.mapping.table import Table
from strongroom.domain.pricing.coin import Coin
from strongroom.domain.protocols.chain import Chain
from strongroom.ports.clock import FixedClock, SequentialIds
from strongroom.ports.storage import Storage
from strongroom.testing.factory import START_TIME, World
from strongroom.testing.model_under_test import model_under_test

from .blocks import Chains

TURNS: Final = 200
Blocked = Callable[[Coroutine[Any, Any, Any]], Awaitable["asyncio.Task[Any]"]]


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out the tests of the platform's entities if the model under test does not have them."""
    if set(PLATFORM.extensions) <= set(model_under_test().extensions):
        return
    here = Path(__file__).parent
    left_out = [item for item in items if item.path.parent == here and not _is_of_a_table(item)]
    if left_out:
        config.hook.pytest_deselected(items=left_out)
        items[:] = [item for item in items if item not in left_out]


def _is_of_a_table(item: pytest.Item) -> bool:
    """Say whether a test runs over every table of the model."""
    given = getattr(getattr(item, "callspec", None), "params", {})
    return any(isinstance(value, Table) for value in given.values())


@pytest.fixture(scope="session")
def clock_of_session() -> FixedClock:
    """The clock that all storages of the session tell the time by."""
    return FixedClock(START_TIME)


@pytest.fixture(scope="session")
def ids_of_session() -> SequentialIds:
    """The identities that the storages of the session give."""
    return SequentialIds()


@pytest.fixture
def clock(clock_of_session: FixedClock) -> FixedClock:
    """The clock of the storage, turned back to where every test starts."""
    clock_of_session.time = START_TIME
    return clock_of_session


@pytest.fixture
def ids(ids_of_session: SequentialIds) -> SequentialIds:
    """The id source of the storage, from its start."""
    ids_of_session.count = 0
    return ids_of_session


@pytest.fixture
def world(storage: Storage) -> World:
    """Makes entities and what they refer to."""
    return World(storage)


@pytest.fixture
async def chains(world: World) -> Chains:
    """A generator of blocks of a chain that is stored."""
    chain = await world.added(Chain)
    coins = await world.several(Coin, 2, chain_id=chain.id)
    return Chains(chain.id, [coin.id for coin in coins])


@pytest.fixture
def waiting(request: pytest.FixtureRequest) -> Callable[[], Awaitable[bool]] | None:
    """Say whether a call waits for a lock, where the storage's server can tell; else a call that is slow waits."""
    try:
        told: Callable[[], Awaitable[bool]] | None = request.getfixturevalue("call_waits")
    except pytest.FixtureLookupError:
        return None
    return told


@pytest.fixture
def blocked(waiting: Callable[[], Awaitable[bool]] | None) -> Blocked:
    """Start a call, return its task once it waits for another transaction, and fail when it does not wait."""

    async def start(call: Coroutine[Any, Any, Any]) -> "asyncio.Task[Any]":
        task = asyncio.get_running_loop().create_task(call)
        for _ in range(TURNS):
            await asyncio.sleep(0 if waiting is None else 0.002)
            if task.done():
                pytest.fail(f"the call did not wait: {task.exception() or task.result()}")
            if waiting is not None and await waiting():
                return task
        if waiting is not None:
            pytest.fail("the call neither answered nor waited for a lock")
        return task

    return start
