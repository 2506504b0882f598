"""Write an extension's first migration: what its declarations say, as SQL that its owner keeps and may change."""

import re
from collections.abc import Iterable, Iterator

from strongroom.adapters.mapping.model import Extension, Model
from strongroom.adapters.mapping.table import Table
from strongroom.adapters.postgres.migrator import Migration, MigrationFolders, load_migrations, migration_order
from strongroom.adapters.schema.prisma.quoting import quote_if_needed
from strongroom.ports.errors import ModelInvalid

from .ddl import enum_sql, foreign_key_sql, index_sql, table_sql, unique_sql, version_trigger_sql


def first_migration(model: Model, extension: Extension) -> str:
    """Return the text of the migration that creates an extension's enumerations, tables, keys and indexes.

    Headers name the migrations that create what the tables refer to. Raises ModelInvalid for a view or a table that is
    never updated, whose functions somebody has to write.
    """
    for table in extension.tables:
        if table.materialized or table.immutable:
            message = f"{table.label}: the migration of a view, or of a table that is never updated, is written by hand"
            raise ModelInvalid(message)
    others = Model(*(one for one in model.extensions if one is not extension))
    heading = f"{_requires(others, extension)}-- The tables of {extension.name}."
    return "\n\n".join([heading, *_paragraphs(model, extension, others)]) + "\n"


def _paragraphs(model: Model, extension: Extension, others: Model) -> Iterator[str]:
    types = [f"{enum_sql(name, enum)};" for name, enum in model.enums.items() if name not in others.enums]
    if types:
        yield "\n".join(types)
    inline = _are_ordered(extension.tables)
    for table in extension.tables:
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
            for table in extension.tables
            for key in table.foreign_keys
        )


def _are_ordered(tables: Iterable[Table]) -> bool:
    """Say whether each table can be created with its foreign keys: what they refer to is there before."""
    waiting = {table.name for table in tables}
    for table in tables:
        waiting.discard(table.name)
        for key in table.foreign_keys:
            if key.target in waiting or (key.target == table.name and key.target_fields != table.key):
                return False
    return True


def _requires(others: Model, extension: Extension) -> str:
    """Return the headers that place the migration after those that create what it refers to, or nothing."""
    ordered = migration_order(load_migrations(MigrationFolders.of(others)))
    own = {table.name for table in extension.tables}
    targets = {key.target for table in extension.tables for key in table.foreign_keys} - own
    needed = {}
    for migration in ordered:
        if any(_creates(migration, target) for target in targets):
            needed[migration.history] = migration.label
    return "".join(f"-- requires: {label}\n" for label in sorted(needed.values()))


def _creates(migration: Migration, table: str) -> bool:
    return re.search(rf'\bCREATE TABLE (IF NOT EXISTS )?("?\w+"?\.)?"?{table}"?\s*\(', migration.sql) is not None
