"""The grants of a guarded database, as they are and as the contract wants them, on present and on future objects."""

from collections import defaultdict
from collections.abc import Iterable
from typing import Final

from strongroom.adapters.quoting import quote_identifier
from strongroom.domain.schema.contract import Contract, ObjectKind, SchemaObject

from .objects import OwnedPart, read_objects
from .protection import Connection, Deviation
from .rights import NO_RIGHTS, ROW_PRIVILEGES, Rights, by_privilege, rights_of
from .roles import Role, names_of, roles_of

_PUBLIC: Final = "PUBLIC"
_GRANTS: Final = """
    SELECT pg_class.oid, NULL::text AS attribute, coalesce(rolname::text, 'PUBLIC') AS role, privilege_type::text
    FROM pg_catalog.pg_class CROSS JOIN pg_catalog.aclexplode(relacl) AS held
    LEFT JOIN pg_catalog.pg_roles ON pg_roles.oid = held.grantee
    WHERE pg_class.oid = ANY ($1) AND (grantee = 0 OR rolname::text = ANY ($2::text[]))
    UNION ALL
    SELECT attrelid, attname::text, coalesce(rolname::text, 'PUBLIC'), privilege_type::text
    FROM pg_catalog.pg_attribute CROSS JOIN pg_catalog.aclexplode(attacl) AS held
    LEFT JOIN pg_catalog.pg_roles ON pg_roles.oid = held.grantee
    WHERE attrelid = ANY ($1) AND NOT attisdropped AND (grantee = 0 OR rolname::text = ANY ($2::text[]))
"""
_STRANGERS: Final = """
    SELECT rolname::text AS role, pg_catalog.string_agg(DISTINCT privilege_type, ', ') AS privileges,
           pg_catalog.format('%I.%I', nspname, relname) AS relation
    FROM (
        SELECT oid AS relation, relacl AS acl FROM pg_catalog.pg_class WHERE oid = ANY ($1)
        UNION ALL
        SELECT attrelid, attacl FROM pg_catalog.pg_attribute WHERE attrelid = ANY ($1) AND NOT attisdropped
    ) AS granted CROSS JOIN pg_catalog.aclexplode(acl) AS held
    JOIN pg_catalog.pg_roles ON pg_roles.oid = held.grantee
    JOIN pg_catalog.pg_class ON pg_class.oid = relation
    JOIN pg_catalog.pg_namespace ON pg_namespace.oid = relnamespace
    WHERE rolname::text <> ALL ($2::text[]) AND held.grantee <> relowner AND NOT rolsuper
      AND privilege_type NOT IN ('SELECT', 'USAGE', 'REFERENCES')
    GROUP BY rolname, nspname, relname
    ORDER BY 1, 3
"""
_COLUMNS: Final = """
    SELECT attrelid AS oid, pg_catalog.array_agg(attname::text) AS names
    FROM pg_catalog.pg_attribute WHERE attrelid = ANY ($1) AND attnum > 0 AND NOT attisdropped GROUP BY attrelid
"""
_EFFECTIVE_GRANTS: Final = """
    SELECT pg_class.oid, rolname::text AS role, privilege
    FROM pg_catalog.pg_class CROSS JOIN pg_catalog.pg_roles
    CROSS JOIN pg_catalog.unnest(ARRAY['INSERT', 'UPDATE', 'DELETE', 'TRUNCATE', 'TRIGGER']) AS privilege
    WHERE pg_class.oid = ANY ($1) AND rolname::text = ANY ($2::text[]) AND NOT rolsuper AND relkind <> 'S'
      AND NOT pg_catalog.pg_has_role(pg_roles.oid, relowner, 'USAGE')
      AND pg_catalog.has_table_privilege(pg_roles.oid, pg_class.oid, privilege)
"""
_DEFAULTS: Final = """
    SELECT creator.rolname::text AS creator, nspname::text AS schema, defaclobjtype::text AS type,
           grantee.rolname::text AS grantee,
           pg_catalog.array_agg(privilege_type::text ORDER BY privilege_type) AS privileges
    FROM pg_catalog.pg_default_acl CROSS JOIN pg_catalog.aclexplode(defaclacl) AS held
    JOIN pg_catalog.pg_roles AS creator ON creator.oid = defaclrole
    JOIN pg_catalog.pg_roles AS grantee ON grantee.oid = held.grantee
    LEFT JOIN pg_catalog.pg_namespace ON pg_namespace.oid = defaclnamespace
    WHERE creator.rolname::text = ANY ($1::text[])
      AND grantee.rolname::text = ANY ($2::text[]) AND creator.oid <> grantee.oid
      AND defaclobjtype IN ('r', 'S')
    GROUP BY 1, 2, 3, 4
"""
_OWNED_SEQUENCES: Final = """
    SELECT refobjid AS table_oid, pg_catalog.format('%I.%I', nspname, seq.relname) AS name, rolname::text AS role
    FROM pg_catalog.pg_depend JOIN pg_catalog.pg_class AS seq ON seq.oid = objid
    JOIN pg_catalog.pg_namespace ON pg_namespace.oid = relnamespace
    CROSS JOIN pg_catalog.pg_roles
    WHERE classid = 'pg_catalog.pg_class'::regclass AND refclassid = 'pg_catalog.pg_class'::regclass
      AND deptype = 'a' AND relkind = 'S' AND refobjid = ANY ($1) AND rolname::text = ANY ($2::text[])
      AND NOT pg_catalog.has_sequence_privilege(pg_roles.oid, seq.oid, 'USAGE')
    ORDER BY 2, 3
"""
_TYPES: Final = {"r": "TABLES", "S": "SEQUENCES"}


