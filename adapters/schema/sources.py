"""What a schema can be read from: a database, a schema.prisma, a history of migrations, or the entities."""

from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Iterable, Sequence
from contextlib import AsyncExitStack, ExitStack, asynccontextmanager
from pathlib import Path
from typing import Any, Final, Self

import asyncpg
from attrs import define, field

from strongroom.adapters.embedded.scratch import (
    ScratchDatabase,
    confined_database,
    named_database,
    scratch_server,
)
from strongroom.adapters.postgres.connection import connect, connection_problem, require_postgres_url
from strongroom.adapters.postgres.migrator.files import Migration, Side
from strongroom.adapters.postgres.redaction import redacted
from strongroom.adapters.schema.entities.ddl import statements
from strongroom.adapters.schema.postgres.catalog import read_catalogue
from strongroom.adapters.schema.postgres.replay import extensions_of, from_dump, in_order, read_history, replay
from strongroom.adapters.schema.prisma import (
    catalogue_of,
    create_enums,
    needs_server,
    read_schema_files,
    server_spelling,
)
from strongroom.adapters.schema.prisma.to_catalog.visibility import BLIND, seen
from strongroom.domain.errors import StrongroomError
from strongroom.domain.schema.catalog import Catalog
from strongroom.domain.schema.comparison import Difference, compare
from strongroom.domain.schema.contract import Contract, MigrationKind
from strongroom.ports.errors import StorageUnavailable

BOOKKEEPING: Final = frozenset({"_prisma_migrations", "strongroom_migration"})
"""The migrators' own tables, which no schema declares."""
TIMEOUT: Final = 10.0
READER_TIMEOUT: Final = "10s"


class SourceInvalid(StrongroomError):
    """What was named is nothing that a schema can be read from."""


class ScratchFailed(StrongroomError):
    """A scratch database refused what was asked of it, or ended the connection."""


@define
class Scratch:
    """A server whose databases are thrown away: the one that is named, else an embedded one, started when needed."""

    url: str | None = None
    _started: str | None = None
    _stack: ExitStack = field(factory=ExitStack)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_exception: object) -> None:
        self._stack.close()

    @asynccontextmanager
    async def connection(self, extensions: Collection[str] = ()) -> AsyncIterator["asyncpg.Connection[asyncpg.Record]"]:
        """Connect to a database that is empty, and dropped in the end, as its owner.

        On the embedded server the owner is a login of its own that may do nothing elsewhere, and ``extensions`` are
        there as far as it has them; on a server that is named it is the user of the address. Raises
        StorageUnavailable, and ScratchFailed for what the database refuses and nobody has explained.
        """
        async with self._database(extensions) as database, _connected(database.owner) as connection:
            yield connection

    @asynccontextmanager
    async def reader(
        self, fill: Callable[["asyncpg.Connection[asyncpg.Record]"], Awaitable[None]]
    ) -> AsyncIterator["asyncpg.Connection[asyncpg.Record]"]:
        """Connect to a database as a role that may make temporary tables and nothing else, to parse text of others.

        ``fill`` is called first with the owner's connection, to make what the text may name. A statement of the reader
        that takes longer than READER_TIMEOUT is ended. Raises as ``connection`` does.
        """
        async with self._database() as database:
            async with _connected(database.owner) as connection:
                await fill(connection)
            async with _connected(database.reader, server_settings={"statement_timeout": READER_TIMEOUT}) as connection:
                if database.reader_role is not None:
                    await connection.execute(f'SET ROLE "{database.reader_role}"')
                yield connection

    @asynccontextmanager
    async def _database(self, extensions: Collection[str] = ()) -> AsyncIterator[ScratchDatabase]:
        if self._started is None:
            if self.url is not None:
                require_postgres_url(self.url)
            self._started = self.url or self._stack.enter_context(scratch_server())
        made = confined_database(self._started, extensions) if self.url is None else named_database(self._started)
        async with AsyncExitStack() as stack:
            try:
                database = await stack.enter_async_context(made)
            except asyncpg.InsufficientPrivilegeError as error:
                message = (
                    f"{redacted(self._started)}: {error.message}: scratch databases need a user that has CREATEDB, "
                    "or no --scratch at all, which is an embedded server"
                )
                raise StorageUnavailable(message) from None
            except (asyncpg.PostgresError, asyncpg.InterfaceError, OSError, TimeoutError, ValueError) as error:
                raise connection_problem(self._started, error) from None
            try:
                yield database
            except (asyncpg.PostgresError, asyncpg.InterfaceError, asyncpg.InternalClientError) as error:
                state = f" (SQLSTATE {error.sqlstate})" if isinstance(error, asyncpg.PostgresError) else ""
                message = f"the scratch database refused a statement: {error}{state}"
                raise ScratchFailed(message) from error


@asynccontextmanager
async def _connected(url: str, **options: Any) -> AsyncIterator["asyncpg.Connection[asyncpg.Record]"]:
    connection = await connect(url, timeout=TIMEOUT, **options)
    try:
        yield connection
    finally:
        await connection.close()


