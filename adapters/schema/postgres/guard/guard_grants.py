"""The grants in the schema of the guard: the migrators read the tables and approve, and nobody else may do anything."""

from typing import Final

from strongroom.adapters.quoting import quote_identifier
from strongroom.domain.schema.contract import Contract

from .event_functions import FUNCTIONS
from .guard_schema import GUARD_SCHEMA, TABLES
from .protection import Connection, Deviation

_GRANTS: Final = """
    WITH guard AS (SELECT oid, nspowner, nspacl FROM pg_catalog.pg_namespace WHERE nspname::text = $1::text),
    grants AS (
        SELECT 'SCHEMA' AS word, pg_catalog.quote_ident($1::text) AS name, nspowner AS owner,
               coalesce(nspacl, pg_catalog.acldefault('n', nspowner)) AS acl
        FROM guard
        UNION ALL
        SELECT CASE relkind WHEN 'S' THEN 'SEQUENCE' ELSE 'TABLE' END, pg_catalog.format('%I.%I', $1::text, relname),
               relowner,
               coalesce(relacl, pg_catalog.acldefault((CASE relkind WHEN 'S' THEN 's' ELSE 'r' END)::"char", relowner))
        FROM pg_catalog.pg_class JOIN guard ON guard.oid = relnamespace WHERE relkind IN ('r', 'S')
        UNION ALL
        SELECT pg_catalog.format('(%I) ON TABLE', attname), pg_catalog.format('%I.%I', $1::text, relname), relowner,
               attacl
        FROM pg_catalog.pg_class JOIN guard ON guard.oid = relnamespace
        JOIN pg_catalog.pg_attribute ON attrelid = pg_class.oid
        WHERE relkind = 'r' AND attacl IS NOT NULL AND NOT attisdropped
        UNION ALL
        SELECT 'FUNCTION', pg_catalog.format('%I.%I(%s)', $1::text, proname,
                                             pg_catalog.pg_get_function_arguments(pg_proc.oid)), proowner,
               coalesce(proacl, pg_catalog.acldefault('f', proowner))
        FROM pg_catalog.pg_proc JOIN guard ON guard.oid = pronamespace
    )
    SELECT DISTINCT word, name, coalesce(rolname::text, 'PUBLIC') AS grantee, privilege_type AS privilege
    FROM grants CROSS JOIN pg_catalog.aclexplode(acl) AS held
    LEFT JOIN pg_catalog.pg_roles ON pg_roles.oid = held.grantee
    WHERE held.grantee <> owner
    ORDER BY 1, 2, 3, 4
"""


async def probe_guard_grants(connection: Connection, contract: Contract) -> list[Deviation]:
    """Return which grants on the guard's own objects are missing, and which go beyond what the migrators need."""
    wanted = {grant for side in contract.sides for grant in _wanted(side.role)}
    found = {tuple(row) for row in await connection.fetch(_GRANTS, GUARD_SCHEMA)}
    gaps = []
    for word, name, grantee, privilege in sorted(found - wanted):
        role = grantee if grantee == "PUBLIC" else quote_identifier(grantee)
        on = f"{privilege} {word}" if word.startswith("(") else f"{privilege} ON {word}"
        gaps.append(Deviation(f"{grantee} has {on} {name}", (f"REVOKE {on} {name} FROM {role} CASCADE",)))
    for side in contract.sides:
        missing = sorted(_wanted(side.role) - found)
        if missing:
            statements = tuple(
                f"GRANT {privilege} ON {word} {name} TO {quote_identifier(role)}"
                for word, name, role, privilege in missing
            )
            gaps.append(Deviation(f"{side.role} cannot read the log or approve", statements))
    return gaps


def _wanted(role: str) -> set[tuple[str, str, str, str]]:
    """Return what a migrator needs of the guard's schema, as the catalog names it."""
    return {
        ("SCHEMA", GUARD_SCHEMA, role, "USAGE"),
        *(("TABLE", table.qualified, role, "SELECT") for table in TABLES.values()),
        *(("FUNCTION", function.signature, role, "EXECUTE") for function in FUNCTIONS.values() if function.for_sides),
    }
