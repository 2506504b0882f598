"""Who owns what: the schemas belong to nobody's role, and every object to the migrator of its side."""

from typing import Final

from strongroom.domain.schema.contract import Contract
from strongroom.domain.schema.declaring import identifier

from .objects import read_objects
from .protection import Connection, Gap
from .roles import names_of

_SCHEMAS: Final = """
    SELECT nspname::text AS name, pg_get_userbyid(nspowner)::text AS owner,
           has_schema_privilege('public', pg_namespace.oid, 'CREATE') AS public_creates
    FROM pg_namespace WHERE nspname = ANY ($1)
"""
_PRIVILEGES: Final = """
    SELECT nspname::text AS schema, rolname::text AS role, has_schema_privilege(pg_roles.oid, nsp.oid, 'USAGE') AS uses,
           EXISTS (SELECT FROM aclexplode(nspacl) AS held
                   WHERE held.grantee = pg_roles.oid AND held.privilege_type = 'CREATE') AS creates
    FROM pg_namespace AS nsp CROSS JOIN pg_roles
    WHERE nspname = ANY ($1) AND rolname = ANY ($2)
    ORDER BY 1, 2
"""


async def look_for_schemas(connection: Connection, contract: Contract) -> list[Gap]:
    """Return which schemas are missing or belong to anybody but the owner role, and who may not, or must not, create.

    A migrator creates in the schemas that its side lives in; everybody on either side uses all of them.
    """
    owner = identifier(contract.owner_role)
    found = {row["name"]: row for row in await connection.fetch(_SCHEMAS, list(contract.schemas))}
    gaps = []
    for schema in contract.schemas:
        name = identifier(schema)
        row = found.get(schema)
        if row is None:
            gaps.append(Gap(f"the schema {schema} does not exist", (f"CREATE SCHEMA {name} AUTHORIZATION {owner}",)))
            continue
        if row["owner"] != contract.owner_role:
            statement = f"ALTER SCHEMA {name} OWNER TO {owner}"
            gaps.append(Gap(f"the schema {schema} belongs to {row['owner']}, who can drop it whole", (statement,)))
        if row["public_creates"]:
            gaps.append(Gap(f"anybody may create in {schema}", (f"REVOKE CREATE ON SCHEMA {name} FROM PUBLIC",)))
    creators = {(schema, side.role) for side in contract.sides for schema in side.schemas}
    held = {
        (row["schema"], row["role"]): row
        for row in await connection.fetch(_PRIVILEGES, list(contract.schemas), names_of(contract))
    }
    for schema in contract.schemas:
        for role in names_of(contract):
            row = held.get((schema, role))
            creates, uses = (row["creates"], row["uses"]) if row else (False, False)
            name, to = identifier(schema), identifier(role)
            if not uses:
                gaps.append(Gap(f"{role} may not use {schema}", (f"GRANT USAGE ON SCHEMA {name} TO {to}",)))
            if (schema, role) in creators and not creates:
                gaps.append(Gap(f"{role} may not create in {schema}", (f"GRANT CREATE ON SCHEMA {name} TO {to}",)))
            if creates and (schema, role) not in creators:
                gaps.append(Gap(f"{role} may create in {schema}", (f"REVOKE CREATE ON SCHEMA {name} FROM {to}",)))
    return gaps


async def look_for_owners(connection: Connection, contract: Contract) -> list[Gap]:
    """Return which objects belong to another role than that of their side, and which have no side or several."""
    objects = await read_objects(connection, contract.schemas)
    wholes = [part.target for part in objects if not part.is_part]
    gaps = [Gap(str(finding)) for finding in contract.ownership_findings(dict.fromkeys(wholes))]
    for part in objects:
        side = contract.owner_of(part.target)
        if side is not None and part.owner != contract.side(side).role:
            role = contract.side(side).role
            statement = f"ALTER {part.sql} OWNER TO {identifier(role)}"
            gaps.append(Gap(f"{part.sql} belongs to {part.owner}, not to {role}", (statement,)))
    return gaps
