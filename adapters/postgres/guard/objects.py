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
           format('%I.%I', part_schema.nspname, part.relname) AS qualified,
           pg_get_userbyid(part.relowner)::text AS owner,
           part.oid <> whole.oid AS is_part, 'pg_class'::regclass::oid AS class_id, part.oid AS object_id
    FROM pg_class AS part
    JOIN pg_namespace AS part_schema ON part_schema.oid = part.relnamespace
    JOIN pg_class AS whole ON whole.oid = coalesce(pg_partition_root(part.oid), part.oid)
    JOIN pg_namespace AS whole_schema ON whole_schema.oid = whole.relnamespace
    WHERE whole_schema.nspname = ANY ($1) AND part.relkind IN ('r', 'p', 'f', 'v', 'm', 'S')
      AND NOT EXISTS (
          SELECT FROM pg_depend
          WHERE classid = 'pg_class'::regclass AND objid = part.oid
            AND (deptype = 'e' OR part.relkind = 'S' AND deptype IN ('a', 'i') AND refclassid = 'pg_class'::regclass
                                  AND refobjsubid > 0)
      )
    UNION ALL
    SELECT CASE typtype WHEN 'e' THEN 'enum' ELSE 'type' END, nspname, typname,
           CASE typtype WHEN 'd' THEN 'DOMAIN' ELSE 'TYPE' END, format('%I.%I', nspname, typname),
           pg_get_userbyid(typowner), false, 'pg_type'::regclass, pg_type.oid
    FROM pg_type JOIN pg_namespace ON pg_namespace.oid = typnamespace
    WHERE nspname = ANY ($1)
      AND (typtype IN ('e', 'd', 'r') OR typtype = 'b' AND typelem = 0
           OR typtype = 'c' AND (SELECT relkind = 'c' FROM pg_class WHERE pg_class.oid = typrelid))
      AND NOT EXISTS (SELECT FROM pg_depend WHERE classid = 'pg_type'::regclass AND objid = pg_type.oid
                      AND deptype = 'e')
    UNION ALL
    SELECT 'function', nspname, proname,
           'ROUTINE', format('%I.%I(%s)', nspname, proname, pg_get_function_identity_arguments(pg_proc.oid)),
           pg_get_userbyid(proowner), false, 'pg_proc'::regclass, pg_proc.oid
    FROM pg_proc JOIN pg_namespace ON pg_namespace.oid = pronamespace
    WHERE nspname = ANY ($1)
      AND NOT EXISTS (SELECT FROM pg_depend WHERE classid = 'pg_proc'::regclass AND objid = pg_proc.oid
                      AND deptype IN ('e', 'i'))
    ORDER BY 1, 2, 3, 7, 5
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
