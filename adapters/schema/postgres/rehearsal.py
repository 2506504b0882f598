"""Apply migrations statement by statement, and look at the locks, the catalog and the files after each."""

from collections.abc import AsyncIterator, Sequence
from typing import Any, Final

import asyncpg

from strongroom.adapters.postgres.connection import CREATION_SEARCH_PATH
from strongroom.adapters.postgres.migrator.files import Migration, Side
from strongroom.adapters.postgres.migrator.sql_text import SqlStatement
from strongroom.domain.schema.catalog import Catalog
from strongroom.domain.schema.contract import MigrationKind
from strongroom.ports.schema.world import StatementEffect

from .catalog.reader import read_catalog_in_transaction
from .replay import apply_statement, explain_failure, runs_outside_transaction

_LOCKS: Final = """
    SELECT relation, mode FROM pg_locks
    WHERE pid = pg_backend_pid() AND locktype = 'relation' AND granted
    AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
"""
_FILES: Final = """
    SELECT pg_class.oid, relfilenode FROM pg_class JOIN pg_namespace ON pg_namespace.oid = relnamespace
    WHERE relkind IN ('r', 'm') AND nspname = ANY($1)
"""
_NAMES: Final = """
    SELECT own.oid, nspname::text, named.relname::text, own.oid <> named.oid
    FROM pg_class AS own
    JOIN pg_class AS named ON named.oid = CASE WHEN own.relispartition THEN pg_partition_root(own.oid) ELSE own.oid END
    JOIN pg_namespace ON pg_namespace.oid = named.relnamespace
    WHERE own.relkind IN ('r', 'p', 'm', 'v') AND nspname = ANY($1)
"""
"""The relations by their names before a statement, which may rename or drop them; partitions by their root's."""
_NOT_IN_TRANSACTION: Final = frozenset({"25001", "2D000"})
_KINDS: Final = {Side.FRONTEND: MigrationKind.PRISMA, Side.BACKEND: MigrationKind.SQL}
_SchemaState = tuple[Catalog, dict[int, tuple[str, str, bool]], dict[int, int]]
"""A catalog, with the names of tables by their oid (and whether each is a part of another), and their files by it."""


async def rehearse_statements(
    connection: "asyncpg.Connection[Any]", pending: Sequence[Migration], schemas: list[str]
) -> AsyncIterator[StatementEffect]:
    """Apply migrations to a scratch database that nobody else changes, and yield what each statement did.

    Raises ReplayFailed.
    """
    state = await _state(connection, schemas)
    for migration in pending:
        await connection.execute(f"SET search_path = {CREATION_SEARCH_PATH}")
        for statement in migration.statements:
            before, names, files = state
            held = await _execute(connection, migration, statement)
            state = await _state(connection, schemas)
            after, _, files_after = state
            yield StatementEffect(
                migration=migration.label,
                history=_KINDS[migration.side],
                line=statement.line,
                statement=statement.text,
                before=before,
                after=after,
                held=_by_name(held, names),
                rewritten=frozenset(
                    names[oid][:2] for oid, file in files.items() if files_after.get(oid, file) != file
                ),
            )
        await connection.execute("RESET ALL")


def _by_name(
    held: list[tuple[int, str]] | None, names: dict[int, tuple[str, str, bool]]
) -> tuple[tuple[str, str, str], ...] | None:
    """Return locks by the names of their tables; those on partitions are left out."""
    if held is None:
        return None
    return tuple((*names[oid][:2], mode) for oid, mode in held if oid in names and not names[oid][2])


async def _execute(
    connection: "asyncpg.Connection[Any]", migration: Migration, statement: SqlStatement
) -> list[tuple[int, str]] | None:
    """Execute a statement, and return the locks that it held; None where it runs in no transaction to look into."""
    try:
        async with connection.transaction():
            await apply_statement(connection, migration, statement)
            return [(oid, mode) for oid, mode in await connection.fetch(_LOCKS)]
    except asyncpg.PostgresError as error:
        if error.sqlstate not in _NOT_IN_TRANSACTION or not runs_outside_transaction(migration, statement):
            raise explain_failure(migration, statement, error) from None
    try:
        await apply_statement(connection, migration, statement)
    except asyncpg.PostgresError as error:
        raise explain_failure(migration, statement, error) from None
    return None


async def _state(connection: "asyncpg.Connection[Any]", schemas: list[str]) -> _SchemaState:
    async with connection.transaction(isolation="repeatable_read", readonly=True):
        names = {oid: (schema, name, part) for oid, schema, name, part in await connection.fetch(_NAMES, schemas)}
        files = dict(await connection.fetch(_FILES, schemas))
        return await read_catalog_in_transaction(connection, schemas), names, files
