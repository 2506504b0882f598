"""Compare the schema of the guard, as it is, with what the guard would make of it.

A role that owned the database before the guard came could make the schema first, or put something into it. Nothing that
is found there is read, called or kept before all of it is known to be the guard's.
"""

from collections.abc import Mapping
from typing import Any, Final

from attrs import Factory, define

from strongroom.adapters.quoting import quote_identifier
from strongroom.domain.schema.contract import Contract

from .event_functions import FUNCTIONS, RETIRED_FUNCTIONS
from .guard_function import SETTINGS, GuardFunction
from .guard_schema import GUARD_SCHEMA, TABLES, GuardTable
from .protection import Connection

_OWNER: Final = """
    SELECT pg_catalog.pg_get_userbyid(nspowner)::text FROM pg_catalog.pg_namespace WHERE nspname = $1
"""
_CONTENTS: Final = """
    SELECT DISTINCT classid, objid, pg_catalog.pg_describe_object(classid, objid, 0) AS described
    FROM pg_catalog.pg_depend
    WHERE refclassid = 'pg_catalog.pg_namespace'::regclass
      AND refobjid = (SELECT oid FROM pg_catalog.pg_namespace WHERE nspname = $1)
      AND classid <> 'pg_catalog.pg_publication_namespace'::regclass
    ORDER BY 3
"""
_TABLES: Final = """
    SELECT pg_class.oid, relname::text AS name, pg_catalog.pg_get_userbyid(relowner)::text AS owner,
           relkind = 'r' AS is_table,
           relkind = 'r' AND relpersistence = 'p' AND NOT relispartition AND NOT relrowsecurity
               AND NOT relforcerowsecurity AND reloptions IS NULL
               AND NOT EXISTS (SELECT FROM pg_catalog.pg_inherits WHERE inhrelid = pg_class.oid) AS plain,
           ARRAY(
               SELECT pg_catalog.concat_ws(
                   ' ', attname, pg_catalog.format_type(atttypid, atttypmod), CASE WHEN attnotnull THEN 'NOT NULL' END,
                   'DEFAULT ' || pg_catalog.pg_get_expr(adbin, adrelid), 'IDENTITY ' || nullif(attidentity, '')::text,
                   'GENERATED ' || nullif(attgenerated, '')::text,
                   CASE WHEN attcollation <> typcollation THEN 'COLLATE' END)
               FROM pg_catalog.pg_attribute JOIN pg_catalog.pg_type ON pg_type.oid = atttypid
               LEFT JOIN pg_catalog.pg_attrdef ON adrelid = attrelid AND adnum = attnum
               WHERE attrelid = pg_class.oid AND attnum > 0 AND NOT attisdropped ORDER BY attnum
           ) AS columns,
           ARRAY(
               SELECT attname::text
               FROM pg_catalog.pg_constraint CROSS JOIN pg_catalog.unnest(conkey) WITH ORDINALITY AS key (number, place)
               JOIN pg_catalog.pg_attribute ON attrelid = conrelid AND attnum = number
               WHERE conrelid = pg_class.oid AND contype = 'p' AND NOT condeferrable ORDER BY place
           ) AS key,
           ARRAY(
               SELECT DISTINCT part.type || ' ' || part.identity
               FROM pg_catalog.pg_depend, pg_catalog.pg_identify_object(classid, objid, objsubid) AS part
               WHERE refclassid = 'pg_catalog.pg_class'::regclass AND refobjid = pg_class.oid
                 AND part.type NOT IN ('toast table', 'publication relation')
                 AND NOT EXISTS (SELECT FROM pg_catalog.pg_rewrite
                                 WHERE classid = 'pg_catalog.pg_rewrite'::regclass AND pg_rewrite.oid = objid
                                   AND ev_class <> refobjid)
           ) AS parts
    FROM pg_catalog.pg_class JOIN pg_catalog.pg_namespace ON pg_namespace.oid = relnamespace
    WHERE nspname = $1 AND relname::text = ANY ($2::text[])
"""
_FUNCTIONS: Final = """
    SELECT pg_proc.oid, proname::text AS name, pg_catalog.pg_get_function_arguments(pg_proc.oid) AS arguments,
           pg_catalog.pg_get_function_result(pg_proc.oid) AS result, prosrc AS body, provolatile = 'v' AS volatile,
           pg_catalog.pg_get_userbyid(proowner)::text AS owner, proconfig AS settings,
           lanname = 'plpgsql' AND prokind = 'f' AND prosecdef AND NOT proleakproof AND NOT proisstrict
               AND prosupport = 0 AND provolatile IN ('s', 'v') AS plain
    FROM pg_catalog.pg_proc JOIN pg_catalog.pg_namespace ON pg_namespace.oid = pronamespace
    JOIN pg_catalog.pg_language ON pg_language.oid = prolang
    WHERE nspname = $1
"""


@define
class Inspection:
    """The deviations from an installed guard: people have to resolve ``foreign``; ``statements`` fix the rest.

    Each text of ``foreign`` and of ``altered`` describes one deviation.
    """

    foreign: list[str] = Factory(list)
    altered: list[str] = Factory(list)
    statements: list[str] = Factory(list)
    present: list[str] = Factory(list)
    """The guard's tables that are there, to be locked before they are fixed."""


