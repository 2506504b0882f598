"""Many rows in one atomic statement: COPY into a temporary table, then one INSERT … ON CONFLICT."""

import json
from collections.abc import Callable, Iterable, Iterator
from enum import Enum
from itertools import count, islice
from typing import Any, Final

from strongroom.adapters.mapping.columns import Column
from strongroom.adapters.mapping.table import Unique
from strongroom.domain.values.kinds import Choice, JsonObject
from strongroom.ports.results import BulkResult

from .executor import Executor
from .sql import Statements, listed, quoted

CHUNK: Final = 10_000
"""How many rows are checked and held before they are sent."""

_stages: Final = count(1)


class OnMatch(Enum):
    """What happens to a stored row that matches."""

    REPLACE = "replace"
    LEAVE = "leave"


async def write_all(
    executor: Executor, sql: Statements, entities: Iterable[Any], by: tuple[str, ...] | None, on_match: OnMatch
) -> BulkResult:
    """Write entities as ``bulk_upsert`` (REPLACE) or ``bulk_add_missing`` (LEAVE) of the port promises."""
    table = sql.table
    unique = table.unique_by(by)
    chunks = _chunks(sql, entities)
    first = next(chunks, None)
    if first is None:
        return BulkResult()
    stage = f"strongroom_stage_{next(_stages)}"
    async with executor.unit(table) as connection:
        await connection.execute(_create(stage, sql))
        number = 0
        chunk: list[tuple[Any, ...]] | None = first
        while chunk is not None:
            rows = [(*row, number + offset) for offset, row in enumerate(chunk)]
            number += len(rows)
            await connection.copy_records_to_table(stage, records=rows, columns=[*sql.names, "stage_number"])
            chunk = next(chunks, None)
        distinct, inserted, written = await connection.fetchrow(_write(stage, sql, unique, on_match)) or (0, 0, 0)
        await connection.execute(f"DROP TABLE {stage}")
    return BulkResult(inserted, written - inserted, distinct - written)


def _chunks(sql: Statements, entities: Iterable[Any]) -> Iterator[list[tuple[Any, ...]]]:
    """Yield checked rows in the form in which they are staged. Raises InvalidValue before their chunk is sent."""
    encoders = [_encoder(column) for column in sql.table.columns]
    remaining = iter(entities)
    while entities_of_chunk := list(islice(remaining, CHUNK)):
        for entity in entities_of_chunk:
            sql.table.check(entity)
        yield [
            tuple(
                value if value is None or encode is None else encode(value)
                for value, encode in zip(sql.table.values_of(entity), encoders, strict=True)
            )
            for entity in entities_of_chunk
        ]


def _encoder(column: Column) -> Callable[[Any], Any] | None:
    if isinstance(column.kind, Choice):
        return lambda member: member.value
    if isinstance(column.kind, JsonObject):
        return lambda value: json.dumps(value, ensure_ascii=False, allow_nan=False)
    return str if column.type.startswith("numeric") else None


def _staged_as_text(column: Column) -> bool:
    """Binary COPY takes neither numerics with a text codec nor enumerations: they are staged as text, and cast."""
    return _encoder(column) is not None


def _create(stage: str, sql: Statements) -> str:
    columns = ", ".join(
        f"{quoted(column.name)} {'text' if _staged_as_text(column) else column.type}" for column in sql.table.columns
    )
    return f"CREATE TEMPORARY TABLE {stage} ({columns}, stage_number bigint) ON COMMIT DROP"


def _write(stage: str, sql: Statements, unique: Unique, on_match: OnMatch) -> str:
    """Return the statement that writes what is staged and counts distinct, inserted and written rows.

    A row that was inserted has no ``xmax``. A partitioned table does not tell: there, what matched when the statement
    began is taken from what was given, and a row that came in between counts as inserted.
    """
    table = sql.table
    values = ", ".join(
        f"{quoted(column.name)}::{column.type} AS {quoted(column.name)}"
        if _staged_as_text(column)
        else quoted(column.name)
        for column in table.columns
    )
    predicate = f" WHERE {unique.where}" if unique.where else ""
    keys = listed(unique.fields)
    within = " AND ".join(
        [f"{quoted(name)} IS NOT NULL" for name in unique.fields] + ([f"({unique.where})"] if unique.where else [])
    )
    latest = "DESC" if on_match is OnMatch.REPLACE else "ASC"
    compared = [name for name in sql.names if name not in (*table.bookkeeping, *table.key)]
    changed = (
        f"({listed(compared, sql.name + '.')}) IS DISTINCT FROM ({listed(compared, 'excluded.')})"
        if compared
        else "false"
    )
    if table.partitioned_by:
        is_new, inserted = "true", "(SELECT count(*) FROM given) - (SELECT rows FROM matched)"
    else:
        is_new, inserted = "xmax = 0", "(SELECT count(*) FILTER (WHERE is_new) FROM written)"
    if on_match is OnMatch.LEAVE:
        is_new, inserted = "true", "(SELECT count(*) FROM written)"
    action = f"UPDATE SET {sql.merge} WHERE {changed}" if on_match is OnMatch.REPLACE else "NOTHING"
    return f"""
        WITH staged AS (SELECT {values}, stage_number FROM {stage}),
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
