"""The plugin's fixtures: one storage for a test session, empty for every test and for every example of a property.

A test that uses them runs in the event loop of the session, since a pool of connections belongs to one loop; an
asynchronous fixture of your own that uses ``strongroom_postgres`` says ``loop_scope="session"`` itself.
"""

import inspect
import os
from collections.abc import AsyncIterator, Callable, Iterator
from functools import cache, partial, wraps
from typing import Any, Final

import pytest
import pytest_asyncio

from strongroom.adapters.embedded.scratch import scratch_server
from strongroom.adapters.memory import MemoryStorage
from strongroom.ports.clock import FixedClock, SequentialIds
from strongroom.ports.storage import Storage

from .factory import START_TIME
from .model_under_test import model_under_test
from .servers import fresh_database

STORAGES: Final = ("strongroom_storage", "strongroom_postgres", "strongroom_each")
_RESETS: Final = pytest.StashKey[dict[str, Callable[[], None]]]()
"""How each fixture that has been set up returns to its start, by the fixture's name."""


@pytest.fixture(scope="session")
def strongroom_clock(pytestconfig: pytest.Config) -> FixedClock:
    """Provide the clock of both storages: only the test moves it, and it is reset for every test."""
    clock = FixedClock(START_TIME)
    _resets(pytestconfig)["strongroom_clock"] = partial(setattr, clock, "time", START_TIME)
    return clock


@pytest.fixture(scope="session")
def strongroom_ids(pytestconfig: pytest.Config) -> SequentialIds:
    """The identities that both storages give: the same in every test."""
    ids = SequentialIds()
    _resets(pytestconfig)["strongroom_ids"] = partial(setattr, ids, "count", 0)
    return ids


@pytest.fixture(scope="session")
def strongroom_storage(
    pytestconfig: pytest.Config, strongroom_clock: FixedClock, strongroom_ids: SequentialIds
) -> Storage:
    """The in-memory twin."""
    storage = MemoryStorage(model=model_under_test(), clock=strongroom_clock, ids=strongroom_ids)
    _resets(pytestconfig)["strongroom_storage"] = storage.clear
    return storage


@pytest.fixture(scope="session")
def strongroom_postgres_server() -> Iterator[str]:
    """The address of a server: STRONGROOM_TEST_DATABASE_URL, or an embedded PostgreSQL 16 that all workers share."""
    named = os.environ.get("STRONGROOM_TEST_DATABASE_URL")
    if named:
        yield named
        return
    with scratch_server() as url:
        yield url


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def strongroom_postgres(
    pytestconfig: pytest.Config,
    strongroom_postgres_server: str,
    strongroom_clock: FixedClock,
    strongroom_ids: SequentialIds,
) -> AsyncIterator[Storage]:
    """PostgreSQL 16: a database of the worker's own, copied from a migrated template."""
    from strongroom.adapters.postgres import PostgresSettings, open_postgres

    from .truncation import PostgresTruncater

    model = model_under_test()
    async with fresh_database(strongroom_postgres_server, model) as url:
        settings = PostgresSettings(url=url, direct_url=url, min_size=1, close_timeout=1)
        async with await open_postgres(settings, model=model, clock=strongroom_clock, ids=strongroom_ids) as storage:
            emptier = PostgresTruncater(url, model)
            _resets(pytestconfig)["strongroom_postgres"] = emptier.truncate
            yield storage
            emptier.close()


@pytest.fixture(scope="session", params=STORAGES[:2])
def strongroom_each(request: pytest.FixtureRequest) -> Storage:
    """The twin and PostgreSQL, one after the other: the test runs over both."""
    storage: Storage = request.getfixturevalue(request.param)
    return storage


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Run the tests that use the storages in the session's event loop."""
    for item in items:
        if _used(item) and item.get_closest_marker("asyncio") is None and _is_asynchronous(item):
            item.add_marker(pytest.mark.asyncio(loop_scope="session"))


@pytest.hookimpl(tryfirst=True)
def pytest_pycollect_makeitem(collector: pytest.Collector, name: str, obj: object) -> None:
    """Mark the contract suite and direct users of the storages, so that pytest-asyncio's strict mode runs them too."""
    if not (inspect.isfunction(obj) and name.startswith("test")):
        return
    inner = getattr(getattr(obj, "hypothesis", None), "inner_test", obj)
    wanted = {*inspect.signature(inner).parameters} & {*STORAGES} or _is_of_the_contract(collector)
    marks = [mark.name for mark in getattr(obj, "pytestmark", [])]
    if inspect.iscoroutinefunction(inner) and wanted and "asyncio" not in marks:
        pytest.mark.asyncio(loop_scope="session")(obj)


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item: pytest.Item) -> None:
    """Have every test, and every example of a property, begin with empty storages."""
    if not _used(item):
        return
    _empty_storages(item)
    handle = getattr(getattr(item, "obj", None), "hypothesis", None)
    if handle is not None and not getattr(handle.inner_test, "strongroom_starts_anew", False):
        handle.inner_test = _empty_before(item, handle.inner_test)


def _empty_before(item: pytest.Item, inner: Callable[..., Any]) -> Callable[..., Any]:
    """Return what one example of a property runs, after it emptied the storages."""

    @wraps(inner)
    async def asynchronous(*arguments: Any, **named: Any) -> Any:
        _empty_storages(item)
        return await inner(*arguments, **named)

    @wraps(inner)
    def synchronous(*arguments: Any, **named: Any) -> Any:
        _empty_storages(item)
        return inner(*arguments, **named)

    example: Callable[..., Any] = asynchronous if inspect.iscoroutinefunction(inner) else synchronous
    vars(example)["strongroom_starts_anew"] = True
    return example


def _empty_storages(item: Any) -> None:
    """Reset the storages that the test uses, and the clock and the identities."""
    used = _used(item)
    if hasattr(item, "callspec"):
        used.add(item.callspec.params.get("strongroom_each"))
    for name, reset in _resets(item.config).items():
        if name in used or name not in STORAGES:
            reset()


def _used(item: Any) -> set[str]:
    return {*STORAGES}.intersection(getattr(item, "fixturenames", ()))


def _resets(config: pytest.Config) -> dict[str, Callable[[], None]]:
    return config.stash.setdefault(_RESETS, {})


def _is_asynchronous(item: Any) -> bool:
    function = getattr(item, "obj", None)
    inner = getattr(getattr(function, "hypothesis", None), "inner_test", function)
    return inspect.iscoroutinefunction(inner)


@cache
def _folders_of_the_contract() -> frozenset[str]:
    from strongroom.testing import contract

    return frozenset(contract.__path__)


def _is_of_the_contract(collector: pytest.Collector) -> bool:
    return str(collector.path.parent) in _folders_of_the_contract()
