"""The newest row of each of many parents at or before a time, in one statement: for tables that keep a history."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from strongroom.adapters.mapping.table import Table
from strongroom.adapters.quoting import quote_identifier

from .executor import Executor
from .sql import EQ, LE, column_list, table_statements
from .unreadable import read


def latest_of_many_sql(table: Table) -> str:
    """Return the statement, over an array of parents and a time; the table's key is (parent, time)."""
    parent, time = (quote_identifier(name) for name in table.key)
    return f"""
        SELECT {column_list(table_statements(table).names, "newest.")}
        FROM (SELECT DISTINCT parent FROM pg_catalog.unnest($1::pg_catalog.uuid[]) AS parent) AS wanted,
        LATERAL (
            SELECT * FROM {table.sql_name} AS row
            WHERE row.{parent} {EQ} wanted.parent AND row.{time} {LE} $2
            ORDER BY row.{time} DESC LIMIT 1
        ) AS newest
    """


async def latest_by_parent(
    executor: Executor, table: Table, sql: str, parents: Sequence[UUID], at: datetime
) -> dict[UUID, Any]:
    """Return the newest row of each parent by the parent; those without are left out. Raises InvalidValue."""
    parent, time = (table.column(name) for name in table.key)
    wanted = [table.checked_value(parent, each) for each in parents]
    given = [wanted, table.checked_value(time, at)]
    found = await read(executor, table, sql, given, table_statements(table).hydrate_all)
    return {getattr(row, parent.name): row for row in found}
