"""Versions that other programs leave alone: the database raises them, so that no update of ours overwrites unsaid."""

from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any, Protocol
from uuid import UUID

import asyncpg
import pytest
from attrs import evolve, frozen
from support.foreign import foreign_writer

from strongroom import Extension, Model, OnDelete, declare
from strongroom.adapters.mapping.platform import PLATFORM
from strongroom.adapters.mapping.table import Table
from strongroom.adapters.memory import MemoryStorage
from strongroom.adapters.postgres import PostgresSettings, PostgresStorage, open_postgres
from strongroom.adapters.schema.entities.first_migration import first_migration
from strongroom.domain.values.fields import Count32, checked
from strongroom.ports.errors import StaleVersion
from strongroom.ports.repository import Repository
from strongroom.testing.factory import World
from strongroom.testing.truncation import empty_tables

VERSIONED = pytest.mark.parametrize(
    "table", [table for table in PLATFORM.tables if table.versioned], ids=lambda table: table.name
)
Shared = tuple[PostgresStorage, "asyncpg.Connection[Any]"]


@pytest.fixture(scope="module")
async def opened(new_database: Callable[..., Awaitable[str]], migrated_template: str) -> AsyncIterator[Shared]:
    """A storage over a database of the module, and another program's connection."""
    url = await new_database(migrated_template)
    connection = await asyncpg.connect(url)
    async with await open_postgres(PostgresSettings(url=url, min_size=1, max_size=1)) as storage:
        yield storage, connection
    await connection.close()


@pytest.fixture
async def shared(opened: Shared) -> Shared:
    """The module's storage, empty."""
    await empty_tables(opened[1])
    return opened


def key_of(table: Table, row: Any) -> tuple[str, list[Any]]:
    """Return the condition on a row's key, and its values."""
    key = table.key_of(row)
    parts = list(key) if isinstance(key, tuple) else [key]
    return " AND ".join(f"{name} = ${number}" for number, name in enumerate(table.key, 1)), parts


def plain_column(table: Table) -> str:
    """Return a column that another program may change without breaking a rule: of a time, to the same plus a second."""
    names = [column.name for column in table.columns if column.type == "timestamp with time zone"]
    return next(name for name in ("updated_at", "created_at") if name in names)


@VERSIONED
async def test_a_change_by_others_makes_our_older_copy_stale(shared: Shared, table: Table) -> None:
    """Left alone, or set back with the whole old row, the version goes up by one; our update is told."""
    storage, foreign = shared
    column = plain_column(table)
    for version in ("version", "version - 1", "0"):
        row = await World(storage).added(table, version=5)
        where, key = key_of(table, row)
        changed = f"UPDATE \"{table.name}\" SET {column} = {column} + interval '1 s', version = {version} WHERE {where}"
        await foreign.execute(changed, *key)
        repository = getattr(storage, table.repository)
        with pytest.raises(StaleVersion):
            await repository.update(row)
        stored = await repository.get(table.key_of(row))
        assert stored.version == 6
        assert (await repository.update(stored)).version == 7
        await empty_tables(foreign)


async def test_a_writer_that_raises_versions_is_left_alone(shared: Shared) -> None:
    """A version that goes up stays as it is written, and an update that changes nothing raises none."""
    storage, foreign = shared
    goal = await World(storage).added(PLATFORM.table_named("goal"), version=5)
    for sets, version in (
        ("name = 'a', version = version + 1", 6),
        ("name = 'b', version = 40", 40),
        ("name = name", 40),
        ("name = 'c'", 41),
        ("version = 1", 42),
    ):
        await foreign.execute(f"UPDATE goal SET {sets}")
        assert (await storage.goals.get(goal.id)).version == version


async def test_a_program_may_ask_for_versions_to_be_kept(shared: Shared) -> None:
    """Under the setting a version stays as it is: for what fills a new column, or sets an exhausted version back."""
    storage, foreign = shared
    goal = await World(storage).added(PLATFORM.table_named("goal"), version=2**31 - 1)
    async with foreign.transaction():
        await foreign.execute("SET LOCAL strongroom.keep_versions = on")
        await foreign.execute("UPDATE goal SET name = 'a'")
        assert (await foreign.fetchval("SELECT version FROM goal")) == 2**31 - 1
        await foreign.execute("UPDATE goal SET version = 1")
    assert (await storage.goals.update(evolve(await storage.goals.get(goal.id), name="b"))).version == 2


@frozen(kw_only=True, field_transformer=checked)
class Shelf:
    """A thing that others refer to."""

    id: UUID


@frozen(kw_only=True, field_transformer=checked)
class Book:
    """A thing with a version that refers to another."""

    id: UUID
    shelf_id: UUID | None = None
    version: Count32 = 1


class ShelfRepository(Repository[Shelf, UUID], Protocol):
    """Shelves, by id."""


class BookRepository(Repository[Book, UUID], Protocol):
    """Books, by id."""


SHELF = declare(Shelf, repository=ShelfRepository)
BOOK = declare(Book, repository=BookRepository, references={"shelf_id": (SHELF, OnDelete.SET_NULL)})
LIBRARY = Model(Extension("library", tables=[SHELF, BOOK]))


@pytest.fixture(params=["memory", "postgres"])
async def library(request: pytest.FixtureRequest, empty_database: str) -> AsyncIterator[Any]:
    """A storage of tables of one's own, made by the migration that strongroom prints."""
    if request.param == "memory":
        yield MemoryStorage(model=LIBRARY)
        return
    async with foreign_writer(empty_database) as connection:
        await connection.execute(first_migration(LIBRARY, LIBRARY.extensions[0]))
    settings = PostgresSettings(url=empty_database, min_size=1, max_size=1)
    async with await open_postgres(settings, model=LIBRARY) as storage:
        yield storage


async def test_a_link_that_a_removal_clears_counts_as_a_change(library: Any) -> None:
    """ON DELETE SET NULL raises the version of the row that it changes, alike in both adapters."""
    shelves, books = library.repository(ShelfRepository), library.repository(BookRepository)
    shelf = await shelves.add(Shelf(id=shelves.next_id()))
    book = await books.add(Book(id=books.next_id(), shelf_id=shelf.id))
    other = await books.add(Book(id=books.next_id()))
    await shelves.remove(shelf.id)
    assert await books.get(book.id) == evolve(book, shelf_id=None, version=2)
    assert await books.get(other.id) == other
    with pytest.raises(StaleVersion):
        await books.update(book)
