"""Read a column's dependents and those that a change keeps: PostgreSQL makes the change itself, then rolls it back."""

from collections.abc import Sequence
from typing import Any, Final, TypeAlias

import asyncpg
from attrs import evolve

from strongroom.adapters.quoting import quote_identifier
from strongroom.domain.schema.change_context import ChangeContext, ColumnState, Dependent, DependentView
from strongroom.domain.schema.column_change import (
    ColumnChange,
    ColumnChangeRefused,
    RenameOrRetype,
    SetNotNull,
    Target,
    counterpart,
    is_named_independently,
)

from ..catalog.reader import read_catalog_in_transaction
from .rehearsal import require_updatable

Connection: TypeAlias = "asyncpg.Connection[Any]"

_COLUMN: Final = """
    SELECT attnum, attnotnull, attidentity::text, attgenerated::text, format_type(atttypid, atttypmod),
        pg_get_expr(adbin, adrelid), col_description(attrelid, attnum),
        CASE WHEN attcollation <> typcollation THEN attcollation::regcollation::text END,
        relkind = 'p', attrelid::bigint
    FROM pg_attribute JOIN pg_class ON pg_class.oid = attrelid JOIN pg_namespace ON pg_namespace.oid = relnamespace
    JOIN pg_type ON pg_type.oid = atttypid LEFT JOIN pg_attrdef ON adrelid = attrelid AND adnum = attnum
    WHERE nspname = $1 AND relname = $2 AND attname = $3 AND relkind IN ('r', 'p') AND NOT attisdropped
"""
_GRANTS: Final = """
    SELECT CASE grantee WHEN 0 THEN 'PUBLIC' ELSE grantee::regrole::text END, privilege_type, is_grantable
    FROM pg_attribute, aclexplode(attacl) WHERE attrelid = $1 AND attnum = $2 ORDER BY 1, 2
"""
_DEPENDENTS: Final = """
    SELECT pg_describe_object(classid, objid, objsubid), relation.relkind::text, relation.relname::text,
        contype::text, conname::text, confrelid = refobjid AND refobjsubid = ANY (confkey), conrelid = refobjid,
        adrelid = refobjid AND adnum = refobjsubid, view.relkind::text, view_schema.nspname::text, view.relname::text
    FROM pg_depend
    LEFT JOIN pg_class relation ON classid = 'pg_class'::regclass AND relation.oid = objid
    LEFT JOIN pg_constraint ON classid = 'pg_constraint'::regclass AND pg_constraint.oid = objid
    LEFT JOIN pg_attrdef ON classid = 'pg_attrdef'::regclass AND pg_attrdef.oid = objid
    LEFT JOIN pg_rewrite ON classid = 'pg_rewrite'::regclass AND pg_rewrite.oid = objid
    LEFT JOIN pg_class view ON view.oid = ev_class
    LEFT JOIN pg_namespace view_schema ON view_schema.oid = view.relnamespace
    WHERE refclassid = 'pg_class'::regclass AND refobjid = $1 AND refobjsubid = $2
    ORDER BY 1
"""
_KEYS: Final = """
    SELECT EXISTS (SELECT FROM pg_index WHERE indrelid = $1 AND indisprimary AND $2 = ANY (indkey)),
        EXISTS (SELECT FROM pg_partitioned_table WHERE partrelid = $1 AND $2 = ANY (partattrs)),
        EXISTS (SELECT FROM pg_inherits JOIN pg_class ON pg_class.oid = inhrelid
            WHERE inhparent = $1 AND NOT relispartition)
"""
_CONSTRAINT: Final = """
    SELECT pg_get_constraintdef(pg_constraint.oid), pg_get_indexdef(NULLIF(conindid, 0)), convalidated
    FROM pg_constraint WHERE conrelid = $1 AND conname = $2
"""
_TRIGGERS: Final = """
    SELECT pg_get_triggerdef(oid) FROM pg_trigger
    WHERE tgrelid = $1 AND NOT tgisinternal AND tgenabled <> 'D' AND tgtype & 16 <> 0 ORDER BY tgname
"""
_MENTIONS: Final = """
    SELECT pg_proc.oid::regprocedure::text FROM pg_proc JOIN pg_namespace ON pg_namespace.oid = pronamespace
    WHERE nspname = ANY ($1) AND prosrc ~ ('\\m' || $2 || '\\M') ORDER BY 1
"""
CONSTRAINT_KINDS: Final = {"u": "unique", "c": "check", "f": "foreign key"}