async def probe_grants(connection: Connection, contract: Contract) -> list[Deviation]:
    """Return which roles may do less or more with the rows of an object than the contract says, PUBLIC included.

    Rights that come through membership in yet another role are named, and left to people.
    """
    relations = [part for part in await read_objects(connection, contract.schemas) if part.is_relation]
    oids = [part.object_id for part in relations]
    names = names_of(contract)
    held: dict[tuple[int, str], Rights] = await _read_grants(connection, oids, names)
    columns = {row["oid"]: frozenset(row["names"]) for row in await connection.fetch(_COLUMNS, oids)}
    through: dict[tuple[int, str], set[str]] = defaultdict(set)
    for row in await connection.fetch(_EFFECTIVE_GRANTS, oids, names):
        through[row["oid"], row["role"]].add(row["privilege"])
    gaps: list[Deviation] = []
    inserting: set[tuple[int, str]] = set()
    for part in relations:
        public = held.get((part.object_id, _PUBLIC), NO_RIGHTS)
        excess = _excess(public, _public_rights(contract, part.target))
        gaps += _revoke_sql(part, _PUBLIC, excess)
        for role in roles_of(contract):
            wanted = rights_of(contract, role, part.target)
            if wanted is None:
                continue
            if "INSERT" in wanted.whole:
                inserting.add((part.object_id, role.name))
            present = columns[part.object_id]
            absent = () if part.is_part else sorted({column for _, column in wanted.columns} - present)
            gaps += [
                Deviation(f"{role.name} is to read {part.target}.{column}, which is not there") for column in absent
            ]
            wanted = Rights(wanted.whole, frozenset(pair for pair in wanted.columns if pair[1] in present))
            has = held.get((part.object_id, role.name), NO_RIGHTS)
            if not part.is_part:  # partitions are read through their table
                gaps += _grant_sql(part, role, _excess(wanted, has))
            gaps += _revoke_sql(part, role.name, _excess(has, wanted))
            hidden = through[part.object_id, role.name] - wanted.whole - has.whole - public.whole
            if hidden:
                what = f"{role.name} may {' and '.join(sorted(hidden))} on {part.target} through another role"
                gaps.append(Deviation(f"{what}: end that membership"))
    for table, sequence, role_name in await connection.fetch(_OWNED_SEQUENCES, oids, names):
        if (table, role_name) in inserting:
            statement = f"GRANT USAGE, SELECT ON SEQUENCE {sequence} TO {quote_identifier(role_name)}"
            gaps.append(Deviation(f"{role_name} cannot draw numbers from {sequence}", (statement,)))
    gaps += [
        Deviation(
            f"{role} has {privileges} on {relation}, and stands in no side: revoke that, or name it among the services"
        )
        for role, privileges, relation in await connection.fetch(_STRANGERS, oids, [*names, contract.owner_role])
    ]
    return gaps


