"""The event triggers: whether they are there, unchanged and switched on, and whether they know every object."""

from typing import Final

from strongroom.domain.schema.contract import Contract
from strongroom.domain.schema.declaring import identifier, literal

from .objects import read_objects
from .protection import Connection, Gap
from .roles import roles_of
from .trigger_sql import FUNCTIONS, GUARD_SCHEMA, TABLES, TRIGGERS

_FUNCTIONS: Final = """
    SELECT proname::text AS name, prosrc AS body, pg_get_userbyid(proowner)::text AS owner, prosecdef AS definer
    FROM pg_proc WHERE pronamespace = to_regnamespace($1)
"""
_TABLES: Final = """
    SELECT relname::text AS name, pg_get_userbyid(relowner)::text AS owner
    FROM pg_class WHERE relnamespace = to_regnamespace($1) AND relkind = 'r'
"""
_TRIGGERS: Final = """
    SELECT evtname::text AS name, evtevent::text AS event, proname::text AS function, nspname::text AS schema,
           evtenabled IN ('O', 'A') AND evttags IS NULL AS on
    FROM pg_event_trigger JOIN pg_proc ON pg_proc.oid = evtfoid JOIN pg_namespace ON pg_namespace.oid = pronamespace
"""
_READABLE: Final = """
    SELECT bool_and(has_schema_privilege(relnamespace, 'USAGE') AND has_table_privilege(oid, 'SELECT'))
    FROM pg_class WHERE relnamespace = to_regnamespace($1) AND relkind = 'r'
"""
_READERS: Final = """
    SELECT rolname::text FROM pg_roles
    WHERE rolname = ANY ($1) AND NOT (has_schema_privilege(oid, $2, 'USAGE')
          AND (SELECT bool_and(has_table_privilege(pg_roles.oid, pg_class.oid, 'SELECT'))
               FROM pg_class WHERE relnamespace = to_regnamespace($2) AND relname = ANY ($3)))
"""


async def look_for_triggers(connection: Connection, contract: Contract) -> list[Gap]:
    """Return which parts of the event triggers are missing, changed, switched off, or in wrong hands."""
    owner = identifier(contract.owner_role)
    tables = {row["name"]: row["owner"] for row in await connection.fetch(_TABLES, GUARD_SCHEMA)}
    functions = {row["name"]: row for row in await connection.fetch(_FUNCTIONS, GUARD_SCHEMA)}
    triggers = {row["name"]: row for row in await connection.fetch(_TRIGGERS)}
    lacking: list[str] = []
    statements: list[str] = []
    if await connection.fetchval("SELECT to_regnamespace($1) IS NULL", GUARD_SCHEMA):
        lacking.append(f"the schema {GUARD_SCHEMA}")
        statements.append(f"CREATE SCHEMA {GUARD_SCHEMA} AUTHORIZATION {owner}")
    for name, create in TABLES.items():
        if tables.get(name) != contract.owner_role:
            lacking.append(f"the table {name}")
            alter = f"ALTER TABLE {GUARD_SCHEMA}.{name} OWNER TO {owner}"
            statements += [alter] if name in tables else [create, alter]
    for name, (body, create) in FUNCTIONS.items():
        row = functions.get(name)
        if row is None or row["body"] != body or row["owner"] != contract.owner_role or not row["definer"]:
            lacking.append(f"the function {name}")
            statements.append(create)
            statements.append(f"ALTER FUNCTION {GUARD_SCHEMA}.{name} OWNER TO {owner}")
            if name not in {function for _, function in TRIGGERS.values()}:
                statements.append(f"REVOKE EXECUTE ON FUNCTION {GUARD_SCHEMA}.{name} FROM PUBLIC")
    for name, (event, function) in TRIGGERS.items():
        row = triggers.get(name)
        found = (row["event"], row["function"], row["schema"], row["on"]) if row else None
        if found != (event, function, GUARD_SCHEMA, True):
            lacking.append(f"the event trigger {name}")
            statements += [f"DROP EVENT TRIGGER {name}"] if row else []
            statements.append(f"CREATE EVENT TRIGGER {name} ON {event} EXECUTE FUNCTION {GUARD_SCHEMA}.{function}()")
    return [Gap(f"not there, or not as they should be: {', '.join(lacking)}", tuple(statements))] if lacking else []


async def look_for_register(connection: Connection, contract: Contract) -> list[Gap]:
    """Return what the event triggers do not know of the contract: roles, names that are given, and present objects."""
    readable = await connection.fetchval(_READABLE, GUARD_SCHEMA)
    if readable is None:
        return [Gap("the event triggers know nothing, for they are not there: a superuser has to install them")]
    if not readable:
        return [Gap("the present user may not look into the register: look as a role of a side")]
    wanted_roles: set[tuple[str, ...]] = {(role.name, role.side) for role in roles_of(contract)}
    wanted_names: set[tuple[str, ...]] = {
        (part.kind.value, part.pattern.schema, part.pattern.name, part.side)
        for part in contract.ownership
        if part.kind is not None and not part.pattern.is_glob
    }
    wanted_objects = {
        (part.class_id, part.object_id, side)
        for part in await read_objects(connection, contract.schemas)
        if not part.is_part and (side := contract.owner_of(part.target)) is not None
    }
    gaps = await _differing(connection, "side_role", "role::text, side", wanted_roles, "roles")
    gaps += await _differing(connection, "declared", "kind, schema, name, side", wanted_names, "names")
    known = await connection.fetch(f"SELECT class_id, object_id, side FROM {GUARD_SCHEMA}.owned")
    unknown = sorted(wanted_objects - {tuple(row) for row in known})
    if unknown:
        statements = [
            f"SELECT {GUARD_SCHEMA}.register({class_id}, {object_id}, {literal(side)})"
            for class_id, object_id, side in unknown
        ]
        gaps.append(Gap(f"the event triggers do not know {len(unknown)} of the objects", tuple(statements)))
    names = [side.role for side in contract.sides]
    for (name,) in await connection.fetch(_READERS, names, GUARD_SCHEMA, list(TABLES)):
        tables = ", ".join(f"{GUARD_SCHEMA}.{table}" for table in sorted(TABLES))
        statements = [
            f"GRANT USAGE ON SCHEMA {GUARD_SCHEMA} TO {identifier(name)}",
            f"GRANT SELECT ON {tables} TO {identifier(name)}",
        ]
        gaps.append(Gap(f"{name} cannot read the log", tuple(statements)))
    return gaps


async def _differing(
    connection: Connection, table: str, columns: str, wanted: set[tuple[str, ...]], what: str
) -> list[Gap]:
    """Return the gap between a small table and what it is to hold; closing it writes the table anew."""
    found = {tuple(row) for row in await connection.fetch(f"SELECT {columns} FROM {GUARD_SCHEMA}.{table}")}
    if found == wanted:
        return []
    values = ", ".join(f"({', '.join(map(literal, row))})" for row in sorted(wanted))
    statements = [f"DELETE FROM {GUARD_SCHEMA}.{table}"]
    statements += [f"INSERT INTO {GUARD_SCHEMA}.{table} VALUES {values}"] if values else []
    return [Gap(f"the event triggers know other {what} than the contract", tuple(statements))]
