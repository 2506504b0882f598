"""Rows that others stored and no entity can hold: found after a read has failed, and named.

A read costs nothing more for it. Only if the driver or a hydrator fails on its rows, the statement runs again, in a
form in which every value can be decoded, and its rows are held against their entities one by one.
"""

from collections.abc import AsyncGenerator, Callable, Iterable, Iterator, Sequence
from contextlib import aclosing
from typing import Any, Final, NoReturn, TypeVar

from attrs import frozen

from strongroom.adapters.mapping.columns import Column
from strongroom.adapters.mapping.table import Table
from strongroom.domain.errors import StrongroomError
from strongroom.domain.values.field_types import Date, EnumMember, FieldType, FixedPoint, Integer, JsonObject, Timestamp
from strongroom.ports.errors import UnreadableRow

from .encoding import loads
from .errors import UNREADABLE
from .executor import Executor
from .sql import EQ, GE, LE, NE, table_statements
from .statement_runner import Records

T = TypeVar("T")

TIMES: Final = {
    Timestamp: ("timestamptz", "0001-01-01 00:00:00+00", "9999-12-31 23:59:59.999999+00"),
    Date: ("date", "0001-01-01", "9999-12-31"),
}
"""The types of times, each with the first and the last that the driver reads as itself."""
BATCH: Final = 1000
MAX_SHOWN: Final = 60
_INFINITE: Final = ("infinity", "-infinity")
_JSON_TYPES: Final = {str: "text", int: "a number", float: "a number", bool: "a boolean", list: "an array"}


@frozen
class Part:
    """The columns of one table among those that a statement returns, from a position."""

    table: Table
    start: int = 0


class Statement:
    """A statement that returns rows of tables, and the form of it in which every value can be decoded."""

    def __init__(self, sql: str, parts: Sequence[Part], *, unreadable_only: bool = False) -> None:
        self.parts = parts
        width = max(part.start + len(part.table.columns) for part in parts)
        names = [f"c{number}" for number in range(width)]
        selected = list(names)
        texts: list[str] = []
        self._texts: dict[int, int] = {}
        for number, column in _columns(parts):
            name = names[number]
            if type(column.kind) in TIMES:
                is_held = _is_held(column.kind, name)
                selected[number] = f"CASE WHEN {is_held} THEN {name} END"
                self._texts[number] = width + len(texts)
                texts.append(f"CASE WHEN NOT ({is_held}) THEN {name}::pg_catalog.text END")
            elif isinstance(column.kind, JsonObject):
                selected[number] = f"{name}::pg_catalog.text"
        self.sql = f"SELECT {', '.join([*selected, *texts])} FROM ({sql}) AS stored ({', '.join(names)})"
        if unreadable_only:
            suspect = [_suspicion(column, names[number]) for number, column in _columns(parts)]
            self.sql += f" WHERE {' OR '.join(filter(None, suspect)) or 'false'}"

    def problem(self, row: Any) -> UnreadableRow | None:
        """Return what cannot be read of a row in the decodable form, or None."""
        for part in self.parts:
            if not self._is_absent(part, row):
                for number, column in enumerate(part.table.columns, part.start):
                    text = row[self._texts[number]] if number in self._texts else None
                    told = _problem(column, row[number], text)
                    if told:
                        return UnreadableRow(
                            part.table.label,
                            part.table.name,
                            key=self._key(part, row),
                            column=column.name,
                            value=shorten(told[0]),
                            reason=told[1],
                        )
        return None

    def entity(self, row: Any) -> Any:
        """Return the entity of a row of the first part in which nothing is unreadable."""
        (part, *_) = self.parts
        values = [
            loads(value) if isinstance(column.kind, JsonObject) and value is not None else value
            for column, value in zip(part.table.columns, tuple(row)[part.start :], strict=False)
        ]
        return table_statements(part.table).hydrate(values)

    def _is_absent(self, part: Part, row: Any) -> bool:
        """Say whether an outer join found no row of a table."""
        numbers = range(part.start, part.start + len(part.table.columns))
        return all(row[number] is None and row[self._texts.get(number, number)] is None for number in numbers)

    def _key(self, part: Part, row: Any) -> Any:
        places = {column.name: number for number, column in enumerate(part.table.columns, part.start)}
        values = []
        for name in part.table.key:
            value = row[places[name]]
            values.append(row[self._texts[places[name]]] if value is None and places[name] in self._texts else value)
        return values[0] if len(values) == 1 else tuple(values)


def _suspicion(column: Column, name: str) -> str | None:
    """Return the condition that all values meet which cannot be read, and few others; None if there are none.

    What JSON holds cannot be told in SQL.
    """
    kind = column.kind
    conditions = [] if column.optional else [f"{name} IS NULL"]
    if type(kind) in TIMES:
        conditions.append(f"NOT ({_is_held(kind, name)})")
    elif isinstance(kind, JsonObject):
        conditions.append("true")
    elif isinstance(kind, EnumMember):
        labels = ", ".join(f"'{member.value}'" for member in kind.enum)
        text = f"pg_catalog.textin(pg_catalog.enum_out({name}))"  # not by a cast, which the type's owner may define
        conditions.append(f"{text} {NE} ALL (ARRAY[{labels}])")
    elif column.type.startswith("numeric"):
        conditions.append(f"{name} {EQ} ANY (ARRAY['NaN', 'Infinity', '-Infinity']::pg_catalog.numeric[])")
    return " OR ".join(conditions) or None


