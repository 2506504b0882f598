"""Check the contract's roles: no role may act as another, and no migrator may own the database."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final

from attrs import frozen

from strongroom.adapters.quoting import quote_identifier
from strongroom.domain.schema.contract import Contract

from .protection import Connection, Deviation

_ATTRIBUTES: Final = """
    SELECT rolname::text AS name, rolsuper AS superuser, rolcanlogin AS login, rolcreaterole AS creates_roles,
           rolreplication AS replicates
    FROM pg_catalog.pg_roles WHERE rolname::text = ANY ($1::text[])
"""
_PARAMETERS: Final = """
    SELECT parname::text AS parameter, coalesce(rolname::text, 'PUBLIC') AS role, privilege_type AS privilege
    FROM pg_catalog.pg_parameter_acl CROSS JOIN pg_catalog.aclexplode(paracl) AS held
    LEFT JOIN pg_catalog.pg_roles ON pg_roles.oid = held.grantee
    WHERE held.grantee = 0 OR rolname::text = ANY ($1::text[])
    ORDER BY 1, 2, 3
"""
_MEMBERSHIPS: Final = """
    SELECT member.rolname::text AS member, granted.rolname::text AS granted,
           EXISTS (SELECT FROM pg_catalog.pg_auth_members
                   WHERE roleid = granted.oid AND pg_auth_members.member = member.oid) AS direct
    FROM pg_catalog.pg_roles AS member CROSS JOIN pg_catalog.pg_roles AS granted
    WHERE member.rolname::text = ANY ($1::text[]) AND member.oid <> granted.oid AND NOT member.rolsuper
      AND granted.rolname::text = ANY ($2::text[]) AND pg_catalog.pg_has_role(member.oid, granted.oid, 'MEMBER')
    ORDER BY 1, 2
"""
_OF_THE_SERVER: Final = ("pg_execute_server_program", "pg_read_server_files", "pg_write_server_files")
"""Roles that become superuser by the files and programs of the server."""
_DATABASE: Final = """
    SELECT datname::text AS name, pg_catalog.pg_get_userbyid(datdba)::text AS owner
    FROM pg_catalog.pg_database WHERE datname = pg_catalog.current_database()
"""
_MAY_CONNECT: Final = """
    SELECT rolname::text AS role FROM pg_catalog.pg_roles
    WHERE rolname::text = ANY ($1::text[])
      AND NOT pg_catalog.has_database_privilege(oid, pg_catalog.current_database(), 'CONNECT')
"""
_MAY_CREATE: Final = """
    SELECT coalesce(rolname::text, 'PUBLIC') AS role
    FROM pg_catalog.pg_database CROSS JOIN pg_catalog.aclexplode(datacl) AS held
    LEFT JOIN pg_catalog.pg_roles ON pg_roles.oid = held.grantee
    WHERE datname = pg_catalog.current_database() AND privilege_type = 'CREATE'
      AND (held.grantee = 0 OR rolname::text = ANY ($1::text[]))
    ORDER BY 1
"""
_ROW_SECURITY: Final = """
    SELECT rolname::text AS role FROM pg_catalog.pg_roles
    WHERE rolname::text = ANY ($1::text[]) AND (
        NOT EXISTS (SELECT FROM pg_catalog.pg_db_role_setting
                    WHERE setrole = pg_roles.oid AND setdatabase = 0 AND 'row_security=off' = ANY (setconfig))
        OR EXISTS (SELECT FROM pg_catalog.pg_db_role_setting
                   JOIN pg_catalog.pg_database ON pg_database.oid = setdatabase
                   CROSS JOIN pg_catalog.unnest(setconfig) AS given
                   WHERE setrole = pg_roles.oid AND datname = pg_catalog.current_database()
                     AND pg_catalog.starts_with(given, 'row_security=') AND given <> 'row_security=off'))
    ORDER BY 1
"""
_GRANTABLE: Final = """
    SELECT rolname::text AS role FROM pg_catalog.pg_roles
    WHERE rolname::text = ANY ($1::text[])
      AND NOT (pg_catalog.pg_has_role(oid, 'SET') AND pg_catalog.pg_has_role(oid, 'USAGE'))
      AND pg_catalog.pg_has_role(oid, 'MEMBER WITH ADMIN OPTION')