async def read_change(connection: Connection, change: ColumnChange, schemas: Sequence[str]) -> ChangeContext:
    """Read what a change is made from; the connection's database is left as it was.

    Raises ChangeRefused for a column that is not there, for what cannot be carried over, and for a change that
    PostgreSQL itself refuses.
    """
    transaction = connection.transaction()
    await transaction.start()
    try:
        await connection.execute("SET LOCAL search_path = ''")
        return await _read(connection, change, schemas)
    except asyncpg.PostgresError as error:
        message = f"{change}: PostgreSQL refuses the change: {error.message} (SQLSTATE {error.sqlstate})"
        raise ColumnChangeRefused(message) from None
    finally:
        await transaction.rollback()


async def _read(connection: Connection, change: ColumnChange, schemas: Sequence[str]) -> ChangeContext:
    row = await connection.fetchrow(_COLUMN, change.schema, change.table, change.column)
    if row is None:
        message = f"{change}: the histories make no such column of a table"
        raise ColumnChangeRefused(message)
    number, oid = row[0], row[9]
    await _require_changeable(connection, change, row)
    rows = await connection.fetch(_DEPENDENTS, oid, number)
    moved = change if isinstance(change, RenameOrRetype) else None
    await require_updatable(connection, change)
    dependents, views = _dependents(change, rows) if moved else ((), ())
    grants = tuple((to, what, further) for to, what, further in await connection.fetch(_GRANTS, oid, number))
    fires = tuple(definition for (definition,) in await connection.fetch(_TRIGGERS, oid))
    mentions = tuple(name for (name,) in await connection.fetch(_MENTIONS, list(schemas), change.column))
    await _apply_at_once(connection, change)
    for dependent in dependents:
        await _rename_dependent(connection, change, dependent, dependent.name, dependent.step)
    told = tuple([await _with_definition(connection, change, dependent, oid) for dependent in dependents])
    shown = tuple([await _view_definition(connection, schema, name) for schema, name in views])
    for dependent in dependents:
        await _rename_dependent(connection, change, dependent, dependent.step, dependent.final_name)
    column = change.new if isinstance(change, RenameOrRetype) else change.column
    left = await connection.fetchrow(_COLUMN, change.schema, change.table, column)
    return ChangeContext(
        column=_state(row),
        target_state=_state(left) if left else None,
        catalog=await read_catalog_in_transaction(connection, schemas),
        partitioned=row[8],
        dependents=told,
        views=shown,
        grants=grants,
        triggers_fired=fires,
        mentions=mentions,
    )


def _state(row: Any) -> ColumnState:
    return ColumnState(type=row[4], nullable=not row[1], default=row[5], comment=row[6], collation=row[7])


async def _require_changeable(connection: Connection, change: Target, row: Any) -> None:
    """Raise for columns that cannot have a second form beside them."""
    number, oid = row[0], row[9]
    primary, partitioning, inherited = (await connection.fetch(_KEYS, oid, number))[0]
    reasons = (
        (primary, "it is part of the primary key, of which there is one; map the name in code instead (@map)"),
        (partitioning, "the table is partitioned by it"),
        (inherited, "other tables inherit it, and would not inherit the trigger that keeps it in step"),
        (row[2] != "", "it is an identity column"),
        (row[3] != "", "it is generated from others"),
    )
    for applies, reason in reasons:
        if applies:
            message = f"{change} cannot be changed in steps: {reason}"
            raise ColumnChangeRefused(message)


