"""What all tests share: a PostgreSQL 16, databases in it, and how long hypothesis looks."""

import support.bytecode  # noqa: F401, I001 - first, so that what follows is compiled once

import math
import os
import shutil
import subprocess
import sys
import tempfile
import uuid
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import asyncpg
import pytest
from hypothesis import HealthCheck, settings
from support.places import let_server_pass, server_root

from strongroom.adapters.embedded import start_embedded
from strongroom.adapters.embedded.places import locate
from strongroom.adapters.embedded.scratch import with_database
from strongroom.testing.servers import template_database

pytest_plugins = ["support.storages", "support.slow", "support.one_of_each", "support.slowest_files"]
WATCHDOG = Path(__file__).parent / "support" / "watchdog.py"
OWN_TEMPORARY = "strongroom-pytest-"
SLOW = [HealthCheck.too_slow, HealthCheck.function_scoped_fixture, HealthCheck.data_too_large]
settings.register_profile("default", derandomize=True, deadline=None, max_examples=50, suppress_health_check=SLOW)
settings.register_profile("long", deadline=None, max_examples=1000, suppress_health_check=SLOW)


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add ``--long``: more examples, each run with another seed."""
    parser.addoption("--long", action="store_true", help="look for counterexamples far longer, with random seeds")


@pytest.hookimpl(tryfirst=True)
def pytest_configure(config: pytest.Config) -> None:
    """Choose the hypothesis profile: by --long, else by HYPOTHESIS_PROFILE, else the quick one.

    Root's runs get a folder for temporary files each: the embedded server runs as another user then, and pytest closes
    the folder that its runs share to other users whenever one of them starts.
    """
    if hasattr(os, "geteuid") and os.geteuid() == 0 and not config.option.basetemp:
        config.option.basetemp = tempfile.mkdtemp(prefix=OWN_TEMPORARY)
        config.add_cleanup(partial(shutil.rmtree, config.option.basetemp, ignore_errors=True))
    named = os.environ.get("HYPOTHESIS_PROFILE", "default")
    settings.load_profile("long" if config.getoption("--long") else named)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_auto_num_workers() -> int:
    """Return half as many workers again as there are processors: a test waits for PostgreSQL as long as it works."""
    return math.ceil(available_processors() * 1.5)


def available_processors() -> int:
    """Return how many processors this process may run on."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


@pytest.fixture
def tmp_path(tmp_path: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of the test's own, in which a server can be started as root, too."""
    return let_server_pass(tmp_path, tmp_path_factory)


def name_of(url: str) -> str:
    """Return the name of the database in an address."""
    return urlsplit(url).path.lstrip("/")


@pytest.fixture(scope="session")
def postgres_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A server: the one that the environment names, else one from the wheel that all workers share.

    The last worker stops it; a watchdog does where the workers were killed, and removes what is left.
    """
    named = os.environ.get("STRONGROOM_TEST_DATABASE_URL") or os.environ.get("DATABASE_URL")
    if named:
        yield named
        return
    worker = os.environ.get("PYTEST_XDIST_WORKER")
    run = os.environ.get("PYTEST_XDIST_TESTRUNUID", uuid.uuid4().hex)[:12]
    folder = locate(server_root() / f"strongroom-tests-{run}" / "data").parent
    temporary = tmp_path_factory.getbasetemp()
    with suppress(FileExistsError):
        (folder / "watched").mkdir()
        controller = os.getppid() if worker else os.getpid()
        seen = temporary.parent if worker else temporary
        own = ["--remove"] if seen.name.startswith(OWN_TEMPORARY) else []
        subprocess.run([sys.executable, str(WATCHDOG), str(controller), str(folder), str(seen), *own], check=True)
    with start_embedded(folder / "data", fsync=False) as server:
        yield server.url("postgres")


@pytest.fixture(scope="session")
async def administrator(postgres_url: str) -> AsyncIterator["asyncpg.Connection[Any]"]:
    """A connection that makes and drops databases."""
    connection = await asyncpg.connect(postgres_url)
    yield connection
    await connection.close()


@pytest.fixture(scope="session")
async def new_database(
    postgres_url: str, administrator: "asyncpg.Connection[Any]"
) -> AsyncIterator[Callable[..., Awaitable[str]]]:
    """Make databases, empty or copied from a template, that are dropped after the session."""
    made: list[str] = []

    async def make(template: str = "template0") -> str:
        name = f"test_{uuid.uuid4().hex[:16]}"
        await administrator.execute(f'CREATE DATABASE "{name}" TEMPLATE "{template}" STRATEGY FILE_COPY')
        made.append(name)
        return with_database(postgres_url, name)

    yield make
    for name in reversed(made):
        await drop(administrator, name)


async def drop(administrator: "asyncpg.Connection[Any]", database: str) -> None:
    """Drop a database, if it is there, whoever is connected to it."""
    await administrator.execute(f'DROP DATABASE IF EXISTS "{database}" WITH (FORCE)')


@pytest.fixture(scope="session")
async def migrated_template(postgres_url: str) -> str:
    """The name of a migrated database that nobody is connected to: one for all workers."""
    return await template_database(postgres_url)


@pytest.fixture
async def empty_database(
    administrator: "asyncpg.Connection[Any]", new_database: Callable[..., Awaitable[str]]
) -> AsyncIterator[str]:
    """An empty database of the test's own."""
    url = await new_database()
    yield url
    await drop(administrator, name_of(url))


@pytest.fixture
async def database(
    administrator: "asyncpg.Connection[Any]", new_database: Callable[..., Awaitable[str]], migrated_template: str
) -> AsyncIterator[str]:
    """A migrated database of the test's own."""
    url = await new_database(migrated_template)
    yield url
    await drop(administrator, name_of(url))


@pytest.fixture(scope="session")
async def shared_database(new_database: Callable[..., Awaitable[str]], migrated_template: str) -> str:
    """A migrated database that the tests of a session share, each leaving it as it likes."""
    return await new_database(migrated_template)
