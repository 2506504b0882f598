"""What pending migrations will do, seen by applying them statement by statement to a scratch database."""

from collections.abc import Container, Sequence
from typing import Any, Final

import asyncpg

from strongroom.adapters.postgres.connection import CREATION_SEARCH_PATH
from strongroom.adapters.postgres.migrator.files import Migration
from strongroom.adapters.postgres.migrator.sql_text import SqlStatement
from strongroom.adapters.schema.postgres.catalog.reader import read_catalog_in_transaction
from strongroom.adapters.schema.postgres.ddl.safe_alternatives import safe_alternatives
from strongroom.adapters.schema.postgres.replay import (
    apply_statement,
    explain_failure,
    extensions_of,
    replay,
    runs_outside_transaction,
)
from strongroom.adapters.schema.prisma.to_catalog.visibility import IGNORED_BY_PRISMA, visible_to_prisma
from strongroom.domain.schema.catalog import Catalog
from strongroom.domain.schema.comparison import COMPARE_ALL, Aspect, Difference, compare
from strongroom.domain.schema.contract import Contract, Language, MigrationKind, SchemaObject
from strongroom.domain.schema.findings import explain
from strongroom.domain.schema.impact import (
    UNDECLARED,
    LockTaken,
    ReaderImpact,
    StatementImpact,
    Verdict,
    verdict,
)
from strongroom.domain.schema.transition import project_onto

from .check import Declaration
from .sources import ScratchServer

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
_LOCK_STRENGTH: Final = (
    "AccessShareLock",
    "RowShareLock",
    "RowExclusiveLock",
    "ShareUpdateExclusiveLock",
    "ShareLock",
    "ShareRowExclusiveLock",
    "ExclusiveLock",
    "AccessExclusiveLock",
)
_CONCURRENT: Final = "ShareUpdateExclusiveLock"
"""What CREATE, DROP and REINDEX CONCURRENTLY hold on the table, from beginning to end."""
_OF_INDEXES: Final = frozenset(
    {Aspect.INDEX, Aspect.INDEX_EXTRA, Aspect.INDEX_MISSING, Aspect.UNIQUE_EXTRA, Aspect.UNIQUE_MISSING}
)
_NOT_IN_TRANSACTION: Final = frozenset({"25001", "2D000"})
_WEAK_LOCKS: Final = 3
"""Locks weaker than this one's place in the order keep nobody from reading or writing."""
_SchemaState = tuple[Catalog, dict[int, tuple[str, str, bool]], dict[int, int]]
"""A catalog, with the names of tables by their oid (and whether each is a part of another), and their files by it."""


async def analyze_impact(  # noqa: PLR0913 - what is compared with what
    contract: Contract,
    before: Sequence[Migration],
    pending: Sequence[Migration],
    declared: Sequence[Declaration],
    scratch: ScratchServer,
    *,
    live: Catalog | None = None,
) -> list[StatementImpact]:
    """Return what every statement of the pending migrations does; ``live`` tells how large the tables really are.

    Raises ReplayFailed where one cannot be applied.
    """
    impacts = []
    async with scratch.connection(extensions_of([*before, *pending])) as connection:
        await replay(connection, before)
        state = await _state(connection, list(contract.schemas))
        for migration in pending:
            readers = [one for one in declared if not _is_own_migration(contract, one, migration)]
            found, state = await _migration_impact(connection, contract, migration, readers, live, state)
            impacts += found
    return impacts


def _is_own_migration(contract: Contract, one: Declaration, migration: Migration) -> bool:
    kinds = {"prisma": MigrationKind.PRISMA, "pg": MigrationKind.SQL}
    return contract.side(one.declared_schema.side).kind is kinds[migration.side.value]


async def _migration_impact(  # noqa: PLR0913 - what is compared with what
    connection: "asyncpg.Connection[Any]",
    contract: Contract,
    migration: Migration,
    readers: Sequence[Declaration],
    live: Catalog | None,
    state: _SchemaState,
) -> tuple[list[StatementImpact], _SchemaState]:
    """Return what each statement does, and the state after the last: nobody else changes the scratch database."""
    impacts = []
    schemas = list(contract.schemas)
    first = state[0]
    await connection.execute(f"SET search_path = {CREATION_SEARCH_PATH}")
    for statement in migration.statements:
        before, names, files = state
        held = await _execute(connection, migration, statement)
        state = await _state(connection, schemas)
        after, _, files_after = state
        changes = compare(before, after)
        rewritten = {names[oid][:2] for oid, file in files.items() if files_after.get(oid, file) != file}
        held_by_name = [(*names[oid][:2], mode) for oid, mode in held or () if oid in names and not names[oid][2]]
        if held is None:
            held_by_name = [(*key, _CONCURRENT) for key in _tables_with_index_changes(changes)]
        locks = _locks(held_by_name, first, rewritten, live)
        impacts.append(
            StatementImpact(
                migration=migration.label,
                line=statement.line,
                statement=" ".join(statement.text.split())[:200],
                changes=tuple(map(str, changes)),
                readers=tuple(_readers(contract, readers, before, after)),
                locks=locks,
                advice=safe_alternatives(changes, locks, before, after),
            )
        )
    await connection.execute("RESET ALL")
    return impacts, state


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