async def inspect(connection: Connection, contract: Contract) -> Inspection:
    """Compare every object in the schema of the guard, with its owner and all that hangs on it.

    Grants are compared by ``guard_grants``.
    """
    found = Inspection()
    owner = contract.owner_role
    schema_owner = await connection.fetchval(_OWNER, GUARD_SCHEMA)
    contents = await connection.fetch(_CONTENTS, GUARD_SCHEMA)
    tables = {row["name"]: row for row in await connection.fetch(_TABLES, GUARD_SCHEMA, list(TABLES))}
    functions = {row["name"]: row for row in await connection.fetch(_FUNCTIONS, GUARD_SCHEMA) if _is_expected(row)}
    if schema_owner != owner:
        if contents:
            listed = ", ".join(row["described"] for row in contents)
            found.foreign.append(
                f"the schema {GUARD_SCHEMA} belongs to {schema_owner}, who can replace whatever is in it: {listed}; "
                f"look at each of them, then drop the schema with CASCADE, or give it to {owner}"
            )
            return found
        found.altered.append(f"the schema {GUARD_SCHEMA}")
        found.statements += [f"DROP SCHEMA {GUARD_SCHEMA}"] if schema_owner is not None else []
        found.statements.append(f"CREATE SCHEMA {GUARD_SCHEMA} AUTHORIZATION {quote_identifier(owner)}")
    expected = {row["oid"] for row in (*tables.values(), *functions.values())}
    sequences = {f"sequence {GUARD_SCHEMA}.{name}" for table in TABLES.values() for name in table.sequences}
    retired = {f"function {signature}" for signature in RETIRED_FUNCTIONS}
    for row in contents:
        if row["described"] in retired:
            found.altered.append(f"{row['described']} of an earlier version")
            found.statements.append(f"DROP {row['described'].replace('function', 'FUNCTION', 1)}")
        elif row["objid"] not in expected and row["described"] not in sequences:
            found.foreign.append(f"{row['described']} is not the guard's: drop it, or move it to another schema")
    for table in TABLES.values():
        _compare_table(found, table, tables.get(table.name), owner)
    for function in FUNCTIONS.values():
        _compare_function(found, function, functions.get(function.name), owner)
    return found


def _compare_table(found: Inspection, table: GuardTable, row: Mapping[str, Any] | None, owner: str) -> None:
    give = f"ALTER TABLE {table.qualified} OWNER TO {quote_identifier(owner)}"
    if row is None:
        found.altered.append(f"the table {table.name}")
        found.statements += [table.create_sql, give]
        return
    extra = sorted({*row["parts"]} - table.parts)
    beyond = [part for part in extra if not _hangs_on(part, table)]
    found.foreign += [f"the {part} depends on {table.qualified}: drop it" for part in beyond]
    problems = [f"has the {part}" for part in extra if part not in beyond]
    problems += [f"lacks the {part}" for part in sorted(table.parts - {*row["parts"]})]
    if not row["plain"]:
        problems.append("is no plain table" if row["is_table"] else "is no table")
    if row["columns"] != list(map(_described, table.columns)) or tuple(row["key"]) != table.key:
        problems.append("has other columns or another primary key")
    if not row["is_table"] or (problems and not table.recomputable):
        found.foreign.append(
            f"{table.qualified} {', '.join(problems)}: save what you need of it, drop it, and install again"
        )
        return
    found.present.append(table.qualified)
    if problems or row["owner"] != owner:
        reason = ", ".join(problems) or f"belongs to {row['owner']}"
        found.altered.append(f"the table {table.name}, which {reason}")
        found.statements += (
            [give] if not table.recomputable else [f"DROP TABLE {table.qualified}", table.create_sql, give]
        )


def _compare_function(found: Inspection, function: GuardFunction, row: Mapping[str, Any] | None, owner: str) -> None:
    if row is not None:
        as_declared = (
            row["plain"]
            and row["owner"] == owner
            and (row["body"], row["result"], row["volatile"]) == (function.body, function.result, function.volatile)
            and tuple(row["settings"] or ()) == SETTINGS
        )
        if as_declared:
            return
        found.statements.append(f"DROP FUNCTION {function.signature}")
    found.altered.append(f"the function {function.name}")
    found.statements += [
        function.create_sql,
        f"ALTER FUNCTION {function.signature} OWNER TO {quote_identifier(owner)}",
        f"REVOKE EXECUTE ON FUNCTION {function.signature} FROM PUBLIC",
    ]


def _is_expected(row: Mapping[str, Any]) -> bool:
    function = FUNCTIONS.get(row["name"])
    return function is not None and row["arguments"] == function.arguments


def _hangs_on(part: str, table: GuardTable) -> bool:
    """Return whether what depends on a table goes with it, and is no object of its own elsewhere."""
    return f"{part}.".startswith((f"index {GUARD_SCHEMA}.", f"default value for {table.qualified}.")) or part.endswith(
        f" on {table.qualified}"
    )


def _described(column: Any) -> str:
    words = [column.name, column.type, "" if column.nullable else "NOT NULL"]
    words.append(f"DEFAULT {column.default}" if column.default is not None else "")
    words.append("IDENTITY a" if column.identity else "")
    return " ".join(word for word in words if word)
