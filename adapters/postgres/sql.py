"""The statements of a table, as text; each is written once per shape and kept."""

from collections.abc import Iterable
from functools import cached_property
from typing import Any, Final

from asyncpg.pgproto import pgproto

from strongroom.adapters.mapping.columns import Column
from strongroom.adapters.mapping.hydration import InfiniteTimes, compile_record_hydrators
from strongroom.adapters.mapping.queries import Query, resolve
from strongroom.adapters.mapping.table import Table
from strongroom.adapters.quoting import quote_identifier
from strongroom.ports.criteria import Criteria, Cursor, Operator

from .encoding import compile_encoder

EQ: Final = "OPERATOR(pg_catalog.=)"
NE: Final = "OPERATOR(pg_catalog.<>)"
LT: Final = "OPERATOR(pg_catalog.<)"
LE: Final = "OPERATOR(pg_catalog.<=)"
GT: Final = "OPERATOR(pg_catalog.>)"
GE: Final = "OPERATOR(pg_catalog.>=)"
PLUS: Final = "OPERATOR(pg_catalog.+)"
"""PostgreSQL's own operators, whatever operators of the same names a neighbour creates.

A session of ours has a search path that no neighbour can write to. A statement outside a transaction, behind a
transaction pooler, meets the path of whichever session it is given, and so has to say all that it means: its tables,
types, functions and operators. No ``=`` is left to the grammar either: none of ``USING``, ``IN (…)``, ``NULLIF``,
``CASE value WHEN``, ``IS DISTINCT FROM``.
"""
_DRIVER: Final[Any] = pgproto
INFINITE_TIMES: Final = InfiniteTimes(
    last_time=_DRIVER.infinity_datetime,
    first_time=_DRIVER.negative_infinity_datetime,
    last_day=_DRIVER.infinity_date,
    first_day=_DRIVER.negative_infinity_date,
)
_STATEMENTS: Final[dict[Table, "TableStatements"]] = {}


def column_list(names: Iterable[str], prefix: str = "") -> str:
    """Return names as a list of SQL identifiers."""
    return ", ".join(prefix + quote_identifier(name) for name in names)


def table_statements(table: Table) -> "TableStatements":
    """Return the statements of a table, made once."""
    made = _STATEMENTS.get(table)
    if made is None:
        made = _STATEMENTS[table] = TableStatements(table)
    return made


