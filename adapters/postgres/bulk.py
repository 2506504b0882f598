"""Many rows in one atomic statement: COPY into a temporary table, then one INSERT … ON CONFLICT."""

from collections.abc import Iterable, Iterator
from enum import Enum
from functools import cache
from itertools import chain, islice
from typing import Any, Final

from strongroom.adapters.mapping.table import Unique
from strongroom.adapters.quoting import quote_identifier
from strongroom.ports.results import BulkResult

from .encoding import compile_stager, is_staged_as_text
from .executor import Executor
from .sql import TableStatements, column_list

CHUNK_ROWS: Final = 10_000
"""How many rows are checked and held before they are sent."""


class OnMatch(Enum):
    """What happens to a stored row that matches."""

    REPLACE = "replace"
    KEEP = "leave"


async def write_all(
    executor: Executor, sql: TableStatements, entities: Iterable[Any], by: tuple[str, ...] | None, on_match: OnMatch
) -> BulkResult:
    """Write entities as ``bulk_upsert`` (REPLACE) or ``bulk_add_missing`` (LEAVE) of the port promises."""
    table = sql.table
    unique = table.unique_by(by)
    chunks = _chunks(sql, entities)
    first = next(chunks, None)
    if first is None:
        return BulkResult()
    async with executor.runner(table) as runner:
        await runner.execute(_create_stage_sql(sql))
        for chunk in chain([first], chunks):
            await runner.copy(_stage_name(sql), [*sql.names, "stage_number"], chunk)
        distinct, inserted, written = await runner.row(_write_stage_sql(sql, unique, on_match))
        await runner.execute(f"DROP TABLE pg_temp.{_stage_name(sql)}")
    return BulkResult(inserted, written - inserted, distinct - written)


def _chunks(sql: TableStatements, entities: Iterable[Any]) -> Iterator[list[tuple[Any, ...]]]:
    """Yield rows as they are staged, each with its number. Raises InvalidValue before the chunk of it is sent."""
    stage = compile_stager(sql.table)
    remaining = enumerate(entities)
    while chunk := [(*stage(entity), number) for number, entity in islice(remaining, CHUNK_ROWS)]:
        yield chunk


def _stage_name(sql: TableStatements) -> str:
    return f"strongroom_stage_{sql.table.name}"


@cache
def _create_stage_sql(sql: TableStatements) -> str:
    """Return the commands that make the stage; one may be left of a bulk that failed before the database saw it."""
    columns = ", ".join(
        f"{quote_identifier(column.name)} {'text' if is_staged_as_text(column) else column.sql_type}"
        for column in sql.table.columns
    )
    stage = _stage_name(sql)
    return (
        f"DROP TABLE IF EXISTS pg_temp.{stage}; "
        f"CREATE TEMPORARY TABLE {stage} ({columns}, stage_number bigint) ON COMMIT DROP"
    )


@cache
def _write_stage_sql(sql: TableStatements, unique: Unique, on_match: OnMatch) -> str:
    """Return the statement that writes what is staged and counts distinct, inserted and written rows.

    A row that was inserted has no ``xmax``. A partitioned table does not tell: there, what matched when the statement
    began is taken from what was given, and a row that came in between counts as inserted.
    """
    table = sql.table
    values = ", ".join(
        f"{quote_identifier(column.name)}::{column.sql_type} AS {quote_identifier(column.name)}"
        if is_staged_as_text(column)
        else quote_identifier(column.name)
        for column in table.columns
    )
    predicate = f" WHERE {unique.where}" if unique.where else ""
    keys = column_list(unique.fields)
    present = [f"{quote_identifier(name)} IS NOT NULL" for name in unique.fields] if unique.nulls_distinct else []
    within = " AND ".join(present + ([f"({unique.where})"] if unique.where else [])) or "true"
    latest = "DESC" if on_match is OnMatch.REPLACE else "ASC"
    compared = [name for name in sql.names if name not in (*table.bookkeeping, *table.key)]
    changed = (
        f"({column_list(compared, sql.name + '.')}) IS DISTINCT FROM ({column_list(compared, 'excluded.')})"
        if compared
        else "false"
    )
    if table.partitioned_by:
        is_new, inserted = "true", "(SELECT count(*) FROM given) - (SELECT rows FROM matched)"
    else:
        is_new, inserted = "xmax = 0", "(SELECT count(*) FILTER (WHERE is_new) FROM written)"
    if on_match is OnMatch.KEEP:
        is_new, inserted = "true", "(SELECT count(*) FROM written)"
    action = f"UPDATE SET {sql.merge} WHERE {changed}" if on_match is OnMatch.REPLACE else "NOTHING"
    return f"""
        WITH staged AS (SELECT {values}, stage_number FROM pg_temp.{_stage_name(sql)}),
        given AS (
            SELECT DISTINCT ON ({keys}, CASE WHEN {within} THEN -1 ELSE stage_number END) *
            FROM staged ORDER BY {keys}, CASE WHEN {within} THEN -1 ELSE stage_number END, stage_number {latest}
        ),
        matched AS (
            SELECT count(*) AS rows FROM given JOIN (SELECT {keys} FROM {sql.name}{predicate}) AS stored USING ({keys})
            WHERE {within}
        ),
        written AS (
            INSERT INTO {sql.name} ({sql.columns})
            SELECT {sql.columns} FROM given ORDER BY stage_number
            ON CONFLICT ({keys}){predicate} DO {action}
            RETURNING {is_new} AS is_new
        )
        SELECT (SELECT count(*) FROM given),
               {inserted},
               (SELECT count(*) FROM written)
    """
