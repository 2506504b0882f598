"""Write an extension's first migration: what its declarations say, as SQL that its owner keeps and may change."""

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from strongroom.adapters.mapping.model import Extension, Model
from strongroom.adapters.mapping.table import Table
from strongroom.adapters.postgres.migrator import Migration, MigrationFolders, load_migrations, migration_order
from strongroom.adapters.schema.prisma.quoting import quote_if_needed
from strongroom.ports.errors import ModelInvalid

from .ddl import enum_sql, foreign_key_sql, index_sql, table_sql, unique_sql, version_trigger_sql

_CREATE_TABLE: Final = re.compile(r'\bCREATE TABLE (?:IF NOT EXISTS )?(?:"?\w+"?\.)?"?(?P<table>\w+)"?\s*\(')


def first_migration(model: Model, extension: Extension, tables: Sequence[Table] | None = None) -> str:
    """Return the text of the migration that creates tables of an extension: all of them, unless some are given.

    With them come their enumerations, keys and indexes. Headers name the migrations of other histories that create what
    the tables refer to. Raises ModelInvalid for a view or a table that is never updated: somebody has to write the
    functions of those.
    """
    chosen = extension.tables if tables is None else tuple(tables)
    for table in chosen:
        if table.materialized or table.immutable:
            message = f"{table.label}: the migration of a view, or of a table that is never updated, is written by hand"
            raise ModelInvalid(message)
    what = extension.name if tables is None else ", ".join(table.name for table in chosen)
    heading = f"{_requires(model, extension, chosen)}-- The tables of {what}."
    return "\n\n".join([heading, *_paragraphs(model, chosen)]) + "\n"


def _paragraphs(model: Model, tables: Sequence[Table]) -> Iterator[str]:
    others = {column.enum_name for table in model.entities if table not in tables for column in table.columns}
    own = {column.enum_name for table in tables for column in table.columns} - others
    types = [f"{enum_sql(name, enum)};" for name, enum in model.enums.items() if name in own]
    if types:
        yield "\n".join(types)
    inline = _are_ordered(tables)
    for table in tables:
        statements = [
            table_sql(table, foreign_keys=table.foreign_keys if inline else ()),
            *(unique_sql(table, unique) for unique in table.uniques[1:]),
            *(index_sql(table, index) for index in table.indexes),
            *version_trigger_sql(table),
        ]
        yield "\n".join(f"{statement};" for statement in statements)
    if not inline:
        yield "\n".join(
            f"ALTER TABLE {quote_if_needed(table.name)} ADD {foreign_key_sql(table, key)};"
            for table in tables
            for key in table.foreign_keys
        )


def _are_ordered(tables: Iterable[Table]) -> bool:
    """Return whether each table can be created with its foreign keys: what they refer to is there before."""
    waiting = {table.name for table in tables}
    for table in tables:
        waiting.discard(table.name)
        for key in table.foreign_keys:
            if key.target in waiting or (key.target == table.name and key.target_fields != table.key):
                return False
    return True


def _requires(model: Model, extension: Extension, tables: Sequence[Table]) -> str:
    """Return the headers that place the migration behind others that create what it refers to, or nothing."""
    targets = {key.target for table in tables for key in table.foreign_keys} - {table.name for table in tables}
    needed = {}
    for migration in migration_order(load_migrations(MigrationFolders.of(model))):
        if migration.history != extension.name and any(_creates(migration, target) for target in targets):
            needed[migration.history] = migration.label
    return "".join(f"-- requires: {label}\n" for label in sorted(needed.values()))


def _creates(migration: Migration, table: str) -> bool:
    return any(found["table"] == table for found in _CREATE_TABLE.finditer(migration.sql))
