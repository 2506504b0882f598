"""Scratch databases: made empty on a server that is named, else on an embedded one, and dropped in the end."""

from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Iterable, Mapping, Sequence
from contextlib import AsyncExitStack, ExitStack, asynccontextmanager
from typing import Any, Final, Self

import asyncpg
from attrs import define, field, frozen

from strongroom.adapters.embedded import scratch as embedded
from strongroom.adapters.postgres.connection import connect, explain_failure, require_postgres_url
from strongroom.adapters.postgres.driver import DRIVER_ERRORS
from strongroom.adapters.postgres.migrator.files import Migration
from strongroom.adapters.postgres.redaction import redacted
from strongroom.adapters.quoting import quote_identifier
from strongroom.domain.errors import StrongroomError
from strongroom.domain.schema.catalog import Catalog
from strongroom.domain.schema.change_context import ChangeContext
from strongroom.domain.schema.column_change import ColumnChange
from strongroom.domain.schema.page import Name, TableStep
from strongroom.ports.errors import StorageUnavailable
from strongroom.ports.schema.world import StatementEffect

from .postgres.column_changes import read_change, read_started_change
from .postgres.database import CONNECT_TIMEOUT_SECONDS, read_own_catalog
from .postgres.rehearsal import rehearse_statements
from .postgres.replay import extensions_of, replay
from .postgres.table_history import replay_history

READER_TIMEOUT: Final = "10s"


class ScratchFailed(StrongroomError):
    """A scratch database refused what was asked of it, or ended the connection."""


@define
class ScratchServer:
    """A server for throwaway databases: the named server, else an embedded server, started when needed."""

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

    async def replay(self, migrations: Sequence[Migration], schemas: Iterable[str] | None = None) -> Catalog:
        """Return what migrations make of an empty database. Raises ReplayFailed."""
        async with self._replayed_connection(migrations) as connection:
            return await read_own_catalog(connection, schemas)

    async def replay_steps(
        self, migrations: Sequence[Migration], schemas: Sequence[str]
    ) -> tuple[Catalog, Mapping[Name, tuple[TableStep, ...]]]:
        """Return what migrations make, and what each did to the tables that exist in the end. Raises ReplayFailed."""
        async with self.connection(extensions_of(migrations)) as connection:
            return await replay_history(connection, migrations, schemas)

    async def rehearse(
        self, before: Sequence[Migration], pending: Sequence[Migration], schemas: Sequence[str]
    ) -> AsyncIterator[StatementEffect]:
        """Apply a history, then the pending migrations statement by statement; yields each effect.

        Raises ReplayFailed.
        """
        async with self.connection(extensions_of([*before, *pending])) as connection:
            await replay(connection, before)
            async for effect in rehearse_statements(connection, pending, list(schemas)):
                yield effect

    @asynccontextmanager
    async def replayed(self, migrations: Sequence[Migration]) -> AsyncIterator["ReplayedScratch"]:
        """Open a database to which a history has been applied. Raises ReplayFailed."""
        async with self._replayed_connection(migrations) as connection:
            yield ReplayedScratch(connection)

    @asynccontextmanager
    async def _replayed_connection(
        self, migrations: Sequence[Migration]
    ) -> AsyncIterator["asyncpg.Connection[asyncpg.Record]"]:
        async with self.connection(extensions_of(migrations)) as connection:
            await replay(connection, migrations)
            yield connection

    @asynccontextmanager
    async def _database(self, extensions: Collection[str] = ()) -> AsyncIterator[embedded.ScratchDatabase]:
        if self._started is None:
            if self.url is not None:
                require_postgres_url(self.url)
            self._started = self.url or self._stack.enter_context(embedded.scratch_server())
        made = (
            embedded.confined_database(self._started, extensions)
            if self.url is None
            else embedded.named_database(self._started)
        )
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


@frozen
class ReplayedScratch:
    """A scratch database to which a history has been applied."""

    _connection: "asyncpg.Connection[asyncpg.Record]"

    async def read_catalog(self, schemas: Sequence[str]) -> Catalog:
        """Return what the schemas hold."""
        return await read_own_catalog(self._connection, schemas)

    async def apply(self, migrations: Iterable[Migration]) -> None:
        """Apply further migrations. Raises ReplayFailed."""
        await replay(self._connection, migrations)

    async def read_change(self, change: ColumnChange, schemas: Sequence[str]) -> ChangeContext:
        """Read what a change is made from. Raises ColumnChangeRefused."""
        return await read_change(self._connection, change, schemas)

    async def read_started_change(self, change: ColumnChange, schemas: Sequence[str]) -> ChangeContext:
        """Read what a change that has begun was made from. Raises ColumnChangeRefused."""
        return await read_started_change(self._connection, change, schemas)


@asynccontextmanager
async def _connected(url: str, **options: Any) -> AsyncIterator["asyncpg.Connection[asyncpg.Record]"]:
    connection = await connect(url, timeout=CONNECT_TIMEOUT_SECONDS, **options)
    try:
        yield connection
    finally:
        await connection.close()
