"""Which migrations touched a table: seen by applying them one by one to an empty database, not read from their text."""

from collections.abc import Iterable, Sequence
from typing import Any

import asyncpg

from strongroom.adapters.postgres.migrator.files import Migration
from strongroom.adapters.schema.postgres.database import read_own_catalog
from strongroom.adapters.schema.postgres.replay import replay_migration
from strongroom.domain.schema.catalog import Catalog, Relation
from strongroom.domain.schema.page import Name, TableStep

_OIDS = """
SELECT c.oid::bigint AS oid, n.nspname AS schema, c.relname AS name
FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f')
"""
_RelationsByOid = dict[int, Relation]


async def replay_history(
    connection: "asyncpg.Connection[Any]", migrations: Sequence[Migration], schemas: Iterable[str]
) -> tuple[Catalog, dict[Name, tuple[TableStep, ...]]]:
    """Apply migrations to an empty database; return what they make, and what each did to the tables of the end.

    A table keeps its history when it is renamed, and loses it when it is dropped and created again. Comments and
    partitions do not count as changes. Raises ReplayFailed.
    """
    names = tuple(schemas)
    found = Catalog()
    before: _RelationsByOid = {}
    told: dict[int, list[TableStep]] = {}
    for migration in migrations:
        await replay_migration(connection, migration)
        found = await read_own_catalog(connection, names)
        after = await _relations_by_oid(connection, found)
        for oid, relation in after.items():
            step = _table_steps(migration, before.get(oid), relation)
            if step is not None:
                told.setdefault(oid, []).append(step)
        before = after
    steps = {(relation.schema, relation.name): tuple(told[oid]) for oid, relation in before.items()}
    return found, steps


async def _relations_by_oid(connection: "asyncpg.Connection[Any]", found: Catalog) -> _RelationsByOid:
    """Return the relations by what PostgreSQL knows them by, which a change of the name leaves as it is."""
    rows = await connection.fetch(_OIDS)
    return {
        row["oid"]: found.by_name[row["schema"], row["name"]]
        for row in rows
        if (row["schema"], row["name"]) in found.by_name
    }


def _table_steps(migration: Migration, before: Relation | None, after: Relation) -> TableStep | None:
    if before is None:
        return TableStep(migration=migration.label, did="created")
    if (before.schema, before.name) != (after.schema, after.name):
        return TableStep(migration=migration.label, did=f"renamed from {before.schema}.{before.name}")
    return TableStep(migration=migration.label, did="changed") if before != after else None
