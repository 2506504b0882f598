"""Rows that stand in the way of a check: which, how many, and the query that shows them."""

from collections.abc import Iterable
from typing import Any, Final

import asyncpg
from attrs import frozen

from strongroom.adapters.mapping.names import OWN_SCHEMA
from strongroom.adapters.mapping.table import Check, Table
from strongroom.adapters.quoting import quote_identifier

from .connection import inspecting

MAX_KEYS: Final = 3
_UNVALIDATED: Final = """
    SELECT conname::text FROM pg_catalog.pg_constraint
    WHERE contype = 'c' AND NOT convalidated AND coninhcount = 0
        AND connamespace = (SELECT oid FROM pg_catalog.pg_namespace WHERE nspname = $1)
"""
_CONDITION: Final = """
    SELECT pg_catalog.pg_get_expr(conbin, conrelid) FROM pg_catalog.pg_constraint
    WHERE contype = 'c' AND conname = $2 AND conrelid = pg_catalog.to_regclass($1)
"""
_KEY: Final = """
    SELECT attname::text FROM pg_catalog.pg_index
    JOIN pg_catalog.pg_attribute ON attrelid = indrelid AND attnum = ANY (indkey)
    WHERE indisprimary AND indrelid = pg_catalog.to_regclass($1)
    ORDER BY array_position(indkey::int2[], attnum)
"""


@frozen
class Violation:
    """The rows of a table that break a check: how many, the keys of the first few, and a query that shows all."""

    table: str
    constraint: str
    rows: int
    keys: tuple[str, ...]
    query: str

    def __str__(self) -> str:
        if not self.rows:
            return f"{self.constraint} is not validated, and no row of {self.table} breaks it"
        stand = "row stands" if self.rows == 1 else "rows stand"
        more = ", …" if self.rows > len(self.keys) else ""
        shown = f", {', '.join(self.keys)}{more}" if self.keys else ""
        return f"{self.rows:,} {stand} in the way of {self.constraint}{shown}: {self.query}"


async def unvalidated_checks(connection: "asyncpg.Connection[Any]", tables: Iterable[Table]) -> list[Violation]:
    """Return the checks of tables that the database has not validated yet, each with the rows that break it.

    The checks are those of the declarations: another side's functions are not called.
    """
    names = {row[0] for row in await connection.fetch(_UNVALIDATED, OWN_SCHEMA)}
    declared: list[tuple[Table, Check]] = [
        (table, check) for table in tables for check in table.checks if check.name in names
    ]
    return [await _violation(connection, table.sql_name, check.name, check.sql) for table, check in declared]


async def explain_violation(connection: "asyncpg.Connection[Any]", error: asyncpg.PostgresError) -> str:
    """Return which rows a check was not validated for, to be put after PostgreSQL's own words, or nothing.

    The connection stands in no transaction that has failed.
    """
    if not isinstance(error, asyncpg.CheckViolationError) or connection.is_closed():
        return ""
    named: Any = error
    if not (named.schema_name and named.table_name and named.constraint_name):
        return ""
    table = quote_identifier(named.schema_name, named.table_name)
    async with inspecting(connection, through_pooler=True):
        condition = await connection.fetchval(_CONDITION, table, named.constraint_name)
        if condition is None:
            return ""
        return f". {await _violation(connection, table, named.constraint_name, condition)}"


async def _violation(connection: "asyncpg.Connection[Any]", table: str, constraint: str, condition: str) -> Violation:
    broken = f"FROM {table} WHERE NOT ({condition})"
    key = [quote_identifier(row[0]) for row in await connection.fetch(_KEY, table)]
    rows = await connection.fetchval(f"SELECT count(*) {broken}")
    keys = await connection.fetch(f"SELECT ROW({', '.join(key)})::text {broken} LIMIT {MAX_KEYS}") if key else []
    return Violation(table, constraint, int(rows), tuple(row[0] for row in keys), f"SELECT * {broken}")