def _is_held(kind: FieldType, name: str) -> str:
    """Return the condition that a time is one that the driver reads as itself."""
    type_name, first, last = TIMES[type(kind)]
    return f"{name} {GE} pg_catalog.{type_name} '{first}' AND {name} {LE} pg_catalog.{type_name} '{last}'"


def _columns(parts: Iterable[Part]) -> Iterator[tuple[int, Column]]:
    for part in parts:
        yield from enumerate(part.table.columns, part.start)


def _problem(column: Column, value: Any, text: str | None) -> tuple[str, str] | None:
    """Return a value that cannot be read as text, and the reason, or None."""
    if text is not None:
        reason = "the time is infinite" if text in _INFINITE else "the time is not in the years 1 to 9999"
        return text, reason
    if value is None:
        return None if column.optional else ("null", "a value is required")
    kind = column.kind
    if isinstance(kind, EnumMember) and value not in {member.value for member in kind.enum}:
        return value, f"it is not one of {', '.join(member.value for member in kind.enum)}"
    if isinstance(kind, JsonObject):
        return _json_problem(value)
    if isinstance(kind, FixedPoint | Integer) and type(value) is str and value.lstrip("-") in ("NaN", "Infinity"):
        return value, "the number is not finite"
    return None


def _json_problem(text: str) -> tuple[str, str] | None:
    try:
        value = loads(text)
    except ValueError as error:
        return text, str(error)
    if type(value) is dict:
        return None
    return text, f"it is {_JSON_TYPES.get(type(value), 'null')} where a JSON object is expected"


def shorten(text: str) -> str:
    """Return a value as a message shows it: short, and on one line."""
    shown = " ".join(text.split())
    return shown if len(shown) <= MAX_SHOWN else shown[: MAX_SHOWN - 1] + "…"


async def read(  # noqa: PLR0913 - a statement, how its rows are built, and where they are found again
    executor: Executor,
    table: Table,
    sql: str,
    values: Sequence[Any],
    build: Callable[[Records], T],
    *,
    key: Any = None,
    parts: Sequence[Part] | None = None,
    source: tuple[str, Sequence[Any]] | None = None,
) -> T:
    """Run a statement and return what is built of its rows. Raises UnreadableRow and the port's other errors.

    ``parts`` are the tables whose columns it returns, if not those of ``table`` alone. ``source`` is a query for the
    same row: of a statement that writes, which must not run again.
    """
    try:
        return build(await executor.fetch(table, sql, *values, key=key))
    except StrongroomError:
        raise
    except UNREADABLE as error:
        again, given = source or (sql, values)
        statement = Statement(again, parts or (Part(table),))
        rows = await executor.fetch(table, statement.sql, *given)
        raise_unreadable(table, next(filter(None, map(statement.problem, rows)), None), error)


async def find_unreadable(executor: Executor, table: Table, sql: str, values: Sequence[Any]) -> UnreadableRow | None:
    """Return the first row of a query that cannot be read, or None, holding few rows at a time."""
    async with aclosing(_problems(executor, Statement(sql, (Part(table),)), table, values)) as problems:
        async for problem in problems:
            return problem
    return None


async def unreadable_rows(executor: Executor, table: Table) -> AsyncGenerator[UnreadableRow, None]:
    """Yield all rows of a table that cannot be read, in no order."""
    columns = table_statements(table).columns
    statement = Statement(f"SELECT {columns} FROM {table.sql_name}", (Part(table),), unreadable_only=True)
    async with aclosing(_problems(executor, statement, table, ())) as problems:
        async for problem in problems:
            yield problem


async def _problems(
    executor: Executor, statement: Statement, table: Table, values: Sequence[Any]
) -> AsyncGenerator[UnreadableRow, None]:
    async with aclosing(executor.stream(table, statement.sql, values, BATCH)) as batches:
        async for rows in batches:
            for problem in filter(None, map(statement.problem, rows)):
                yield problem


def raise_unreadable(table: Table, found: UnreadableRow | None, error: Exception) -> NoReturn:
    """Raise the error that names a row, or one that says that it has changed; a fault of our own is raised as it is."""
    if found is None and isinstance(error, TypeError):
        raise error
    reason = "a row of it held a value that its entity cannot hold, and has changed since: read it again"
    raise found or UnreadableRow(table.label, table.name, reason=reason) from error


async def readable_rows(
    executor: Executor,
    table: Table,
    query: tuple[str, Sequence[Any]],
    batch: int,
    on_unreadable: Callable[[UnreadableRow], None],
) -> AsyncGenerator[Any, None]:
    """Yield the entities of a query, and tell of each row that cannot be read."""
    sql, values = query
    statement = Statement(sql, (Part(table),))
    async with aclosing(executor.stream(table, statement.sql, values, batch)) as batches:
        async for rows in batches:
            for row in rows:
                problem = statement.problem(row)
                if problem is None:
                    yield statement.entity(row)
                else:
                    on_unreadable(problem)