def _dependents(change: Target, rows: Sequence[Any]) -> tuple[tuple[Dependent, ...], tuple[tuple[str, str], ...]]:
    """Return the column's indexes and constraints, and the views that show it. Raises ChangeRefused for the rest."""
    found: dict[tuple[str, str], Dependent] = {}
    views: dict[tuple[str, str], None] = {}
    for told, relation, index, kind, constraint, referred, own, default, view, schema, name in rows:
        if default:
            continue
        if view == "v":
            views[schema, name] = None
        elif relation in ("i", "I"):
            found["index", index] = _counterpart_name(change, "index", index)
        elif kind in CONSTRAINT_KINDS and own and not referred:
            found[CONSTRAINT_KINDS[kind], constraint] = _counterpart_name(change, CONSTRAINT_KINDS[kind], constraint)
        else:
            what = told.removeprefix("rule _RETURN on ")
            message = (
                f"{change} cannot be changed in steps: {what} depends on it. Take that away in a migration of its own "
                "first, and make it anew when the change is done"
            )
            raise ColumnChangeRefused(message)
    return tuple(found.values()), tuple(views)


def _counterpart_name(change: Target, kind: str, name: str) -> Dependent:
    new = change.new if isinstance(change, RenameOrRetype) else change.column
    step = counterpart(name, change.column, new)
    return Dependent(
        kind=kind, name=name, step=step, final_name=name if is_named_independently(name, change.column) else step
    )


async def _apply_at_once(connection: Connection, change: ColumnChange) -> None:
    """Make the change in one step, which is not safe while others read the column."""
    table, column = quote_identifier(change.schema, change.table), quote_identifier(change.column)
    if isinstance(change, SetNotNull):
        await connection.execute(f"SELECT ({change.fill}) WHERE false")  # its names are found without a search path
        await connection.execute(f"ALTER TABLE {table} ALTER COLUMN {column} SET NOT NULL")
    elif isinstance(change, RenameOrRetype):
        await connection.execute(f"ALTER TABLE {table} RENAME COLUMN {column} TO {quote_identifier(change.new)}")
        if change.type is not None:
            using = (change.forward_sql or f"CAST({{}} AS {change.type})").replace("{}", quote_identifier(change.new))
            await connection.execute(
                f"ALTER TABLE {table} ALTER COLUMN {quote_identifier(change.new)} TYPE {change.type} USING {using}"
            )
    else:
        await connection.execute(f"ALTER TABLE {table} DROP COLUMN {column}")


async def _rename_dependent(connection: Connection, change: Target, dependent: Dependent, old: str, new: str) -> None:
    if old == new:
        return
    if dependent.kind == "index":
        statement = f"ALTER INDEX {quote_identifier(change.schema, old)} RENAME TO {quote_identifier(new)}"
    else:
        table = quote_identifier(change.schema, change.table)
        statement = f"ALTER TABLE {table} RENAME CONSTRAINT {quote_identifier(old)} TO {quote_identifier(new)}"
    await connection.execute(statement)


async def _with_definition(connection: Connection, change: Target, dependent: Dependent, oid: int) -> Dependent:
    """Return an index or constraint with the definition of its counterpart."""
    if dependent.kind == "index":
        name = quote_identifier(change.schema, dependent.step)
        definition = await connection.fetchval("SELECT pg_get_indexdef($1::text::regclass)", name)
        return evolve(dependent, definition=definition)
    definition, index, validated = (await connection.fetch(_CONSTRAINT, oid, dependent.step))[0]
    return evolve(dependent, definition=definition, index=index, validated=validated)


async def _view_definition(connection: Connection, schema: str, name: str) -> DependentView:
    definition = await connection.fetchval("SELECT pg_get_viewdef($1::text::regclass)", quote_identifier(schema, name))
    return DependentView(schema, name, definition.rstrip().rstrip(";"))
