"""What a schema of a database holds, read from pg_catalog: per aspect, the objects by name and the facts of each.

Partitions are left out: they have what their parent has, and a test of their own says so.
"""

from typing import Any, Final

Catalog = dict[str, dict[str, Any]]

RELATIONS: Final = """
    SELECT relname, ARRAY[relkind::text, relpersistence::text, relrowsecurity::text, pg_get_partkeydef(oid)]
    FROM pg_class
    WHERE relnamespace = current_schema()::regnamespace AND NOT relispartition AND relkind NOT IN ('i', 'I', 't')
"""
COLUMNS: Final = """
    SELECT relname || '.' || attname,
           ARRAY[(row_number() OVER (PARTITION BY pg_class.oid ORDER BY attnum))::text,
                 format_type(atttypid, atttypmod), CASE WHEN attnotnull THEN 'NOT NULL' END,
                 pg_get_expr(adbin, adrelid, true), collname::text, attidentity::text || attgenerated::text]
    FROM pg_class JOIN pg_attribute ON attrelid = pg_class.oid
    LEFT JOIN pg_attrdef ON adrelid = pg_class.oid AND adnum = attnum
    LEFT JOIN pg_collation ON pg_collation.oid = attcollation
    WHERE relnamespace = current_schema()::regnamespace AND NOT relispartition AND relkind IN ('r', 'p', 'v', 'm')
    AND attnum > 0 AND NOT attisdropped
"""
CONSTRAINTS: Final = """
    SELECT relname || '.' || conname, pg_get_constraintdef(pg_constraint.oid, true)
    FROM pg_constraint JOIN pg_class ON pg_class.oid = conrelid
    WHERE relnamespace = current_schema()::regnamespace AND NOT relispartition AND position(contype::text IN $1) > 0
"""
INDEXES: Final = """
    SELECT indexrelid::regclass::text,
           pg_get_indexdef(indexrelid, 0, true) || CASE WHEN indisvalid THEN '' ELSE ' INVALID' END
    FROM pg_index JOIN pg_class ON pg_class.oid = indrelid
    WHERE relnamespace = current_schema()::regnamespace AND NOT relispartition AND NOT indisprimary AND indisunique = $1
"""
ENUMS: Final = """
    SELECT typname, array_agg(enumlabel::text ORDER BY enumsortorder)
    FROM pg_enum JOIN pg_type ON pg_type.oid = enumtypid
    WHERE typnamespace = current_schema()::regnamespace GROUP BY typname
"""
TRIGGERS: Final = """
    SELECT tgname, pg_get_triggerdef(pg_trigger.oid, true) || CASE tgenabled WHEN 'O' THEN '' ELSE ' NOT ENABLED' END
    FROM pg_trigger JOIN pg_class ON pg_class.oid = tgrelid
    WHERE relnamespace = current_schema()::regnamespace AND NOT tgisinternal
"""
FUNCTIONS: Final = """
    SELECT proname, pg_get_function_identity_arguments(oid) || ' -> ' || prorettype::regtype
    FROM pg_proc WHERE pronamespace = current_schema()::regnamespace
"""
ORDER_OF_UNIQUES: Final = """
    SELECT relname, array_agg(indexrelid::regclass::text ORDER BY indexrelid)
    FROM pg_index JOIN pg_class ON pg_class.oid = indrelid
    WHERE relnamespace = current_schema()::regnamespace AND NOT relispartition AND indisunique GROUP BY relname
"""
ORDER_OF_FOREIGN_KEYS: Final = """
    SELECT CASE WHEN $1 THEN source.relname ELSE target.relname END,
           array_agg(conname::text ORDER BY pg_constraint.oid)
    FROM pg_constraint
    JOIN pg_class AS source ON source.oid = conrelid JOIN pg_class AS target ON target.oid = confrelid
    WHERE source.relnamespace = current_schema()::regnamespace AND NOT source.relispartition
    AND contype = 'f' AND conparentid = 0 GROUP BY 1
"""

ASPECTS: Final[dict[str, tuple[str, tuple[Any, ...]]]] = {
    "relation": (RELATIONS, ()),
    "column": (COLUMNS, ()),
    "primary key": (CONSTRAINTS, ("p",)),
    "foreign key": (CONSTRAINTS, ("f",)),
    "check": (CONSTRAINTS, ("c",)),
    "other constraint": (CONSTRAINTS, ("uxt",)),
    "unique key": (INDEXES, (True,)),
    "index": (INDEXES, (False,)),
    "enumeration": (ENUMS, ()),
    "trigger": (TRIGGERS, ()),
    "function": (FUNCTIONS, ()),
    "order of unique keys": (ORDER_OF_UNIQUES, ()),
    "order of foreign keys from": (ORDER_OF_FOREIGN_KEYS, (True,)),
    "order of foreign keys to": (ORDER_OF_FOREIGN_KEYS, (False,)),
}
"""Every aspect with its query and the query's arguments.

The orders are those of creation, in which PostgreSQL judges unique keys and foreign keys.
"""


BOOKKEEPING: Final = frozenset({"_prisma_migrations", "strongroom_migration", "strongroom_view_refresh"})
"""Storage's own tables, which hold no entity."""


async def read_migrated(connection: Any) -> Catalog:
    """Return what the migrations made, the migrators' own tables aside."""
    return await read_catalog(connection, "public", without=BOOKKEEPING)


async def read_catalog(connection: Any, schema: str, *, without: frozenset[str] = frozenset()) -> Catalog:
    """Return what a schema holds, aspect by aspect; tables named in ``without`` are left out with all they have."""
    await connection.execute(f'SET LOCAL search_path = "{schema}"')
    return {
        aspect: {name: facts for name, facts in await connection.fetch(query, *arguments) if not _of(name, without)}
        for aspect, (query, arguments) in ASPECTS.items()
    }


def differences(declared: Catalog, found: Catalog) -> list[str]:
    """Return a line for everything that is declared and not found, found and not declared, or not the same."""
    lines = []
    for aspect in ASPECTS:
        mine, theirs = declared[aspect], found[aspect]
        lines += [
            f"{aspect} {name}: declared {mine[name]}, not in the database" for name in sorted({*mine} - {*theirs})
        ]
        lines += [
            f"{aspect} {name}: not declared, in the database {theirs[name]}" for name in sorted({*theirs} - {*mine})
        ]
        lines += [
            f"{aspect} {name}: declared {mine[name]}, in the database {theirs[name]}"
            for name in sorted({*mine} & {*theirs})
            if mine[name] != theirs[name]
        ]
    return lines


def _of(name: str, tables: frozenset[str]) -> bool:
    return name.partition(".")[0] in tables or any(name.startswith(f"{table}_") for table in tables)
