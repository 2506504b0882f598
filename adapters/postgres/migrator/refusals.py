"""What PostgreSQL's refusal of a privilege means in a database that sides share, told from ownership and grants."""

from typing import Any, Final

import asyncpg

from strongroom.adapters.mapping.names import OWN_SCHEMA

from ..connection import inspecting
from .history import TABLES
from .sql_text import tokens

_MAX_NAMES: Final = 1000
"""Looked up of a statement. One that names more is told as PostgreSQL tells it."""
_MAX_SHOWN: Final = 3
_USER: Final = "SELECT CURRENT_USER::text, has_schema_privilege($1::text, 'CREATE')"
# Only the catalog is read: whoever may create a schema could have made one that is named like the guard's.
_OF_OTHERS: Final = """
    WITH objects (schema, name, owner) AS (
        SELECT relnamespace, relname, relowner FROM pg_catalog.pg_class WHERE relkind IN ('r', 'p', 'v', 'm', 'S', 'f')
        UNION ALL
        SELECT typnamespace, typname, typowner FROM pg_catalog.pg_type WHERE typtype IN ('e', 'd', 'r')
        UNION ALL
        SELECT pronamespace, proname, proowner FROM pg_catalog.pg_proc
    )
    SELECT DISTINCT format('%I.%I', nspname, name) AS object, pg_get_userbyid(owner)::text AS owner
    FROM objects JOIN pg_catalog.pg_namespace ON pg_namespace.oid = schema
    WHERE name = ANY ($1::text[]::name[]) AND NOT pg_has_role(owner, 'USAGE')
      AND nspname <> 'information_schema' AND NOT starts_with(nspname, 'pg_')
    ORDER BY 1, 2
"""


async def explain_refusal(
    connection: "asyncpg.Connection[Any]", error: asyncpg.PostgresError, sql: str | None = None
) -> str:
    """Return whose the objects are that a refused statement names, to be put after PostgreSQL's own words.

    Without a statement the histories of the migrations are meant. It is empty for an error of another kind, and if all
    that the statement names is the user's own. The connection stands in no transaction that has failed.
    """
    if not isinstance(error, asyncpg.InsufficientPrivilegeError) or connection.is_closed():
        return ""
    names = names_in(sql if sql is not None else " ".join(TABLES.values()))
    async with inspecting(connection, through_pooler=True):
        user, may_create = await connection.fetchrow(_USER, OWN_SCHEMA) or ("", True)
        others = await connection.fetch(_OF_OTHERS, names[:_MAX_NAMES])
    if others:
        shown = [f"{row['object']} belongs to {row['owner']}" for row in others[:_MAX_SHOWN]]
        more = [f"{len(others) - _MAX_SHOWN} more belong to others"] if len(others) > _MAX_SHOWN else []
        return (
            f". This session is {user}, and {', '.join([*shown, *more])}. Each side of strongroom.toml changes only "
            "its own: leave it to a migration of the side that owns it, or migrate as its role"
        )
    if not may_create:
        return (
            f'. This session is {user}, which may not create in the schema "{OWN_SCHEMA}": migrate as the role that '
            "strongroom.toml gives to the side"
        )
    return ""


def names_in(sql: str) -> list[str]:
    """Return the names in a text as the catalog holds them, each once; the parts of a dotted one stand alone."""
    found: dict[str, None] = {}
    for token in tokens(sql):
        if token.kind == "word":
            found.update(dict.fromkeys(part for part in token.text.lower().split(".") if part))
        elif token.kind == "identifier" and token.text.startswith('"'):
            found[token.text[1:-1].replace('""', '"')] = None
    return list(found)