class TableStatements:
    """The statements of one table."""

    def __init__(self, table: Table) -> None:
        self.table = table
        self.name = table.sql_name
        self.names = [column.name for column in table.columns]
        self.columns = column_list(self.names)
        self.hydrate, self.hydrate_all = compile_record_hydrators(table.entity, INFINITE_TIMES)
        self.encode = compile_encoder(table)
        self._raised = ("version",) if table.versioned else ()
        self._finds: dict[tuple[Criteria, str], tuple[Query, str]] = {}
        self._pages: dict[tuple[Criteria, tuple[bool, ...] | None], str] = {}

    @cached_property
    def get(self) -> str:
        """Select one row by its key."""
        return f"SELECT {self.columns} FROM {self.name} WHERE {self._is_key(1)}"

    @cached_property
    def lock(self) -> str:
        """Select one row by its key, and lock it against all writers but those of rows that refer to it."""
        return f"{self.get} FOR NO KEY UPDATE"

    @cached_property
    def exists(self) -> str:
        """Say whether a row has a key."""
        return f"SELECT EXISTS (SELECT FROM {self.name} WHERE {self._is_key(1)})"

    @cached_property
    def get_many(self) -> str:
        """Select rows by arrays of the keys' parts."""
        arrays = ", ".join(
            f"pg_catalog.unnest(${position}::{_array_type(self.table.column(name))})"
            for position, name in enumerate(self.table.key, 1)
        )
        same = " AND ".join(
            f"stored.{quote_identifier(name)} {EQ} wanted.{quote_identifier(name)}" for name in self.table.key
        )
        return (
            f"SELECT {column_list(self.names, 'stored.')} FROM (SELECT DISTINCT * FROM ROWS FROM ({arrays}) "
            f"AS wanted ({column_list(self.table.key)})) AS wanted JOIN {self.name} AS stored ON {same}"
        )

    @cached_property
    def insert(self) -> str:
        """Insert a row and return it."""
        values = ", ".join(f"${position}" for position in range(1, len(self.names) + 1))
        return f"INSERT INTO {self.name} ({self.columns}) VALUES ({values}) RETURNING {self.columns}"

    @cached_property
    def update(self) -> str:
        """Replace the row of a key (and version, where it has one) and return it."""
        position = {name: number for number, name in enumerate(self.names, 1)}
        assignments = ", ".join(
            f'"version" = ${position[name]} {PLUS} 1'
            if name in self._raised
            else f"{quote_identifier(name)} = ${position[name]}"
            for name in self.names
            if name not in self.table.key
        )
        conditions = [_equals(self.table.column(name), position[name]) for name in self.table.key]
        if self.table.versioned:
            conditions.append(f'"version" {EQ} ${position["version"]}')
        return f"UPDATE {self.name} SET {assignments} WHERE {' AND '.join(conditions)} RETURNING {self.columns}"

    @cached_property
    def upsert(self) -> str:
        """Insert a row, or replace the one of its key, and return it."""
        values = ", ".join(f"${position}" for position in range(1, len(self.names) + 1))
        return (
            f"INSERT INTO {self.name} ({self.columns}) VALUES ({values}) "
            f"ON CONFLICT ({column_list(self.table.key)}) DO UPDATE SET {self.merge} RETURNING {self.columns}"
        )

    @cached_property
    def remove(self) -> str:
        """Delete the row of a key, and say that there was one."""
        return f"DELETE FROM {self.name} WHERE {self._is_key(1)} RETURNING true"

    @cached_property
    def merge(self) -> str:
        """What ON CONFLICT sets: all but the key and the creation; the version goes up."""
        return ", ".join(
            f'"version" = {self.name}."version" {PLUS} 1'
            if name in self._raised
            else f"{quote_identifier(name)} = excluded.{quote_identifier(name)}"
            for name in self.names
            if name not in self.table.key and name != "created_at"
        )

    def count(self, criteria: Criteria) -> tuple[Query, str]:
        """Count the rows that match."""
        return self._find(criteria, "count")

    def remove_where(self, criteria: Criteria) -> tuple[Query, str]:
        """Delete the rows that match, and count them."""
        return self._find(criteria, "remove")

    def find(self, criteria: Criteria) -> tuple[Query, str]:
        """Select all rows that match, in order."""
        return self._find(criteria, "all")

    def find_one(self, criteria: Criteria) -> tuple[Query, str]:
        """Select the first row that matches."""
        return self._find(criteria, "first")

    def page(self, criteria: Criteria, cursor: Cursor | None) -> str:
        """Select the rows that follow a cursor; its values come after the criteria's, the limit last."""
        shape = criteria, None if cursor is None else tuple(value is None for value in cursor)
        made = self._pages.get(shape)
        if made is None:
            query, _ = self.find(criteria)
            conditions, position = _conditions(query)
            if cursor is not None:
                conditions.append(_after_cursor(query, cursor, position))
                position += len(cursor)
            made = self._pages[shape] = f"{self._select(query, conditions)} LIMIT ${position}"
        return made

    def _find(self, criteria: Criteria, what: str) -> tuple[Query, str]:
        made = self._finds.get((criteria, what))
        if made is None:
            query = resolve(self.table, criteria)
            conditions, _ = _conditions(query)
            where = f" WHERE {' AND '.join(conditions)}" if conditions else ""
            if what == "count":
                sql = f"SELECT pg_catalog.count(*) FROM {self.name}{where}"
            elif what == "remove":
                sql = self._remove_where(self._select(query, conditions, column_list(self.table.key)))
            else:
                sql = self._select(query, conditions) + (" LIMIT 1" if what == "first" else "")
            made = self._finds[criteria, what] = query, sql
        return made

    def _remove_where(self, selected: str) -> str:
        """Lock the rows in order before any is deleted: two removals never wait for each other in a ring."""
        same = " AND ".join(
            f"{self.name}.{quote_identifier(name)} {EQ} chosen.{quote_identifier(name)}" for name in self.table.key
        )
        return (
            f"WITH chosen AS ({selected} FOR UPDATE), "
            f"removed AS (DELETE FROM {self.name} USING chosen WHERE {same} RETURNING 1) "
            "SELECT pg_catalog.count(*) FROM removed"
        )

    def _select(self, query: Query, conditions: list[str], columns: str | None = None) -> str:
        where = f" WHERE {' AND '.join(conditions)}" if conditions else ""
        order = ", ".join(
            quote_identifier(column.name) + (" DESC" if by.descending else "") for by, column in query.order
        )
        return f"SELECT {columns or self.columns} FROM {self.name}{where} ORDER BY {order}"

    def _is_key(self, first: int) -> str:
        columns = map(self.table.column, self.table.key)
        return " AND ".join(_equals(column, position) for position, column in enumerate(columns, first))