async def probe_default_grants(connection: Connection, contract: Contract) -> list[Deviation]:
    """Return which rights on objects that a migrator will create are not given, or are given beyond the contract."""
    everyone = roles_of(contract)
    migrators = [side.role for side in contract.sides]
    found = {
        (row["creator"], row["schema"], row["type"], row["grantee"]): frozenset(row["privileges"])
        for row in await connection.fetch(_DEFAULTS, migrators, [role.name for role in everyone])
    }
    wanted: dict[tuple[str, str | None, str, str], frozenset[str]] = {}
    for side in contract.sides:
        for schema in side.schemas:
            for role in everyone:
                for kind, letter in ((ObjectKind.TABLE, "r"), (ObjectKind.SEQUENCE, "S")):
                    given = _rights_on_future_objects(
                        contract, side.name, role, SchemaObject(kind=kind, schema=schema, name="")
                    )
                    if given:
                        wanted[side.role, schema, letter, role.name] = given
    gaps = []
    for key in sorted({*found, *wanted}, key=str):
        creator, namespace, letter, grantee = key
        within = f" IN SCHEMA {quote_identifier(namespace)}" if namespace else ""
        alter = f"ALTER DEFAULT PRIVILEGES FOR ROLE {quote_identifier(creator)}{within}"
        has, needs = found.get(key, frozenset()), wanted.get(key, frozenset())
        for privileges, verb, preposition in ((needs - has, "GRANT", "TO"), (has - needs, "REVOKE", "FROM")):
            if privileges:
                listed = ", ".join(sorted(privileges))
                what = f"{listed} on future {_TYPES[letter].lower()} of {creator}"
                problem = "does not get" if verb == "GRANT" else "gets"
                statement = f"{alter} {verb} {listed} ON {_TYPES[letter]} {preposition} {quote_identifier(grantee)}"
                gaps.append(Deviation(f"{grantee} {problem} {what}", (statement,)))
    return gaps


def _rights_on_future_objects(contract: Contract, owner: str, role: Role, target: SchemaObject) -> frozenset[str]:
    """Return what a role may do with objects that a side will create and the contract does not know yet."""
    if role.side == owner:
        if role.migrates:
            return frozenset()
        return frozenset({"USAGE", "SELECT"}) if target.kind is ObjectKind.SEQUENCE else ROW_PRIVILEGES
    if target.kind is ObjectKind.SEQUENCE or contract.reading(role.side, target).columns is not None:
        return frozenset()
    return frozenset({"SELECT", "REFERENCES"} if role.migrates else {"SELECT"})


def _public_rights(contract: Contract, target: SchemaObject) -> Rights:
    """Everybody may read what no side is kept from reading; nobody gets anything else by being anybody."""
    owner = contract.owner_of(target)
    others = [side.name for side in contract.sides if side.name != owner]
    open_to_all = all(contract.reading(other, target).columns is None for other in others)
    return Rights(frozenset({"SELECT"}) if open_to_all else frozenset())


def _excess(some: Rights, others: Rights) -> Rights:
    """Return what the first rights hold beyond the second; a right on the whole covers its columns."""
    columns = {pair for pair in some.columns - others.columns if pair[0] not in others.whole}
    return Rights(some.whole - others.whole, frozenset(columns))


def _grant_sql(part: OwnedPart, role: Role, lacking: Rights) -> list[Deviation]:
    statements = tuple(
        f"GRANT {what} ON {part.grant_sql} TO {quote_identifier(role.name)}" for what in _list_columns(lacking)
    )
    return (
        [Deviation(f"{role.name} lacks {'; '.join(_list_columns(lacking))} on {part.target}", statements)]
        if statements
        else []
    )


def _revoke_sql(part: OwnedPart, grantee: str, excess: Rights) -> list[Deviation]:
    role = grantee if grantee == _PUBLIC else quote_identifier(grantee)
    statements = tuple(f"REVOKE {what} ON {part.grant_sql} FROM {role}" for what in _list_columns(excess))
    return (
        [Deviation(f"{grantee} has {'; '.join(_list_columns(excess))} on {part.sql}", statements)] if statements else []
    )


def _list_columns(some: Rights) -> Iterable[str]:
    whole = [", ".join(sorted(some.whole))] if some.whole else []
    return whole + [
        f"{privilege} ({', '.join(map(quote_identifier, names))})"
        for privilege, names in by_privilege(some.columns).items()
    ]


async def _read_grants(connection: Connection, oids: list[int], names: list[str]) -> dict[tuple[int, str], Rights]:
    whole: dict[tuple[int, str], set[str]] = defaultdict(set)
    columns: dict[tuple[int, str], set[tuple[str, str]]] = defaultdict(set)
    for oid, attribute, role, privilege in await connection.fetch(_GRANTS, oids, names):
        if attribute is None:
            whole[oid, role].add(privilege)
        else:
            columns[oid, role].add((privilege, attribute))
    return {key: Rights(frozenset(whole[key]), frozenset(columns[key])) for key in {*whole, *columns}}
