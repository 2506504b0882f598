"""The objects of a database that have owners, as the contract names them."""

from collections.abc import Sequence
from typing import Final

from attrs import frozen

from strongroom.domain.schema.contract import ObjectKind, SchemaObject

from .protection import Connection

_OBJECTS: Final = """
    SELECT CASE whole.relkind WHEN 'v' THEN 'view' WHEN 'm' THEN 'materialized view' WHEN 'S' THEN 'sequence'
                ELSE 'table' END AS kind,
           whole_schema.nspname::text AS schema, whole.relname::text AS name,
           CASE part.relkind WHEN 'v' THEN 'VIEW' WHEN 'm' THEN 'MATERIALIZED VIEW' WHEN 'S' THEN 'SEQUENCE'
                WHEN 'f' THEN 'FOREIGN TABLE' ELSE 'TABLE' END AS word,
           pg_catalog.format('%I.%I', part_schema.nspname, part.relname) AS qualified,
           pg_catalog.pg_get_userbyid(part.relowner)::text AS owner,
           part.oid <> whole.oid AS is_part, 'pg_catalog.pg_class'::regclass::oid AS class_id, part.oid AS object_id
    FROM pg_catalog.pg_class AS part
    JOIN pg_catalog.pg_namespace AS part_schema ON part_schema.oid = part.relnamespace
    JOIN pg_catalog.pg_class AS whole ON whole.oid = coalesce(pg_catalog.pg_partition_root(part.oid), part.oid)
    JOIN pg_catalog.pg_namespace AS whole_schema ON whole_schema.oid = whole.relnamespace
    WHERE whole_schema.nspname::text = ANY ($1::text[]) AND part.relkind IN ('r', 'p', 'f', 'v', 'm', 'S')
      AND NOT EXISTS (
          SELECT FROM pg_catalog.pg_depend
          WHERE classid = 'pg_catalog.pg_class'::regclass AND objid = part.oid
            AND (deptype = 'e' OR part.relkind = 'S' AND deptype IN ('a', 'i')
                 AND refclassid = 'pg_catalog.pg_class'::regclass AND refobjsubid > 0)
      )
    UNION ALL
    SELECT CASE typtype WHEN 'e' THEN 'enum' ELSE 'type' END, nspname, typname,
           CASE typtype WHEN 'd' THEN 'DOMAIN' ELSE 'TYPE' END, pg_catalog.format('%I.%I', nspname, typname),
           pg_catalog.pg_get_userbyid(typowner), false, 'pg_catalog.pg_type'::regclass, pg_type.oid
    FROM pg_catalog.pg_type JOIN pg_catalog.pg_namespace ON pg_namespace.oid = typnamespace
    WHERE nspname::text = ANY ($1::text[])
      AND (typtype IN ('e', 'd', 'r') OR typtype = 'b' AND typelem = 0
           OR typtype = 'c' AND (SELECT relkind = 'c' FROM pg_catalog.pg_class WHERE pg_class.oid = typrelid))
      AND NOT EXISTS (SELECT FROM pg_catalog.pg_depend
                      WHERE classid = 'pg_catalog.pg_type'::regclass AND objid = pg_type.oid AND deptype = 'e')
    UNION ALL
    SELECT 'function', nspname, proname,
           'ROUTINE', pg_catalog.format(
               '%I.%I(%s)', nspname, proname, pg_catalog.pg_get_function_identity_arguments(pg_proc.oid)),
           pg_catalog.pg_get_userbyid(proowner), false, 'pg_catalog.pg_proc'::regclass, pg_proc.oid
    FROM pg_catalog.pg_proc JOIN pg_catalog.pg_namespace ON pg_namespace.oid = pronamespace
    WHERE nspname::text = ANY ($1::text[])
      AND NOT EXISTS (SELECT FROM pg_catalog.pg_depend
                      WHERE classid = 'pg_catalog.pg_proc'::regclass AND objid = pg_proc.oid
                        AND deptype IN ('e', 'i'))
    ORDER BY 1, 2, 3, 7, 5
"""
_OTHERS: Final = """
    SELECT class_id::oid, object_id, rolname::text AS owner
    FROM (
        SELECT 'pg_catalog.pg_operator'::regclass, oid, oprnamespace, oprowner FROM pg_catalog.pg_operator
        UNION ALL
        SELECT 'pg_catalog.pg_collation'::regclass, oid, collnamespace, collowner FROM pg_catalog.pg_collation
        UNION ALL
        SELECT 'pg_catalog.pg_conversion'::regclass, oid, connamespace, conowner FROM pg_catalog.pg_conversion
        UNION ALL
        SELECT 'pg_catalog.pg_ts_config'::regclass, oid, cfgnamespace, cfgowner FROM pg_catalog.pg_ts_config
        UNION ALL
        SELECT 'pg_catalog.pg_ts_dict'::regclass, oid, dictnamespace, dictowner FROM pg_catalog.pg_ts_dict
        UNION ALL
        SELECT 'pg_catalog.pg_opclass'::regclass, oid, opcnamespace, opcowner FROM pg_catalog.pg_opclass
        UNION ALL
        SELECT 'pg_catalog.pg_opfamily'::regclass, oid, opfnamespace, opfowner FROM pg_catalog.pg_opfamily
        UNION ALL
        SELECT 'pg_catalog.pg_statistic_ext'::regclass, oid, stxnamespace, stxowner FROM pg_catalog.pg_statistic_ext
    ) AS found (class_id, object_id, namespace, owner)
    JOIN pg_catalog.pg_namespace ON pg_namespace.oid = namespace
    JOIN pg_catalog.pg_roles ON pg_roles.oid = owner
    WHERE nspname::text = ANY ($1::text[]) AND rolname::text = ANY ($2::text[])
"""
_PARTS: Final = """
    SELECT CASE relkind WHEN 'S' THEN 'sequence' WHEN 'r' THEN 'table' WHEN 'p' THEN 'table' ELSE 'index' END AS kind,
           nspname::text AS schema, relname::text AS name
    FROM pg_catalog.pg_class JOIN pg_catalog.pg_namespace ON pg_namespace.oid = relnamespace
    WHERE nspname::text = ANY ($1::text[])
      AND (relkind IN ('i', 'I') OR relispartition OR relkind = 'S' AND EXISTS (
          SELECT FROM pg_catalog.pg_depend
          WHERE classid = 'pg_catalog.pg_class'::regclass AND objid = pg_class.oid AND deptype IN ('a', 'i')
            AND refclassid = 'pg_catalog.pg_class'::regclass AND refobjsubid > 0))
"""


