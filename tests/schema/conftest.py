"""Fixtures of the schema's tests: the migrated database, in a transaction that is always rolled back."""

import os
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import asyncpg
import pytest
from support.schema.browser import CHROMIUM, MISSING
from support.schema.catalog_rows import read_catalog, read_migrated

from strongroom.adapters.embedded.scratch import scratch_server
from strongroom.adapters.mapping.platform import PLATFORM
from strongroom.adapters.schema.entities.ddl import declared_schema_sql
from strongroom.adapters.schema.histories import read_migrations
from strongroom.adapters.schema.postgres.replay import replay
from strongroom.adapters.schema.project import open_project

ROOT = Path(__file__).resolve().parents[2]


def pytest_ignore_collect(collection_path: Path) -> bool | None:
    """Leave the tests in a browser out where there is none."""
    return True if collection_path.name == "test_page_browser.py" and CHROMIUM is None else None


def pytest_report_header() -> str:
    """Say whether the tests in a browser are run."""
    return f"browser: {CHROMIUM or f'{MISSING}, its tests are not collected'}"


@pytest.fixture(scope="session")
async def session(new_database, migrated_template):
    """A connection to a migrated database of these tests' own."""
    connection = await asyncpg.connect(await new_database(migrated_template))
    yield connection
    await connection.close()


@pytest.fixture
async def connection(session):
    """The connection within a transaction that is rolled back after the test."""
    transaction = session.transaction()
    await transaction.start()
    yield session
    await transaction.rollback()


@pytest.fixture(scope="session")
async def replayed_template(new_database):
    """The name of a database in which the shipped histories were replayed, and to which nobody is connected."""
    project, url = open_project(ROOT), await new_database()
    connection = await asyncpg.connect(url)
    await replay(connection, read_migrations(project.contract, project.folder))
    await connection.close()
    return urlsplit(url).path.lstrip("/")


@pytest.fixture(scope="session")
async def declared(session):
    """The catalog of a schema made of the mapping alone."""
    transaction = session.transaction()
    await transaction.start()
    try:
        for statement in declared_schema_sql("declared", PLATFORM):
            await session.execute(statement)
        return await read_catalog(session, "declared")
    finally:
        await transaction.rollback()


@pytest.fixture(scope="session")
async def migrated(session):
    """The catalog of the migrated database."""
    async with session.transaction():
        return await read_migrated(session)


@pytest.fixture(scope="session")
def wheel_server(postgres_url: str) -> Iterator[str]:
    """The tests' server, or one from the wheel if the environment names another: it takes any login that it has."""
    if os.environ.get("STRONGROOM_TEST_DATABASE_URL") or os.environ.get("DATABASE_URL"):
        with scratch_server() as url:
            yield url
    else:
        yield postgres_url