"""


@frozen
class Role:
    """A role of the contract: its side, and whether it migrates or only works with rows."""

    name: str
    side: str
    migrates: bool


def roles_of(contract: Contract) -> list[Role]:
    """Return every role that a side runs as, the migrators first."""
    migrators = [Role(side.role, side.name, migrates=True) for side in contract.sides]
    return migrators + [Role(name, side.name, migrates=False) for side in contract.sides for name in side.services]


def names_of(contract: Contract) -> list[str]:
    """Return the names of every role that a side runs as."""
    return [role.name for role in roles_of(contract)]


async def probe_roles(connection: Connection, contract: Contract) -> list[Deviation]:
    """Return which roles are missing, or could do anything, or could log in although nobody should as them."""
    wanted = [contract.owner_role, *names_of(contract)]
    found = {row["name"]: row for row in await connection.fetch(_ATTRIBUTES, wanted)}
    gaps = [
        Deviation(f"the role {role} does not exist", (f"CREATE ROLE {quote_identifier(role)} NOLOGIN",))
        for role in wanted
        if role not in found
    ]
    gaps += [
        Deviation(f"the role {role} is a superuser, whom nothing binds: give the side a role that is none")
        for role, row in found.items()
        if row["superuser"]
    ]
    gaps += [
        Deviation(f"the role {role} {power}, which reaches the other sides: take that from it by ALTER ROLE")
        for role, row in found.items()
        for power, has in (
            ("can create roles (CREATEROLE)", row["creates_roles"]),
            ("can read the whole server (REPLICATION)", row["replicates"]),
        )
        if has and not row["superuser"]
    ]
    for row in await connection.fetch(_PARAMETERS, wanted):
        grantee = row["role"] if row["role"] == "PUBLIC" else quote_identifier(row["role"])
        statement = f"REVOKE {row['privilege']} ON PARAMETER {quote_identifier(row['parameter'])} FROM {grantee}"
        gaps.append(Deviation(f"{row['role']} has {row['privilege']} ON PARAMETER {row['parameter']}", (statement,)))
    owner = found.get(contract.owner_role)
    if owner is not None and owner["login"]:
        gaps.append(
            Deviation(f"the role {contract.owner_role} can log in: ALTER ROLE … NOLOGIN, or name another owner_role")
        )
    return gaps


async def probe_memberships(connection: Connection, contract: Contract) -> list[Deviation]:
    """Return which roles of a side can act as the schema's owner, as the database's, or as a role of another side.

    Roles that reach the files and programs of the server are all of these at once. A service may not act as its own
    side's migrator either: it could change the schema as that.
    """
    names = names_of(contract)
    _, database_owner = await database_and_owner(connection)
    beyond = {contract.owner_role, database_owner, *_OF_THE_SERVER}
    rows = await connection.fetch(_MEMBERSHIPS, names, [*names, *beyond])
    gaps = []
    for row in rows:
        what = f"{row['member']} is a member of {row['granted']}"
        if row["direct"]:
            gaps.append(
                Deviation(what, (f"REVOKE {quote_identifier(row['granted'])} FROM {quote_identifier(row['member'])}",))
            )
        else:
            gaps.append(Deviation(f"{what} through another role: revoke one of the two memberships"))
    return gaps


async def probe_database(connection: Connection, contract: Contract) -> list[Deviation]:
    """Return whether a role of a side owns the database, and which cannot connect to it or can create in it."""
    sides = {role.name: role.side for role in roles_of(contract)}
    name, owner = await database_and_owner(connection)
    gaps = []
    if owner in sides:
        statement = f"ALTER DATABASE {quote_identifier(name)} OWNER TO {quote_identifier(contract.owner_role)}"
        gaps.append(Deviation(f"the database belongs to {owner}, of the side {sides[owner]}", (statement,)))
    for (role,) in await connection.fetch(_MAY_CONNECT, list(sides)):
        statement = f"GRANT CONNECT, TEMPORARY ON DATABASE {quote_identifier(name)} TO {quote_identifier(role)}"
        gaps.append(Deviation(f"{role} may not connect to the database", (statement,)))
    for (role,) in await connection.fetch(_MAY_CREATE, list(sides)):
        grantee = role if role == "PUBLIC" else quote_identifier(role)
        statement = f"REVOKE CREATE ON DATABASE {quote_identifier(name)} FROM {grantee}"
        gaps.append(Deviation(f"{role} may create schemas and extensions in the database", (statement,)))
    return gaps


async def probe_sessions(connection: Connection, contract: Contract) -> list[Deviation]:
    """Return the migrators whose sessions would run a policy of the other side, with their own rights, when they read.

    With ``row_security`` off PostgreSQL refuses the query instead. The setting is the role's in every database of the
    server: a database created from a guarded database as its template copies the contents, but no database settings.
    """
    name, _ = await database_and_owner(connection)
    return [
        Deviation(
            f"a session of {role} runs the policies of tables that it reads, in this database or in a copy of it",
            (
                f"ALTER ROLE {quote_identifier(role)} SET row_security = off",
                f"ALTER ROLE {quote_identifier(role)} IN DATABASE {quote_identifier(name)} RESET row_security",
            ),
        )
        for (role,) in await connection.fetch(_ROW_SECURITY, [side.role for side in contract.sides])
    ]


async def database_and_owner(connection: Connection) -> tuple[str, str]:
    """Return the names of the database that one is connected to and of the role that owns it."""
    (row,) = await connection.fetch(_DATABASE)
    return row["name"], row["owner"]


@asynccontextmanager
async def assume_roles(connection: Connection, contract: Contract) -> AsyncIterator[None]:
    """Have the present user act as every role of the contract meanwhile; a superuser does so anyway.

    Where the present user may not grant itself a role, what needs it fails later, and is reported there. It is for a
    transaction: where that is rolled back, so is what was borrowed.
    """
    roles = [contract.owner_role, *names_of(contract)]
    lacking = [quote_identifier(name) for (name,) in await connection.fetch(_GRANTABLE, roles)]
    for name in lacking:
        await connection.execute(f"GRANT {name} TO CURRENT_USER WITH INHERIT TRUE, SET TRUE")
    yield
    for name in lacking:
        await connection.execute(f"REVOKE {name} FROM CURRENT_USER GRANTED BY CURRENT_USER")
