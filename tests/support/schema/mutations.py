"""Random changes of a schema, each with what a comparison has to say of it; and changes that are no drift."""

import random
from collections.abc import Callable, Iterator
from typing import Final

from attrs import frozen

from strongroom.adapters.quoting import quote_identifier
from strongroom.domain.schema.catalog import Catalog, Column, Relation
from strongroom.domain.schema.comparison import Aspect
from strongroom.domain.schema.standalone_objects import EnumType


@frozen
class Mutation:
    """Statements that change a schema, the object they change, and the aspect that must be named."""

    sql: str
    target: str
    aspect: Aspect
    part: str | None = None


OTHER_TYPES: Final = {
    "text": "character varying(40)",
    "integer": "bigint",
    "bigint": "integer",
    "boolean": "text",
    "date": "timestamp with time zone",
    "timestamp with time zone": "timestamp without time zone",
    "jsonb": "json",
    "bytea": "text",
}


def mutations(catalog: Catalog, *, seed: int, count: int) -> Iterator[Mutation]:
    """Yield so many random mutations of the tables and enumerations; the same for the same seed."""
    luck = random.Random(seed)
    for number in range(count):
        mutation = None
        while mutation is None:
            mutation = _MAKERS[number % len(_MAKERS)](catalog, luck)
        yield mutation


def not_drift(catalog: Catalog) -> Iterator[str]:
    """Yield changes that change nothing that anybody relies on."""
    for relation in catalog.relations:
        name = named(relation)
        if not relation.is_table:
            continue
        yield f"COMMENT ON TABLE {name} IS 'a remark'"
        yield f"COMMENT ON COLUMN {name}.{quote_identifier(relation.columns[0].name)} IS 'another'"
        yield f"ALTER TABLE {name} ALTER COLUMN {quote_identifier(relation.columns[0].name)} SET STATISTICS 500"
        if relation.partition_key:
            bounds = "FOR VALUES FROM ('2031-01-01 00:00:00+00') TO ('2031-02-01 00:00:00+00')"
            yield f"CREATE TABLE {relation.name}_2031_01 PARTITION OF {name} {bounds}"
    yield "CREATE ROLE passer_by; GRANT SELECT ON coin TO passer_by"
    yield "CREATE TABLE moved (LIKE chain INCLUDING ALL); DROP TABLE moved"


def named(relation: Relation) -> str:
    """Return the name of a relation as SQL, with its schema."""
    return f"{quote_identifier(relation.schema)}.{quote_identifier(relation.name)}"


def _table(catalog: Catalog, luck: random.Random) -> Relation:
    return luck.choice([relation for relation in catalog.relations if relation.is_table])


def _column(relation: Relation, luck: random.Random, fits: Callable[[Column], bool]) -> Column | None:
    key = relation.primary_key.columns if relation.primary_key else ()
    free = [column for column in relation.columns if column.name not in key and fits(column)]
    return luck.choice(free) if free else None


def _drop_table(catalog: Catalog, luck: random.Random) -> Mutation:
    relation = _table(catalog, luck)
    return Mutation(f"DROP TABLE {named(relation)} CASCADE", relation.name, Aspect.MISSING)


def _rename_table(catalog: Catalog, luck: random.Random) -> Mutation:
    relation = _table(catalog, luck)
    return Mutation(f"ALTER TABLE {named(relation)} RENAME TO {relation.name}_old", relation.name, Aspect.MISSING)


def _add_table(_catalog: Catalog, luck: random.Random) -> Mutation:
    name = f"extra_{luck.randrange(1000)}"
    return Mutation(f"CREATE TABLE {name} (id integer PRIMARY KEY)", name, Aspect.EXTRA)


def _drop_column(catalog: Catalog, luck: random.Random) -> Mutation | None:
    relation = _table(catalog, luck)
    column = _column(relation, luck, lambda column: column.name != relation.partition_key)
    if column is None:
        return None
    sql = f"ALTER TABLE {named(relation)} DROP COLUMN {quote_identifier(column.name)} CASCADE"
    return Mutation(sql, relation.name, Aspect.COLUMN_MISSING, column.name)


def _add_column(catalog: Catalog, luck: random.Random) -> Mutation:
    relation = _table(catalog, luck)
    name = f"extra_{luck.randrange(1000)}"
    return Mutation(f"ALTER TABLE {named(relation)} ADD {name} integer", relation.name, Aspect.COLUMN_EXTRA, name)


def _rename_column(catalog: Catalog, luck: random.Random) -> Mutation | None:
    relation = _table(catalog, luck)
    column = _column(relation, luck, lambda _: True)
    if column is None:
        return None
    new = quote_identifier(column.name + "_new")
    sql = f"ALTER TABLE {named(relation)} RENAME {quote_identifier(column.name)} TO {new}"
    return Mutation(sql, relation.name, Aspect.COLUMN_RENAMED, column.name)


def _retype_column(catalog: Catalog, luck: random.Random) -> Mutation | None:
    relation = _table(catalog, luck)
    used = {name for check in relation.checks for name in relation.column_names if name in check.expression}
    used |= {name for index in relation.indexes for name in relation.column_names if name in (index.predicate or "")}
    used |= {name for key in relation.foreign_keys for name in key.columns}
    column = _column(relation, luck, lambda column: column.type in OTHER_TYPES and column.name not in used)
    if column is None or column.default is not None:
        return None
    other = OTHER_TYPES[column.type]
    sql = f"ALTER TABLE {named(relation)} ALTER COLUMN {quote_identifier(column.name)} TYPE {other} USING NULL::{other}"
    return Mutation(sql, relation.name, Aspect.TYPE, column.name)


