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
from strongroom.adapters.mapping.model import Model
from strongroom.adapters.mapping.platform import PLATFORM
from strongroom.adapters.postgres.connection import connect, explain_failure, require_postgres_url
from strongroom.adapters.postgres.driver import DRIVER_ERRORS
from strongroom.adapters.postgres.migrator.files import Migration, Side
from strongroom.adapters.postgres.migrator.history import is_bookkeeping
from strongroom.adapters.postgres.redaction import redacted
from strongroom.adapters.quoting import quote_identifier
from strongroom.adapters.schema.entities.ddl import declared_schema_sql
from strongroom.adapters.schema.postgres.catalog import read_catalog
from strongroom.adapters.schema.postgres.replay import (
    extensions_of,
    read_migration_folder,
    replay,
    replay_order,
    start_from_dump,
)
from strongroom.adapters.schema.prisma import (
    create_enums,
    needs_server,
    normalize_by_server,
    prisma_catalog,
    read_schema_files,
)
from strongroom.adapters.schema.prisma.to_catalog.visibility import IGNORED_BY_PRISMA, visible_to_prisma
from strongroom.domain.errors import StrongroomError
from strongroom.domain.schema.catalog import Catalog
from strongroom.domain.schema.comparison import Difference, compare
from strongroom.domain.schema.contract import Contract, MigrationKind
from strongroom.ports.errors import StorageUnavailable

CONNECT_TIMEOUT_SECONDS: Final = 10.0
READER_TIMEOUT: Final = "10s"


class SourceInvalid(StrongroomError):
    """What was named is nothing that a schema can be read from."""


class ScratchFailed(StrongroomError):
    """A scratch database refused what was asked of it, or ended the connection."""


@define
class ScratchServer:
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
                    await connection.execute(f"SET ROLE {quote_identifier(database.reader_role)}")
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
            except (*DRIVER_ERRORS, ValueError) as error:
                raise explain_failure(self._started, error) from None
            try:
                yield database
            except (asyncpg.PostgresError, asyncpg.InterfaceError, asyncpg.InternalClientError) as error:
                state = f" (SQLSTATE {error.sqlstate})" if isinstance(error, asyncpg.PostgresError) else ""
                message = f"the scratch database refused a statement: {error}{state}"
                raise ScratchFailed(message) from error


@asynccontextmanager
async def _connected(url: str, **options: Any) -> AsyncIterator["asyncpg.Connection[asyncpg.Record]"]:
    connection = await connect(url, timeout=CONNECT_TIMEOUT_SECONDS, **options)
    try:
        yield connection
    finally:
        await connection.close()


async def read_database(url: str, schemas: Iterable[str] | None = None) -> Catalog:
    """Return what a database holds, without the migrators' bookkeeping. Raises StorageUnavailable."""
    async with _connected(url) as connection:
        return without_bookkeeping(await read_catalog(connection, schemas))


async def read_prisma_schema(path: Path, scratch: ScratchServer, default_schema: str = "public") -> Catalog:
    """Return what a schema.prisma, or a folder of them, declares. Raises PrismaSchemaError, PrismaFilesError.

    SQL within it (dbgenerated, Unsupported, conditions of indexes) is written as a server writes it.
    """
    schema = read_schema_files(path)
    declared = prisma_catalog(schema, default_schema)
    if not needs_server(schema):
        return declared
    async with scratch.reader(lambda connection: create_enums(connection, schema, default_schema)) as connection:
        return prisma_catalog(schema, default_schema, await normalize_by_server(connection, schema, default_schema))


async def read_entity_schema(scratch: ScratchServer, schema: str = "public", model: Model = PLATFORM) -> Catalog:
    """Return what a model's entities declare: their tables as PostgreSQL holds them, without the functions' bodies."""
    async with scratch.connection() as connection:
        async with connection.transaction():
            for statement in declared_schema_sql(schema, model):
                if schema != "public" or not statement.startswith("CREATE SCHEMA"):
                    await connection.execute(statement)
        found = await read_catalog(connection, [schema])
    return Catalog(relations=found.relations, enums=found.enums, types=found.types)


