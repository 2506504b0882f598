"""Tables of a service's own, as the guide declares them, in a twin and in PostgreSQL."""

import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from attrs import frozen
from support.own_tables import write_services

from strongroom import Model, Storage
from strongroom.adapters.memory import MemoryStorage
from strongroom.adapters.postgres import PostgresSettings, open_postgres
from strongroom.adapters.schema.entities.first_migration import first_migration
from strongroom.ports.clock import FixedClock, SequentialIds
from strongroom.testing.factory import START_TIME
from strongroom.testing.servers import template_database
from strongroom.testing.truncation import empty_tables


@frozen
class Services:
    """The modules of both services."""

    folder: Path
    alerts: ModuleType
    todo: ModuleType


@pytest.fixture(scope="session")
def services(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Services]:
    """The guide's services, imported from a folder of their own."""
    folder = write_services(tmp_path_factory.mktemp("services"))
    sys.path.insert(0, str(folder))
    try:
        from alerts import tables as alerts  # type: ignore[import-not-found]
        from todo import tables as todo  # type: ignore[import-not-found]

        (extension,) = todo.MODEL.extensions
        text = first_migration(todo.MODEL, extension)
        (folder / "todo" / "migrations" / "0001_todo.sql").write_text(text, encoding="utf-8")
        yield Services(folder, alerts, todo)
    finally:
        sys.path.remove(str(folder))


@pytest.fixture(scope="session")
def opened_models(services: Services) -> dict[str, Model]:
    """The model with the platform, and the one without."""
    return {"alerts": services.alerts.MODEL, "todo": services.todo.MODEL}


@pytest.fixture(scope="session")
async def databases(
    postgres_url: str, new_database: Callable[..., Awaitable[str]], opened_models: dict[str, Model]
) -> dict[str, str]:
    """A migrated database of each model."""
    return {
        name: await new_database(await template_database(postgres_url, model)) for name, model in opened_models.items()
    }


@pytest.fixture(scope="session")
async def postgres_storages(
    databases: dict[str, str], opened_models: dict[str, Model]
) -> AsyncIterator[dict[str, Any]]:
    """PostgreSQL with each model."""
    opened = {}
    for name, url in databases.items():
        settings = PostgresSettings(url=url, direct_url=url, min_size=1, max_size=2)
        clock, ids = FixedClock(START_TIME), SequentialIds()
        opened[name] = await open_postgres(settings, model=opened_models[name], clock=clock, ids=ids)
    yield opened
    for storage in opened.values():
        await storage.close()


@pytest.fixture(params=["memory", "postgres"])
def kind(request: pytest.FixtureRequest) -> str:
    """Name the adapter."""
    return str(request.param)


@pytest.fixture
async def emptied_postgres(postgres_storages: dict[str, Any], opened_models: dict[str, Model]) -> dict[str, Any]:
    """PostgreSQL with each model, over empty tables."""
    for name, storage in postgres_storages.items():
        async with storage.pool.connection() as connection:
            await empty_tables(connection, opened_models[name])
    return postgres_storages


def _storage(name: str, kind: str, request: pytest.FixtureRequest) -> Storage:
    if kind == "memory":
        model = request.getfixturevalue("opened_models")[name]
        return MemoryStorage(model=model, clock=FixedClock(START_TIME), ids=SequentialIds())
    storage: Storage = request.getfixturevalue("emptied_postgres")[name]
    return storage


@pytest.fixture
def with_alerts(kind: str, request: pytest.FixtureRequest) -> Storage:
    """A storage of the platform's entities and price alerts."""
    return _storage("alerts", kind, request)


@pytest.fixture
def with_todo(kind: str, request: pytest.FixtureRequest) -> Storage:
    """A storage of a to-do list alone."""
    return _storage("todo", kind, request)