@frozen
class OwnedPart:
    """An object, an overload of one or a partition of one, with its owner.

    ``word`` and ``qualified`` are how ALTER names it (``TABLE`` and ``public."user"``); ``is_part`` says that it is a
    partition, whose ``target`` is the partitioned table.
    """

    target: SchemaObject
    word: str
    qualified: str
    owner: str
    is_part: bool
    class_id: int
    object_id: int

    @property
    def sql(self) -> str:
        """How ALTER names it."""
        return f"{self.word} {self.qualified}"

    @property
    def is_relation(self) -> bool:
        """Whether it holds rows, or numbers them."""
        return self.target.kind not in {ObjectKind.ENUM, ObjectKind.TYPE, ObjectKind.FUNCTION}

    @property
    def grant_sql(self) -> str:
        """How GRANT names it, if it is a relation."""
        return f"{'SEQUENCE' if self.target.kind is ObjectKind.SEQUENCE else 'TABLE'} {self.qualified}"


async def read_objects(connection: Connection, schemas: Sequence[str]) -> list[OwnedPart]:
    """Return what can be owned in some schemas, in one query; what extensions brought and columns own is left out."""
    rows = await connection.fetch(_OBJECTS, list(schemas))
    return [
        OwnedPart(SchemaObject(kind=ObjectKind(kind), schema=schema, name=name), *part)
        for kind, schema, name, *part in rows
    ]


async def read_other_objects(
    connection: Connection, schemas: Sequence[str], roles: Sequence[str]
) -> list[tuple[int, int, str]]:
    """Return class, OID and owner of what roles own in some schemas and the contract has no kind for.

    These are operators and their classes, collations, conversions, text search objects and extended statistics.
    """
    return [tuple(row) for row in await connection.fetch(_OTHERS, list(schemas), list(roles))]


async def read_part_names(connection: Connection, schemas: Sequence[str]) -> list[tuple[str, str, str]]:
    """Return kind, schema and name of every index, partition and sequence that a column owns, in some schemas."""
    return [tuple(row) for row in await connection.fetch(_PARTS, list(schemas))]
