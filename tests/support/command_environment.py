"""Nothing of the environment that the tests run in reaches them: no address, no data folder, no colour."""

import os
from collections.abc import Awaitable, Callable

import pytest
from support.places import let_server_pass
from typer.testing import CliRunner

from strongroom import open_storage
from strongroom.bootstrap.demo.loading import load_sample


@pytest.fixture(autouse=True)
def clean_environment(monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory) -> None:
    """Take every setting out of the environment, and lead the user's data folder to a place of the test's own."""
    for name in list(os.environ):
        if name.startswith("STRONGROOM_") or name == "DATABASE_URL":
            monkeypatch.delenv(name)
    base = let_server_pass(tmp_path_factory.getbasetemp(), tmp_path_factory)
    monkeypatch.setenv("XDG_DATA_HOME", str(base / "data-home"))
    monkeypatch.setenv("NO_COLOR", "1")
    monkeypatch.setenv("COLUMNS", "160")


@pytest.fixture
def cli() -> CliRunner:
    """Run commands in this process."""
    return CliRunner()


@pytest.fixture(params=["memory", "postgres"])
def address(request: pytest.FixtureRequest) -> str:
    """The address of an empty storage: the twin, and PostgreSQL."""
    return "memory:" if request.param == "memory" else str(request.getfixturevalue("database"))


@pytest.fixture(scope="session")
async def filled(new_database: Callable[..., Awaitable[str]], migrated_template: str) -> str:
    """The address of a database that holds the sample."""
    address = await new_database(migrated_template)
    async with open_storage(address, min_size=1) as storage:
        await load_sample(storage)
    return address
