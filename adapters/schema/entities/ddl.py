"""The mapping written out as SQL, so that PostgreSQL brings it into the form in which its catalog holds a schema."""

from collections.abc import Iterable, Iterator
from enum import Enum

from strongroom.adapters.mapping.announcements import ANNOUNCEMENTS
from strongroom.adapters.mapping.columns import Column
from strongroom.adapters.mapping.model import Model
from strongroom.adapters.mapping.names import KEEP_VERSIONS
from strongroom.adapters.mapping.table import ForeignKey, Index, Owner, Table, Unique, version_trigger_names
from strongroom.adapters.postgres.connection import SAFE_SEARCH_PATH
from strongroom.adapters.postgres.locks import LISTENER_KEY
from strongroom.adapters.quoting import quote_identifier, quote_literal
from strongroom.adapters.schema.prisma.quoting import quote_if_needed


def declared_schema_sql(schema: str, model: Model) -> Iterator[str]:
    """Yield the statements that create a schema with all that a model declares."""
    yield f"CREATE SCHEMA {quote_identifier(schema)}"
    yield f"SET LOCAL search_path = {quote_identifier(schema)}"
    yield from (enum_sql(name, enum) for name, enum in model.enums.items())
    yield "CREATE FUNCTION refuse_update() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END'"
    for table in model.tables:
        yield table_sql(table)
        yield from (unique_sql(table, unique) for unique in table.uniques[1:])
        yield from (index_sql(table, index) for index in table.indexes)
        if table.immutable:
            yield (
                f"CREATE TRIGGER {table.immutable} BEFORE UPDATE ON {quote_identifier(table.name)} "
                "FOR EACH ROW EXECUTE FUNCTION refuse_update()"
            )
        yield from version_trigger_sql(table)
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
            f"FOR EACH STATEMENT WHEN (NOT (pg_try_advisory_lock({LISTENER_KEY}) "
            f"AND pg_advisory_unlock({LISTENER_KEY}))) EXECUTE FUNCTION announce_{name}()"
        )
    for table in model.creation_order:
        for key in table.foreign_keys:
            yield f"ALTER TABLE {quote_identifier(table.name)} ADD {foreign_key_sql(table, key)}"


def enum_sql(name: str, enum: type[Enum]) -> str:
    """Return the statement that creates an enumeration."""
    return f"CREATE TYPE {name} AS ENUM ({_joined(quote_literal(str(member.value)) for member in enum)})"


def table_sql(table: Table, foreign_keys: Iterable[ForeignKey] = ()) -> str:
    """Return the statement that creates a table with its primary key, its checks and some of its foreign keys."""
    parts = [
        *(_column_sql(table, column) for column in table.columns),
        f"CONSTRAINT {table.key_name} PRIMARY KEY ({_names(table.key)})",
        *(foreign_key_sql(table, key) for key in foreign_keys),
        *(f"CONSTRAINT {check.name} CHECK ({check.sql})" for check in table.checks),
    ]
    partitioning = f" PARTITION BY RANGE ({quote_if_needed(table.partitioned_by)})" if table.partitioned_by else ""
    lines = ",\n".join(f"    {part}" for part in parts)
    return f"CREATE TABLE {quote_if_needed(table.name)} (\n{lines}\n){partitioning}"


def unique_sql(table: Table, unique: Unique) -> str:
    """Return the statement that creates the index of a unique key."""
    where = f" WHERE {unique.where}" if unique.where else ""
    nulls = "" if unique.nulls_distinct else " NULLS NOT DISTINCT"
    keys = unique.expression or _names(unique.fields)
    return f"CREATE UNIQUE INDEX {unique.name} ON {quote_if_needed(table.name)} ({keys}){nulls}{where}"


def index_sql(table: Table, index: Index) -> str:
    """Return the statement that creates an index."""
    where = f" WHERE {index.where}" if index.where else ""
    parts = (part.removesuffix(" DESC") for part in index.fields)
    keys = _joined(
        quote_if_needed(part) + (" DESC" if given.endswith(" DESC") else "")
        for part, given in zip(parts, index.fields, strict=True)
    )
    return f"CREATE INDEX {index.name} ON {quote_if_needed(table.name)} ({keys}){where}"


def version_trigger_sql(table: Table) -> Iterator[str]:
    """Yield the function and the trigger that raise the version of a row whose writer has left it alone.

    The trigger's condition is false for writers that raise it themselves, as strongroom does. Nothing is yielded for
    a table without versions.
    """
    if not table.versioned:
        return
    function, trigger = version_trigger_names(table)
    yield f"""CREATE FUNCTION {function}() RETURNS trigger LANGUAGE plpgsql SET search_path = {SAFE_SEARCH_PATH} AS $$
BEGIN
    IF current_setting('{KEEP_VERSIONS}', true) IS DISTINCT FROM 'on' THEN
        NEW.version := OLD.version + 1;
    END IF;
    RETURN NEW;
END
$$"""
    yield f"""CREATE TRIGGER {trigger} BEFORE UPDATE ON {quote_if_needed(table.name)}
FOR EACH ROW WHEN (NEW.version <= OLD.version AND OLD.* IS DISTINCT FROM NEW.*) EXECUTE FUNCTION {function}()"""


def foreign_key_sql(table: Table, key: ForeignKey) -> str:
    """Return a foreign key as CREATE TABLE and ALTER TABLE … ADD write it.

    Prisma writes ON UPDATE CASCADE for the tables it owns; a key of the backend never changes.
    """
    on_update = " ON UPDATE CASCADE" if table.owner is Owner.FRONTEND else ""
    return (
        f"CONSTRAINT {key.name} FOREIGN KEY ({_names(key.fields)}) "
        f"REFERENCES {quote_if_needed(key.target)} ({_names(key.target_fields)}){on_update} "
        f"ON DELETE {key.on_delete.value}"
    )


def _column_sql(table: Table, column: Column) -> str:
    kind = column.type
    if table.owner is Owner.FRONTEND and kind == "timestamp with time zone":
        kind = "timestamp(6) with time zone"  # the same type; Prisma writes the precision
    collation = ' COLLATE "C"' if column.is_text else ""
    default = "" if column.default is None else f" DEFAULT {column.default}"
    return f"{quote_if_needed(column.name)} {kind}{collation}{'' if column.optional else ' NOT NULL'}{default}"


def _names(names: Iterable[str]) -> str:
    return _joined(map(quote_if_needed, names))


def _joined(parts: Iterable[str]) -> str:
    return ", ".join(parts)