async def of_database(url: str, schemas: Iterable[str] | None = None) -> Catalog:
    """Return what a database holds, without the migrators' bookkeeping. Raises StorageUnavailable."""
    async with _connected(url) as connection:
        return _without_bookkeeping(await read_catalogue(connection, schemas))


async def of_prisma(path: Path, scratch: Scratch, default_schema: str = "public") -> Catalog:
    """Return what a schema.prisma, or a folder of them, declares. Raises PrismaSchemaError, PrismaFilesError.

    SQL within it (dbgenerated, Unsupported, conditions of indexes) is written as a server writes it.
    """
    schema = read_schema_files(path)
    declared = catalogue_of(schema, default_schema)
    if not needs_server(schema):
        return declared
    async with scratch.reader(lambda connection: create_enums(connection, schema, default_schema)) as connection:
        return catalogue_of(schema, default_schema, await server_spelling(connection, schema, default_schema))


async def of_entities(scratch: Scratch, schema: str = "public") -> Catalog:
    """Return what the entities declare: their tables as PostgreSQL holds them, without the functions' bodies."""
    async with scratch.connection() as connection:
        async with connection.transaction():
            for statement in statements(schema):
                if schema != "public" or not statement.startswith("CREATE SCHEMA"):
                    await connection.execute(statement)
        found = await read_catalogue(connection, [schema])
    return Catalog(relations=found.relations, enums=found.enums, types=found.types)


async def of_migrations(
    scratch: Scratch, migrations: Sequence[Migration], schemas: Iterable[str] | None = None
) -> Catalog:
    """Return what migrations make of an empty database. Raises ReplayFailed."""
    async with scratch.connection(extensions_of(migrations)) as connection:
        await replay(connection, migrations)
        return _without_bookkeeping(await read_catalogue(connection, schemas))


def migrations_of(contract: Contract, base: Path) -> list[Migration]:
    """Return the migrations of all sides in the order in which they are applied. Raises ReplayFailed.

    Folders are relative to the contract's own.
    """
    kinds = {MigrationKind.PRISMA: Side.FRONTEND, MigrationKind.SQL: Side.BACKEND}
    histories = []
    for side in contract.sides:
        if side.migrations is not None:
            history = read_history(base / side.migrations, kinds[side.kind])
            through = side.dump_through
            histories.append(history if through is None else from_dump(history, base / str(side.dump), through))
    return in_order(histories)


async def read_source(source: str, scratch: Scratch) -> Catalog:
    """Return the catalogue of a source as a user names it.

    A database by its address, ``entities``, a file or folder of schema.prisma, or a folder of migrations, Prisma's or
    SQL files. Raises SourceInvalid, and what reading it raises.
    """
    if source.startswith(("postgresql://", "postgres://")):
        return await of_database(source)
    if source == "entities":
        return await of_entities(scratch)
    history = _history(Path(source))
    if history is not None:
        return await of_migrations(scratch, history)
    if _exists(source):
        return await of_prisma(Path(source), scratch)
    message = (
        f"{source}: a schema is read from postgresql://…, entities, a schema.prisma or a folder of them, "
        "or a folder of migrations"
    )
    raise SourceInvalid(message)


async def differences_of(one: str, other: str, scratch: Scratch) -> list[Difference]:
    """Compare two sources; a schema.prisma with another kind as Prisma sees that. Raises as ``read_source``."""
    expected, found = await read_source(one, scratch), await read_source(other, scratch)
    if _is_prisma(one) == _is_prisma(other):
        return compare(expected, found)
    if _is_prisma(one):
        return compare(expected, seen(_of_tables(found, expected), expected), ignored=BLIND)
    return compare(seen(_of_tables(expected, found), found), found, ignored=BLIND)


def _of_tables(catalogue: Catalog, declared: Catalog) -> Catalog:
    """Return a catalogue without the views that no schema.prisma declares as tables: Prisma makes none."""
    views = (part for part in catalogue.relations if not part.is_table)
    return catalogue.without(frozenset((part.schema, part.name) for part in views) - declared.by_name.keys())


def _is_prisma(source: str) -> bool:
    address = source.startswith(("postgresql://", "postgres://"))
    return not address and source != "entities" and _history(Path(source)) is None


def _exists(source: str) -> bool:
    return Path(source).exists()


def _history(folder: Path) -> tuple[Migration, ...] | None:
    """Return the history that a folder holds, or None."""
    if not folder.is_dir():
        return None
    if any(folder.glob("*/migration.sql")) or any(folder.glob("migrations/*/migration.sql")):
        return read_history(folder, Side.FRONTEND)  # beside them lies SQL that is no migration
    return read_history(folder, Side.BACKEND) if any(folder.glob("*.sql")) else None


def _without_bookkeeping(catalogue: Catalog) -> Catalog:
    names = frozenset((part.schema, part.name) for part in catalogue.relations if part.name in BOOKKEEPING)
    return catalogue.without(names)