def _array_type(column: Column) -> str:
    return f"{column.sql_type}[]"


def _parameter(column: Column, position: int) -> str:
    """Return a parameter to compare a column with.

    One for an enumeration says its type: PostgreSQL would else compare both as text, if the type's owner creates an
    implicit cast to it.
    """
    return f"${position}::{column.sql_type}" if column.enum_name else f"${position}"


def _equals(column: Column, position: int) -> str:
    return f"{quote_identifier(column.name)} {EQ} {_parameter(column, position)}"


def _conditions(query: Query) -> tuple[list[str], int]:
    """Return the filters as SQL, and the number of the next parameter."""
    conditions, position = [], 1
    for condition, column in query.where:
        name = quote_identifier(column.name)
        match condition.operator:
            case Operator.IS_NULL | Operator.NOT_NULL:
                conditions.append(f"{name} {condition.operator.value.upper()}")
            case Operator.IN:
                conditions.append(f"{name} {EQ} ANY(${position}::{_array_type(column)})")
            case _:
                sign = f"OPERATOR(pg_catalog.{condition.operator.value})"
                conditions.append(f"{name} {sign} {_parameter(column, position)}")
        position += condition.operator.takes_value
    return conditions, position


def _after_cursor(query: Query, cursor: Cursor, first: int) -> str:
    """Return the condition that a row follows a cursor: a row comparison where one can say it, else spelled out."""
    directions = {by.descending for by, _ in query.order}
    numbers = [f"${position}::{column.sql_type}" for position, (_, column) in enumerate(query.order, first)]
    if len(directions) == 1 and not any(column.optional for _, column in query.order):
        sign = LT if directions.pop() else GT
        return f"({column_list(column.name for _, column in query.order)}) {sign} ({', '.join(numbers)})"
    alternatives: list[str] = []
    equal: list[str] = []
    for (by, column), number, value in zip(query.order, numbers, cursor, strict=True):
        name = quote_identifier(column.name)
        follows = _follows_value(
            name, number, is_null=value is None, descending=by.descending, optional=column.optional
        )
        alternatives.append(" AND ".join([*equal, follows]))
        equal.append(f"({name} IS NULL AND {number} IS NULL)" if value is None else f"{name} {EQ} {number}")
    return "(" + " OR ".join(f"({alternative})" for alternative in alternatives) + ")"


def _follows_value(name: str, number: str, *, is_null: bool, descending: bool, optional: bool) -> str:
    """Return that a value follows another: nulls are last ascending and first descending."""
    if is_null:
        return f"({name} IS NOT NULL AND {number} IS NULL)" if descending else f"(false AND {number} IS NULL)"
    if descending:
        return f"{name} {LT} {number}"
    return f"({name} {GT} {number} OR {name} IS NULL)" if optional else f"{name} {GT} {number}"