def _change_nullability(catalog: Catalog, luck: random.Random) -> Mutation | None:
    relation = _table(catalog, luck)
    column = _column(relation, luck, lambda _: True)
    if column is None:
        return None
    word = "SET" if column.nullable else "DROP"
    sql = f"ALTER TABLE {named(relation)} ALTER COLUMN {quote_identifier(column.name)} {word} NOT NULL"
    return Mutation(sql, relation.name, Aspect.NULLABILITY, column.name)


def _change_default(catalog: Catalog, luck: random.Random) -> Mutation | None:
    relation = _table(catalog, luck)
    column = _column(relation, luck, lambda column: column.default is not None or column.type in ("integer", "text"))
    if column is None:
        return None
    word = "SET DEFAULT '7'" if column.default is None else "DROP DEFAULT"
    sql = f"ALTER TABLE {named(relation)} ALTER COLUMN {quote_identifier(column.name)} {word}"
    return Mutation(sql, relation.name, Aspect.DEFAULT, column.name)


def _drop_index(catalog: Catalog, luck: random.Random) -> Mutation | None:
    relation = _table(catalog, luck)
    plain = [index for index in relation.indexes if not index.unique]
    if not plain:
        return None
    index = luck.choice(plain)
    return Mutation(f"DROP INDEX {quote_identifier(index.name)}", relation.name, Aspect.INDEX_MISSING, index.name)


def _drop_unique(catalog: Catalog, luck: random.Random) -> Mutation | None:
    relation = _table(catalog, luck)
    unique = [index for index in relation.indexes if index.unique]
    if not unique:
        return None
    index = luck.choice(unique)
    return Mutation(
        f"DROP INDEX {quote_identifier(index.name)} CASCADE", relation.name, Aspect.UNIQUE_MISSING, index.name
    )


def _rename_index(catalog: Catalog, luck: random.Random) -> Mutation | None:
    relation = _table(catalog, luck)
    if not relation.indexes:
        return None
    index = luck.choice(relation.indexes)
    sql = f"ALTER INDEX {quote_identifier(index.name)} RENAME TO {quote_identifier('renamed_' + index.name[:40])}"
    return Mutation(sql, relation.name, Aspect.NAME, index.name)


def _change_action(catalog: Catalog, luck: random.Random) -> Mutation | None:
    relation = _table(catalog, luck)
    if not relation.foreign_keys:
        return None
    key = luck.choice(relation.foreign_keys)
    columns, targets = (", ".join(map(quote_identifier, names)) for names in (key.columns, key.target_columns))
    action = "CASCADE" if key.on_delete.value != "CASCADE" else "NO ACTION"
    sql = (
        f"ALTER TABLE {named(relation)} DROP CONSTRAINT {quote_identifier(key.name)}; "
        f"ALTER TABLE {named(relation)} ADD CONSTRAINT {quote_identifier(key.name)} FOREIGN KEY ({columns}) "
        f"REFERENCES {quote_identifier(key.target_schema)}.{quote_identifier(key.target)} ({targets}) "
        f"ON DELETE {action} ON UPDATE {key.on_update.value}"
    )
    return Mutation(sql, relation.name, Aspect.FOREIGN_KEY, key.name)


def _drop_foreign_key(catalog: Catalog, luck: random.Random) -> Mutation | None:
    relation = _table(catalog, luck)
    if not relation.foreign_keys:
        return None
    key = luck.choice(relation.foreign_keys)
    sql = f"ALTER TABLE {named(relation)} DROP CONSTRAINT {quote_identifier(key.name)}"
    return Mutation(sql, relation.name, Aspect.FOREIGN_KEY_MISSING, key.name)


def _drop_check(catalog: Catalog, luck: random.Random) -> Mutation | None:
    relation = _table(catalog, luck)
    if not relation.checks:
        return None
    check = luck.choice(relation.checks)
    sql = f"ALTER TABLE {named(relation)} DROP CONSTRAINT {quote_identifier(check.name)}"
    return Mutation(sql, relation.name, Aspect.CHECK, check.name)


def _enum(catalog: Catalog, luck: random.Random) -> EnumType:
    return luck.choice(catalog.enums)


def _add_label(catalog: Catalog, luck: random.Random) -> Mutation:
    enum = _enum(catalog, luck)
    place = luck.choice(("", f" BEFORE '{enum.labels[0]}'"))
    return Mutation(f"ALTER TYPE {enum.name} ADD VALUE 'extra'{place}", enum.name, Aspect.LABEL_EXTRA, "extra")


def _rename_label(catalog: Catalog, luck: random.Random) -> Mutation:
    enum = _enum(catalog, luck)
    label = luck.choice(enum.labels)
    sql = f"ALTER TYPE {enum.name} RENAME VALUE '{label}' TO 'other'"
    return Mutation(sql, enum.name, Aspect.LABEL_MISSING, label)


def _reorder_labels(catalog: Catalog, luck: random.Random) -> Mutation:
    enum = _enum(catalog, luck)
    first, last = enum.labels[0], enum.labels[-1]
    renames = ((first, "passing"), (last, first), ("passing", last))
    sql = "; ".join(f"ALTER TYPE {enum.name} RENAME VALUE '{old}' TO '{new}'" for old, new in renames)
    return Mutation(sql, enum.name, Aspect.LABEL_ORDER)


_MAKERS: Final[tuple[Callable[[Catalog, random.Random], Mutation | None], ...]] = (
    _drop_table,
    _rename_table,
    _add_table,
    _drop_column,
    _add_column,
    _rename_column,
    _retype_column,
    _change_nullability,
    _change_default,
    _drop_index,
    _drop_unique,
    _rename_index,
    _change_action,
    _drop_foreign_key,
    _drop_check,
    _add_label,
    _rename_label,
    _reorder_labels,
)
