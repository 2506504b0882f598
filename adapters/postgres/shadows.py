"""Objects that PostgreSQL would call in place of its own, for whoever has their schema in the search path.

A function, an operator or an aggregate whose argument types fit a call better than those of pg_catalog wins over it
(CVE-2018-1058). A call with one literal is a cast if a type has the function's name, and a cast needs no search path.
"""

from collections.abc import Sequence
from typing import Any, Final

import asyncpg
from attrs import frozen

_SHADOWS: Final = """
    WITH shared AS (
        SELECT oid FROM pg_catalog.pg_namespace WHERE nspname::text = ANY ($1::text[])
    ), system AS (
        SELECT oid FROM pg_catalog.pg_namespace WHERE nspname = 'pg_catalog'
    ), found AS (
        SELECT 'pg_catalog.pg_proc'::regclass::oid AS class_id, own.oid AS object_id, 'function' AS of
        FROM pg_catalog.pg_proc AS own
        WHERE pronamespace IN (SELECT oid FROM shared)
          AND EXISTS (SELECT FROM pg_catalog.pg_proc AS theirs JOIN system ON theirs.pronamespace = system.oid
                      WHERE theirs.proname = own.proname)
        UNION ALL
        SELECT 'pg_catalog.pg_operator'::regclass, own.oid, 'operator'
        FROM pg_catalog.pg_operator AS own
        WHERE oprnamespace IN (SELECT oid FROM shared)
          AND EXISTS (SELECT FROM pg_catalog.pg_operator AS theirs JOIN system ON theirs.oprnamespace = system.oid
                      WHERE theirs.oprname = own.oprname)
        UNION ALL
        SELECT 'pg_catalog.pg_type'::regclass, own.oid, 'function'
        FROM pg_catalog.pg_type AS own
        WHERE typnamespace IN (SELECT oid FROM shared) AND typrelid = 0
          AND EXISTS (SELECT FROM pg_catalog.pg_proc AS theirs JOIN system ON theirs.pronamespace = system.oid
                      WHERE theirs.proname = own.typname
                        AND (own.typtype IN ('r', 'm') OR provariadic <> 0
                             OR 1 BETWEEN pronargs - pronargdefaults AND pronargs))
        UNION ALL
        SELECT 'pg_catalog.pg_cast'::regclass, pg_cast.oid, 'conversion'
        FROM pg_catalog.pg_cast
        JOIN pg_catalog.pg_type AS source ON source.oid = castsource
        JOIN pg_catalog.pg_type AS target ON target.oid = casttarget
        WHERE (source.typnamespace IN (SELECT oid FROM shared) OR target.typnamespace IN (SELECT oid FROM shared))
          AND source.typowner <> target.typowner
    )
    SELECT pg_catalog.pg_describe_object(class_id, object_id, 0), of FROM found
    WHERE NOT EXISTS (SELECT FROM pg_catalog.pg_depend
                      WHERE classid = class_id AND objid = object_id AND deptype = 'e')
    ORDER BY 1
"""


@frozen
class Shadow:
    """An object, as PostgreSQL describes it, and what of pg_catalog it would be called in place of."""

    described: str
    of: str

    def __str__(self) -> str:
        return f"{self.described} is called in place of a {self.of} of pg_catalog"


async def find_shadows(connection: "asyncpg.Connection[Any]", schemas: Sequence[str]) -> list[Shadow]:
    """Return the shadows in schemas, extensions' aside; the connection has a search path of pg_catalog alone."""
    return [Shadow(*row) for row in await connection.fetch(_SHADOWS, list(schemas))]