def _tables_with_index_changes(changes: Sequence[Difference]) -> list[tuple[str, str]]:
    """Return the tables whose indexes a statement made or dropped."""
    return [(one.target.schema, one.target.name) for one in changes if one.aspect in _OF_INDEXES]


async def _state(connection: "asyncpg.Connection[Any]", schemas: list[str]) -> _SchemaState:
    async with connection.transaction(isolation="repeatable_read", readonly=True):
        names = {oid: (schema, name, part) for oid, schema, name, part in await connection.fetch(_NAMES, schemas)}
        files = dict(await connection.fetch(_FILES, schemas))
        return await read_catalog_in_transaction(connection, schemas), names, files


def _locks(
    held: Sequence[tuple[str, str, str]], before: Catalog, rewritten: set[tuple[str, str]], live: Catalog | None
) -> tuple[LockTaken, ...]:
    """Return the strongest lock on each table that was there before the migration and that somebody could miss."""
    strongest: dict[tuple[str, str], str] = {}
    for schema, name, mode in held:
        known = strongest.get((schema, name), _LOCK_STRENGTH[0])
        strongest[schema, name] = max(known, mode, key=_LOCK_STRENGTH.index)
    taken = []
    for key, mode in sorted(strongest.items()):
        relation = before.by_name.get(key)
        if relation is None or _LOCK_STRENGTH.index(mode) < _WEAK_LOCKS:
            continue
        sized = live.by_name.get(key, relation) if live else relation
        taken.append(LockTaken(relation.object, mode, key in rewritten, sized.estimated_rows, sized.size_bytes))
    return tuple(taken)


def _readers(contract: Contract, readers: Sequence[Declaration], before: Catalog, after: Catalog) -> list[ReaderImpact]:
    """Return what the change does to each reader: the differences from its declarations that were not there before."""
    found = []
    for one in readers:
        was, becomes = (project_onto(state, one.catalog, contract.changes) for state in (before, after))
        known = set(_differences(one, was))
        absent = {difference.target for difference in known if difference.aspect is Aspect.MISSING}
        new = [difference for difference in _differences(one, becomes) if difference not in known]
        told = {(difference.target, difference.aspect, difference.part) for difference in new}
        for difference in (*new, *_undeclared_changes(one, was, becomes, told)):
            if difference.target in absent:
                continue  # it was so before, or worse
            when = verdict(difference, after)
            why = explain(difference, one.declared_schema, None, after)
            text = f"{difference}: {why.breaks}" if when is not Verdict.NEVER else f"{difference}"
            found.append(ReaderImpact(one.declared_schema.side, one.declared_schema.name, when, text))
    return found


def _undeclared_changes(
    one: Declaration, before: Catalog, after: Catalog, told: Container[tuple[SchemaObject, Aspect, str | None]]
) -> list[Difference]:
    """Return what comes to the tables that a reader declares and that its language has no words for."""
    return [
        change
        for change in compare(before, after)
        if change.aspect in UNDECLARED
        and change.found not in (None, "false")
        and (change.target.schema, change.target.name) in one.catalog.by_name
        and (change.target, change.aspect, change.part) not in told
    ]


def _differences(one: Declaration, found: Catalog) -> list[Difference]:
    prisma = one.declared_schema.language is Language.PRISMA
    visible = visible_to_prisma(found, one.catalog) if prisma else found
    names, enums = one.catalog.by_name, one.catalog.enums_by_name
    known = Catalog(
        relations=tuple(part for part in visible.relations if (part.schema, part.name) in names),
        enums=tuple(part for part in visible.enums if (part.schema, part.name) in enums),
    )
    blind = IGNORED_BY_PRISMA if prisma else COMPARE_ALL
    expected = Catalog(relations=one.catalog.relations, enums=one.catalog.enums)
    return compare(expected, known, ignored=blind)
