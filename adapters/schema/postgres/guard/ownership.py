"""Assign owners: the schemas belong to a role that no side uses, and every object to the migrator of its side."""

from collections.abc import Iterable
from typing import Final

from strongroom.adapters.quoting import quote_identifier
from strongroom.domain.schema.contract import Contract, SchemaObject
from strongroom.domain.schema.name_spaces import NameSpace, name_conflicts, name_spaces

from .objects import read_objects, read_part_names
from .protection import Connection, Deviation
from .roles import names_of

_SCHEMAS: Final = """
    SELECT nspname::text AS name, pg_catalog.pg_get_userbyid(nspowner)::text AS owner
    FROM pg_catalog.pg_namespace WHERE nspname::text = ANY ($1::text[])
"""
_PRIVILEGES: Final = """
    SELECT nspname::text AS schema, rolname::text AS role
    FROM pg_catalog.pg_namespace CROSS JOIN pg_catalog.pg_roles
    WHERE nspname::text = ANY ($1::text[]) AND rolname::text = ANY ($2::text[])
      AND pg_catalog.has_schema_privilege(pg_roles.oid, pg_namespace.oid, 'USAGE')
"""
_CREATORS: Final = """
    SELECT nspname::text AS schema, coalesce(rolname::text, 'PUBLIC') AS role
    FROM pg_catalog.pg_namespace CROSS JOIN pg_catalog.aclexplode(nspacl) AS held
    LEFT JOIN pg_catalog.pg_roles ON pg_roles.oid = held.grantee
    WHERE nspname::text = ANY ($1::text[]) AND privilege_type = 'CREATE' AND held.grantee <> nspowner
    ORDER BY 1, 2
"""


async def probe_schemas(connection: Connection, contract: Contract) -> list[Deviation]:
    """Return which schemas are missing or belong to anybody but the owner role, and who may not, or must not, create.

    A migrator creates in the schemas that its side lives in; everybody on either side uses all of them.
    """
    owner = quote_identifier(contract.owner_role)
    found = {row["name"]: row for row in await connection.fetch(_SCHEMAS, list(contract.schemas))}
    gaps = []
    for schema in contract.schemas:
        name = quote_identifier(schema)
        row = found.get(schema)
        if row is None:
            gaps.append(
                Deviation(f"the schema {schema} does not exist", (f"CREATE SCHEMA {name} AUTHORIZATION {owner}",))
            )
            continue
        if row["owner"] != contract.owner_role:
            statement = f"ALTER SCHEMA {name} OWNER TO {owner}"
            gaps.append(
                Deviation(f"the schema {schema} belongs to {row['owner']}, who can drop it whole", (statement,))
            )
    return gaps + await _schema_privileges(connection, contract)


async def _schema_privileges(connection: Connection, contract: Contract) -> list[Deviation]:
    gaps = []
    wanted = [(schema, side.role) for side in contract.sides for schema in side.schemas]
    users = [tuple(row) for row in await connection.fetch(_PRIVILEGES, list(contract.schemas), names_of(contract))]
    creators = [tuple(row) for row in await connection.fetch(_CREATORS, list(contract.schemas))]
    for schema in contract.schemas:
        for role in names_of(contract):
            if (schema, role) not in users:
                statement = f"GRANT USAGE ON SCHEMA {quote_identifier(schema)} TO {quote_identifier(role)}"
                gaps.append(Deviation(f"{role} may not use {schema}", (statement,)))
    for schema, role in wanted:
        if (schema, role) not in creators:
            statement = f"GRANT CREATE ON SCHEMA {quote_identifier(schema)} TO {quote_identifier(role)}"
            gaps.append(Deviation(f"{role} may not create in {schema}", (statement,)))
    for schema, role in creators:
        if (schema, role) not in wanted and role != contract.owner_role:
            grantee = role if role == "PUBLIC" else quote_identifier(role)
            statement = f"REVOKE CREATE ON SCHEMA {quote_identifier(schema)} FROM {grantee} CASCADE"
            gaps.append(Deviation(f"{'anybody' if role == 'PUBLIC' else role} may create in {schema}", (statement,)))
    return gaps


async def probe_owners(connection: Connection, contract: Contract) -> list[Deviation]:
    """Return which objects belong to another role than that of their side, and which have no side or several."""
    objects = await read_objects(connection, contract.schemas)
    wholes = dict.fromkeys(part.target for part in objects if not part.is_part)
    conflicts = name_conflicts(contract, wholes)
    gaps = [Deviation(str(conflict)) for conflict in conflicts]
    unnamed = wholes.keys() - {conflict.target for conflict in conflicts}
    gaps += [Deviation(str(finding)) for finding in contract.ownership_findings(sorted(unnamed))]
    gaps += await _names_of_parts(connection, contract, wholes)
    for part in objects:
        side = contract.owner_of(part.target)
        if side is not None and part.owner != contract.side(side).role:
            role = contract.side(side).role
            statement = f"ALTER {part.sql} OWNER TO {quote_identifier(role)}"
            gaps.append(Deviation(f"{part.sql} belongs to {part.owner}, not to {role}", (statement,)))
    return gaps


async def _names_of_parts(
    connection: Connection, contract: Contract, present: Iterable[SchemaObject]
) -> list[Deviation]:
    """Return which indexes, partitions and owned sequences have the name of a declared object that is not there.

    The object cannot be made while a part has its name.
    """
    claimed = {
        (part.pattern.schema, part.pattern.name): part.side
        for part in contract.ownership
        if not part.pattern.is_glob and NameSpace.RELATION in name_spaces(part.kind)
    }
    missing = claimed.keys() - {(target.schema, target.name) for target in present}
    return [
        Deviation(
            f'the {kind} {schema}.{name} has a name that belongs to the side "{claimed[schema, name]}": rename it'
        )
        for kind, schema, name in await read_part_names(connection, contract.schemas)
        if (schema, name) in missing
    ]
