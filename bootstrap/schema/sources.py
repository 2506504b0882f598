"""What a schema can be read from: a database, a schema.prisma, a history of migrations, or the entities."""

from collections.abc import AsyncIterator, Iterable, Sequence
from contextlib import ExitStack, asynccontextmanager
from pathlib import Path
from typing import Final, Self

import asyncpg
from attrs import define, field

from strongroom.adapters.embedded.scratch import scratch_database, scratch_server
from strongroom.adapters.mapping.ddl import statements
from strongroom.adapters.postgres.catalog import read_catalogue
from strongroom.adapters.postgres.connecting import connect, connection_problem, require_postgres_url
from strongroom.adapters.postgres.migrator.files import Migration, Side
from strongroom.adapters.postgres.redaction import redacted
from strongroom.adapters.postgres.replay import from_dump, in_order, read_history, replay
from strongroom.adapters.prisma import catalogue_of, needs_server, read_schema_files, server_spelling
from strongroom.adapters.prisma.sight import BLIND, seen
from strongroom.domain.errors import StrongroomError
from strongroom.domain.schema.catalogue import Catalogue
from strongroom.domain.schema.comparison import Difference, compare
from strongroom.domain.schema.contract import Contract, MigrationKind
from strongroom.ports.errors import StorageUnavailable

BOOKKEEPING: Final = frozenset({"_prisma_migrations", "strongroom_migration"})
"""The migrators' own tables, which no schema declares."""
TIMEOUT: Final = 10.0


class SourceInvalid(StrongroomError):
    """What was named is nothing that a schema can be read from."""


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
    async def connection(self) -> AsyncIterator["asyncpg.Connection[asyncpg.Record]"]:
        """Connect to a database that is empty, and dropped in the end. Raises StorageUnavailable."""
        if self._started is None:
            if self.url is not None:
                require_postgres_url(self.url)
            self._started = self.url or self._stack.enter_context(scratch_server())
        try:
            context = scratch_database(self._started)
            url = await context.__aenter__()
        except asyncpg.InsufficientPrivilegeError as error:
            message = (
                f"{redacted(self._started)}: {error.message}: scratch databases need a user that has CREATEDB, "
                "or no --scratch at all, which is an embedded server"
            )
            raise StorageUnavailable(message) from None
        except (asyncpg.PostgresError, asyncpg.InterfaceError, OSError, TimeoutError, ValueError) as error:
            raise connection_problem(self._started, error) from None
        try:
            connection = await connect(url, timeout=TIMEOUT)
            try:
                yield connection
            finally:
                await connection.close()
        finally:
            await context.__aexit__(None, None, None)


async def of_database(url: str, schemas: Iterable[str] | None = None) -> Catalogue:
    """Return what a database holds, without the migrators' bookkeeping. Raises StorageUnavailable."""
    connection = await connect(url, timeout=TIMEOUT)
    try:
        return _without_bookkeeping(await read_catalogue(connection, schemas))
    finally:
        await connection.close()


async def of_prisma(path: Path, scratch: Scratch, default_schema: str = "public") -> Catalogue:
    """Return what a schema.prisma, or a folder of them, declares. Raises PrismaSchemaError, PrismaFilesError.

    SQL within it (dbgenerated, Unsupported, conditions of indexes) is written as a server writes it.
    """
    schema = read_schema_files(path)
    declared = catalogue_of(schema, default_schema)
    if not needs_server(schema):
        return declared
    async with scratch.connection() as connection:
        for name in {enum.schema for enum in declared.enums} - {"public"}:
            await connection.execute(f'CREATE SCHEMA IF NOT EXISTS "{name}"')
        for enum in declared.enums:
            labels = ", ".join("'" + label.replace("'", "''") + "'" for label in enum.labels)
            await connection.execute(f'CREATE TYPE "{enum.schema}"."{enum.name}" AS ENUM ({labels})')
        return catalogue_of(schema, default_schema, await server_spelling(connection, schema, default_schema))


async def of_entities(scratch: Scratch, schema: str = "public") -> Catalogue:
    """Return what the entities declare: their tables as PostgreSQL holds them, without the functions' bodies."""
    async with scratch.connection() as connection:
        async with connection.transaction():
            for statement in statements(schema):
                if not statement.startswith("CREATE SCHEMA"):
                    await connection.execute(statement)
        found = await read_catalogue(connection, [schema])
    return Catalogue(relations=found.relations, enums=found.enums, types=found.types)


async def of_migrations(
    scratch: Scratch, migrations: Sequence[Migration], schemas: Iterable[str] | None = None
) -> Catalogue:
    """Return what migrations make of an empty database. Raises ReplayFailed."""
    async with scratch.connection() as connection:
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


async def read_source(source: str, scratch: Scratch) -> Catalogue:
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
        return compare(expected, seen(_of_tables(found, expected), expected), blind=BLIND)
    return compare(seen(_of_tables(expected, found), found), found, blind=BLIND)


def _of_tables(catalogue: Catalogue, declared: Catalogue) -> Catalogue:
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


def _without_bookkeeping(catalogue: Catalogue) -> Catalogue:
    names = frozenset((part.schema, part.name) for part in catalogue.relations if part.name in BOOKKEEPING)
    return catalogue.without(names)
