"""The register of the event triggers: whether it agrees with the contract, and knows every present object."""

from typing import Final

from strongroom.adapters.quoting import quote_literal
from strongroom.domain.schema.contract import Contract, Ownership
from strongroom.domain.schema.name_spaces import name_spaces, sync_functions

from .globs import glob_regex
from .guard_schema import GUARD_SCHEMA, TABLES
from .objects import read_objects, read_other_objects
from .protection import Connection, Deviation
from .roles import roles_of
from .triggers import probe_event_triggers

_READABLE: Final = """
    SELECT pg_catalog.bool_and(pg_catalog.has_schema_privilege(relnamespace, 'USAGE')
                               AND pg_catalog.has_table_privilege(pg_class.oid, 'SELECT'))
    FROM pg_catalog.pg_class JOIN pg_catalog.pg_namespace ON pg_namespace.oid = relnamespace
    WHERE nspname = $1 AND relname::text = ANY ($2::text[])
"""
_TABLE: Final = {
    "side_role": "SELECT role::text, side FROM strongroom_guard.side_role",
    "declared": "SELECT kind, name_spaces::text, schema, name, is_glob::text, side FROM strongroom_guard.declared",
}
_OWNED: Final = "SELECT class_id, object_id, side FROM strongroom_guard.owned"


async def probe_register(connection: Connection, contract: Contract) -> list[Deviation]:
    """Return what the event triggers do not know of the contract: roles, names that are given, and present objects."""
    readable = await connection.fetchval(_READABLE, GUARD_SCHEMA, list(TABLES))
    if readable is None:
        return [Deviation("the event triggers know nothing, for they are not there: a superuser has to install them")]
    if not readable:
        return [Deviation("the present user may not look into the register: look as a role of a side")]
    if await probe_event_triggers(connection, contract):
        return [Deviation("the register is not read while the event triggers are not as they should be")]
    gaps = await _deviation_of_table(
        connection, "side_role", {(role.name, role.side) for role in roles_of(contract)}, "roles"
    )
    gaps += await _deviation_of_table(connection, "declared", rows_of_names(contract), "names")
    wanted = {
        (part.class_id, part.object_id, side)
        for part in await read_objects(connection, contract.schemas)
        if not part.is_part and (side := contract.owner_of(part.target)) is not None
    }
    sides = {side.role: side.name for side in contract.sides}
    wanted |= {
        (class_id, object_id, sides[owner])
        for class_id, object_id, owner in await read_other_objects(connection, contract.schemas, list(sides))
    }
    unknown = sorted(wanted - {tuple(row) for row in await connection.fetch(_OWNED)})
    if unknown:
        values = ", ".join(f"({class_id}, {object_id}, {quote_literal(side)})" for class_id, object_id, side in unknown)
        statement = (
            f"SELECT {GUARD_SCHEMA}.register(class::pg_catalog.oid, object::pg_catalog.oid, side::pg_catalog.text) "
            f"FROM (VALUES {values}) AS unknown (class, object, side)"
        )
        gaps.append(Deviation(f"the event triggers do not know {len(unknown)} of the objects", (statement,)))
    return gaps


def rows_of_names(contract: Contract) -> set[tuple[str, ...]]:
    """Return the names that a contract gives to its sides as the register keeps them, every value as text.

    A side that has the database to itself shares its names with nobody: there are none.
    """
    if len(contract.sides) == 1:
        return set()
    return {_declared(part) for part in (*contract.ownership, *sync_functions(contract))}


def _declared(part: Ownership) -> tuple[str, ...]:
    spaces = ",".join(sorted(space.value for space in name_spaces(part.kind)))
    pattern = part.pattern
    schema, name = pattern.schema, pattern.name
    if pattern.is_glob:
        schema, name = glob_regex(schema), glob_regex(name)
    kind = part.kind.value if part.kind is not None else ""
    return kind, f"{{{spaces}}}", schema, name, str(pattern.is_glob).lower(), part.side


async def _deviation_of_table(
    connection: Connection, table: str, wanted: set[tuple[str, ...]], what: str
) -> list[Deviation]:
    """Return the deviation of a small table from its expected rows; its fix rewrites the whole table."""
    found = {tuple(row) for row in await connection.fetch(_TABLE[table])}
    if found == wanted:
        return []
    values = ", ".join(f"({', '.join(map(quote_literal, row))})" for row in sorted(wanted))
    statements = [f"DELETE FROM {GUARD_SCHEMA}.{table}"]
    statements += [f"INSERT INTO {GUARD_SCHEMA}.{table} VALUES {values}"] if values else []
    return [Deviation(f"the event triggers know other {what} than the contract", tuple(statements))]