async def read_migrated_schema(
    scratch: ScratchServer, migrations: Sequence[Migration], schemas: Iterable[str] | None = None
) -> Catalog:
    """Return what migrations make of an empty database. Raises ReplayFailed."""
    async with scratch.connection(extensions_of(migrations)) as connection:
        await replay(connection, migrations)
        return without_bookkeeping(await read_catalog(connection, schemas))


def read_migrations(contract: Contract, base: Path) -> list[Migration]:
    """Return the migrations of all sides in the order in which they are applied. Raises ReplayFailed.

    Folders are relative to the contract's own.
    """
    kinds = {MigrationKind.PRISMA: Side.FRONTEND, MigrationKind.SQL: Side.BACKEND}
    histories = []
    has_backend = False
    for side in contract.sides:
        if side.migrations is not None:
            # Headers know the first history of SQL files as pg, and every other by its side's name.
            name = side.name if has_backend and side.kind is MigrationKind.SQL else None
            has_backend = has_backend or side.kind is MigrationKind.SQL
            history = read_migration_folder(base / side.migrations, kinds[side.kind], name)
            through = side.dump_through
            histories.append(history if through is None else start_from_dump(history, base / str(side.dump), through))
    return replay_order(histories)


async def read_source(source: str, scratch: ScratchServer) -> Catalog:
    """Return the catalog of a source as a user names it.

    A database by its address, ``entities``, a file or folder of schema.prisma, or a folder of migrations, Prisma's or
    SQL files. Raises SourceInvalid, and what reading it raises.
    """
    if source.startswith(("postgresql://", "postgres://")):
        return await read_database(source)
    if source == "entities":
        return await read_entity_schema(scratch)
    history = _find_history(Path(source))
    if history is not None:
        return await read_migrated_schema(scratch, history)
    if _exists(source):
        return await read_prisma_schema(Path(source), scratch)
    message = (
        f"{source}: a schema is read from postgresql://…, entities, a schema.prisma or a folder of them, "
        "or a folder of migrations"
    )
    raise SourceInvalid(message)


async def compare_sources(one: str, other: str, scratch: ScratchServer) -> list[Difference]:
    """Compare two sources; a schema.prisma with another kind as Prisma sees that. Raises as ``read_source``."""
    expected, found = await read_source(one, scratch), await read_source(other, scratch)
    if _is_prisma(one) == _is_prisma(other):
        return compare(expected, found)
    if _is_prisma(one):
        return compare(
            expected, visible_to_prisma(_without_undeclared_views(found, expected), expected), ignored=IGNORED_BY_PRISMA
        )
    return compare(
        visible_to_prisma(_without_undeclared_views(expected, found), found), found, ignored=IGNORED_BY_PRISMA
    )


def _without_undeclared_views(catalog: Catalog, declared: Catalog) -> Catalog:
    """Return a catalog without the views that no schema.prisma declares as tables: Prisma makes none."""
    views = (part for part in catalog.relations if not part.is_table)
    return catalog.without(frozenset((part.schema, part.name) for part in views) - declared.by_name.keys())


def _is_prisma(source: str) -> bool:
    address = source.startswith(("postgresql://", "postgres://"))
    return not address and source != "entities" and _find_history(Path(source)) is None


def _exists(source: str) -> bool:
    return Path(source).exists()


def _find_history(folder: Path) -> tuple[Migration, ...] | None:
    """Return the history that a folder holds, or None."""
    if not folder.is_dir():
        return None
    if any(folder.glob("*/migration.sql")) or any(folder.glob("migrations/*/migration.sql")):
        return read_migration_folder(folder, Side.FRONTEND)  # beside them lies SQL that is no migration
    return read_migration_folder(folder, Side.BACKEND) if any(folder.glob("*.sql")) else None


def without_bookkeeping(catalog: Catalog) -> Catalog:
    """Return a catalog without the migrators' own tables, which no schema declares."""
    names = frozenset((part.schema, part.name) for part in catalog.relations if is_bookkeeping(part.name))
    return catalog.without(names)
