"""The mapping written out as SQL, so that PostgreSQL brings it into the form in which its catalog holds a schema."""

from collections.abc import Iterable, Iterator

from strongroom.adapters.mapping.announcements import ANNOUNCEMENTS
from strongroom.adapters.mapping.columns import Column
from strongroom.adapters.mapping.model import Model
from strongroom.adapters.mapping.table import Owner, Table, Unique
from strongroom.adapters.quoting import quote_identifier, quote_literal


def declared_schema_sql(schema: str, model: Model) -> Iterator[str]:
    """Yield the statements that create a schema with all that a model declares."""
    yield f"CREATE SCHEMA {quote_identifier(schema)}"
    yield f"SET LOCAL search_path = {quote_identifier(schema)}"
    for name, enum in model.enums.items():
        yield f"CREATE TYPE {name} AS ENUM ({_joined(quote_literal(member.value) for member in enum)})"
    yield "CREATE FUNCTION refuse_update() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END'"
    for table in model.tables:
        yield _table_sql(table)
        yield from (_unique_sql(table, unique) for unique in table.uniques[1:])
        for index in table.indexes:
            where = f" WHERE {index.where}" if index.where else ""
            yield f"CREATE INDEX {index.name} ON {quote_identifier(table.name)} ({_joined(index.fields)}){where}"
        if table.immutable:
            yield (
                f"CREATE TRIGGER {table.immutable} BEFORE UPDATE ON {quote_identifier(table.name)} "
                "FOR EACH ROW EXECUTE FUNCTION refuse_update()"
            )
    for view in model.views:
        columns = _joined(f"NULL::{column.type} AS {column.name}" for column in view.columns)
        yield f"CREATE MATERIALIZED VIEW {quote_identifier(view.name)} AS SELECT {columns} WITH NO DATA"
        yield f"CREATE UNIQUE INDEX {view.primary_key.name} ON {quote_identifier(view.name)} ({_joined(view.key)})"
    names = {table.name for table in model.tables}
    for name in (name for name in ANNOUNCEMENTS if name in names):
        table_name = quote_identifier(name)
        yield f"CREATE FUNCTION announce_{name}() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END'"
        yield (
            f"CREATE TRIGGER {name}_announce AFTER INSERT ON {table_name} REFERENCING NEW TABLE AS inserted "
            f"FOR EACH STATEMENT EXECUTE FUNCTION announce_{name}()"
        )
    for table in model.creation_order:
        # Prisma writes ON UPDATE CASCADE for the tables it owns; a key of the backend never changes.
        on_update = "CASCADE" if table.owner is Owner.FRONTEND else "NO ACTION"
        altered = f"ALTER TABLE {quote_identifier(table.name)}"
        for key in table.foreign_keys:
            yield (
                f"{altered} ADD CONSTRAINT {key.name} FOREIGN KEY ({_joined(key.fields)}) "
                f"REFERENCES {quote_identifier(key.target)} ({_joined(key.target_fields)}) "
                f"ON UPDATE {on_update} ON DELETE {key.on_delete.value}"
            )


def _table_sql(table: Table) -> str:
    parts = [
        *(_column_sql(table, column) for column in table.columns),
        f"CONSTRAINT {table.key_name} PRIMARY KEY ({_joined(table.key)})",
        *(f"CONSTRAINT {check.name} CHECK ({check.sql})" for check in table.checks),
    ]
    partitioning = f" PARTITION BY RANGE ({table.partitioned_by})" if table.partitioned_by else ""
    return f"CREATE TABLE {quote_identifier(table.name)} ({_joined(parts)}){partitioning}"


def _column_sql(table: Table, column: Column) -> str:
    kind = column.type
    if table.owner is Owner.FRONTEND and kind == "timestamp with time zone":
        kind = "timestamp(6) with time zone"  # the same type; Prisma writes the precision
    collation = ' COLLATE "C"' if column.is_text else ""
    default = "" if column.default is None else f" DEFAULT {column.default}"
    return f"{column.name} {kind}{collation}{'' if column.optional else ' NOT NULL'}{default}"


def _unique_sql(table: Table, unique: Unique) -> str:
    where = f" WHERE {unique.where}" if unique.where else ""
    nulls = "" if unique.nulls_distinct else " NULLS NOT DISTINCT"
    keys = unique.expression or _joined(unique.fields)
    return f"CREATE UNIQUE INDEX {unique.name} ON {quote_identifier(table.name)} ({keys}){nulls}{where}"


def _joined(parts: Iterable[str]) -> str:
    return ", ".join(parts)
