"""Asks a server how it writes what only it can parse: types, expressions and conditions that a schema holds as SQL.

The server parses the text and evaluates nothing of it: it keeps a default or a check as parsed until a row is written,
and no row is. Each text is sent in a statement of its own, by the protocol that takes one statement at a time.
"""

from collections.abc import Mapping
from typing import Any, Final, TypeVar

import asyncpg
from attrs import frozen

from strongroom.adapters.quoting import quote_identifier, quote_literal
from strongroom.adapters.schema.prisma.expressions import REMEDY
from strongroom.adapters.schema.prisma.model.arguments import ProblemList
from strongroom.adapters.schema.prisma.model.schema import Field, FieldKind, Model, PrismaSchema
from strongroom.adapters.schema.prisma.quoting import quote_if_needed, truncate_identifier
from strongroom.adapters.schema.prisma.syntax.errors import Position, PrismaSchemaError
from strongroom.adapters.schema.prisma.syntax.nodes import Call, Text

from .catalog import NormalizedSql
from .column_types import ColumnType, column_type, column_type_sql
from .indexes import predicate_sql

K = TypeVar("K")
END: Final = "strongroom_end boolean NOT NULL"
"""A column after the text: text that would end the list of columns is a syntax error then."""
KNOWN: Final = "SELECT pg_catalog.to_regtype($1) IS NOT NULL"
PARSED: Final = """
    SELECT (relkind, relnatts, relchecks, relhasindex) = ('r', $1, $2, false) AS kept,
           format_type(atttypid, atttypmod) AS type, pg_get_expr(adbin, adrelid) AS default,
           (SELECT pg_get_expr(conbin, conrelid) FROM pg_constraint WHERE conrelid = pg_class.oid LIMIT 1) AS condition
    FROM pg_class JOIN pg_attribute ON attrelid = pg_class.oid AND attnum = 1
    LEFT JOIN pg_attrdef ON adrelid = pg_class.oid AND adnum = 1
    WHERE pg_class.oid = 'pg_temp.strongroom_spelling'::regclass
"""
_SYNTAX_ERROR: Final = "42601"
_GAVE_UP: Final = ("53", "54", "57014")
"""How the SQLSTATE begins if the server ran out of memory, of its own limits, or of the time that it was given."""


async def create_enums(connection: "asyncpg.Connection[Any]", schema: PrismaSchema, default_schema: str) -> None:
    """Create the enums of a schema, and the PostgreSQL schemas that they are in, for every role to use.

    Raises PrismaSchemaError for what PostgreSQL refuses.
    """
    for enum in schema.enums:
        within = enum.schema or default_schema
        labels = ", ".join(quote_literal(value.label) for value in enum.values)
        try:
            if within != "public":
                await connection.fetch(f"CREATE SCHEMA IF NOT EXISTS {quote_identifier(within)}")
                await connection.fetch(f"GRANT USAGE ON SCHEMA {quote_identifier(within)} TO PUBLIC")
            await connection.fetch(
                f"CREATE TYPE {quote_identifier(within, truncate_identifier(enum.type))} AS ENUM ({labels})"
            )
        except asyncpg.PostgresError as error:
            problems = ProblemList()
            problems.add(enum.position, f"PostgreSQL refuses the enum {enum.name}: {_words(error)}.", "Change it.")
            raise PrismaSchemaError(problems.found) from None


async def normalize_by_server(
    connection: "asyncpg.Connection[Any]", schema: PrismaSchema, default_schema: str = "public"
) -> NormalizedSql:
    """Return how a server writes the SQL within a schema; what it refuses, for want of a type perhaps, is left out.

    The server needs the enums that the SQL names, no tables, and keeps nothing. The connection must not be in a
    transaction. Raises PrismaSchemaError for text that is not one type or one expression, and asyncpg's errors if the
    connection is lost.
    """
    async with connection.transaction():
        await connection.fetch("SELECT pg_catalog.set_config('search_path', $1, true)", quote_if_needed(default_schema))
        parser = _Parser(connection)
        types = await _unsupported_types(parser, schema)
        typed = _TypedFields(schema, default_schema, types)
        defaults = await _defaults(parser, typed)
        predicates = await _index_predicates(parser, typed)
    if parser.problems.found:
        raise PrismaSchemaError(parser.problems.found)
    return NormalizedSql(types=_known(types), defaults=_known(defaults), predicates=_known(predicates))


def _known(answers: Mapping[K, str | None]) -> dict[K, str]:
    return {key: answer for key, answer in answers.items() if answer}


@frozen
class _TypedFields:
    """A schema whose fields have the types that the server knows."""

    schema: PrismaSchema
    default_schema: str
    types: Mapping[str, str | None]

    def type_of(self, item: Field) -> str | None:
        """Return the type of a field's column; None if the server does not know it."""
        if item.kind is not FieldKind.UNSUPPORTED:
            enums = {enum.name: enum for enum in self.schema.enums}
            return column_type_sql(item, column_type(item, enums, self.schema.datasource, self.default_schema))
        answer = self.types[item.type]
        return column_type_sql(item, ColumnType(answer)) if answer else None


async def _unsupported_types(parser: "_Parser", schema: PrismaSchema) -> dict[str, str | None]:
    types: dict[str, str | None] = {}
    for item in _fields(schema):
        if item.kind is FieldKind.UNSUPPORTED and item.type not in types:
            types[item.type] = await parser.type(item)
    return types


async def _defaults(parser: "_Parser", typed: _TypedFields) -> dict[tuple[str, str], str | None]:
    defaults: dict[tuple[str, str], str | None] = {}
    for item in _fields(typed.schema):
        type_, sql = typed.type_of(item), _dbgenerated_sql(item)
        if type_ and sql and (type_, sql) not in defaults:
            defaults[type_, sql] = await parser.default(item, type_, sql)
    return defaults


async def _index_predicates(parser: "_Parser", typed: _TypedFields) -> dict[tuple[str, str], str | None]:
    predicates: dict[tuple[str, str], str | None] = {}
    for model in typed.schema.models:
        columns = [f"{quote_if_needed(item.column)} {type_}" for item in model.fields if (type_ := typed.type_of(item))]
        for sql, at in _predicates(model).items():
            predicates[model.name, sql] = await parser.condition(columns, sql, at)
    return predicates


def _fields(schema: PrismaSchema) -> list[Field]:
    return [item for model in (*schema.models, *schema.views) for item in model.fields]


def needs_server(schema: PrismaSchema) -> bool:
    """Return whether a schema holds SQL that a server writes in its own way."""
    return any(item.kind is FieldKind.UNSUPPORTED or _dbgenerated_sql(item) for item in _fields(schema)) or any(
        True for model in schema.models for _ in _predicates(model)
    )


class _Parser:
    """Has a server parse text within the definition of a temporary table, which is rolled back."""

    def __init__(self, connection: "asyncpg.Connection[Any]") -> None:
        self._connection = connection
        self.problems = ProblemList()

    async def type(self, item: Field) -> str | None:
        """Return how the server writes an unsupported type; None if it does not know it."""
        return await self._parsed(
            f"c {item.type}\n", "type", "Unsupported()", item.position, columns=2, known=item.type
        )

    async def default(self, item: Field, type_: str, sql: str) -> str | None:
        """Return how the server writes an expression as the default of a column; None if it refuses it."""
        return await self._parsed(
            f"c {type_} DEFAULT (\n{sql}\n)", "default", "dbgenerated()", item.position, columns=2
        )

    async def condition(self, columns: list[str], sql: str, at: Position) -> str | None:
        """Return how the server writes a condition over columns; None if it refuses it."""
        elements = ", ".join([*columns, f"CHECK (\n{sql}\n)"])
        return await self._parsed(elements, "condition", "where", at, columns=len(columns) + 1, checks=1)

    async def _parsed(  # noqa: PLR0913 - the text, where it stands, and what has to come of it
        self, elements: str, answer: str, owner: str, at: Position, *, columns: int, checks: int = 0, known: str = ""
    ) -> str | None:
        connection = self._connection
        savepoint = connection.transaction()
        await savepoint.start()
        try:
            if known and not await connection.fetchval(KNOWN, known):
                return None
            made = await connection.prepare(f"CREATE TEMPORARY TABLE strongroom_spelling ({elements}, {END})", name="")
            await made.executemany([()])
            await connection.fetch("SELECT pg_catalog.set_config('search_path', '', true)")
            row = await connection.fetchrow(PARSED, columns, checks)
        except asyncpg.PostgresError as error:
            if connection.is_closed():
                raise
            self._judge(error, owner, at)
            return None
        finally:
            if not connection.is_closed():
                await savepoint.rollback()
        if row is None or not row["kept"]:
            self.problems.add(at, f"{owner} takes one type or expression of SQL, and holds more.", REMEDY)
            return None
        text: str | None = row[answer]
        return text

    def _judge(self, error: asyncpg.PostgresError, owner: str, at: Position) -> None:
        """Take note of text that is no SQL, or that no server should be asked to parse; leave the rest unsaid."""
        state = str(error.sqlstate)
        if state == _SYNTAX_ERROR:
            self.problems.add(at, f"{owner} takes one type or expression of SQL: {_words(error)}.", REMEDY)
        elif state.startswith(_GAVE_UP):
            self.problems.add(at, f"{owner} holds more than PostgreSQL parses: {_words(error)}.", "Write it shorter.")


def _words(error: asyncpg.PostgresError) -> str:
    return f"{error.message} (SQLSTATE {error.sqlstate})"  # type: ignore[attr-defined, unused-ignore]


def _dbgenerated_sql(item: Field) -> str | None:
    match item.default:
        case Call(name="dbgenerated", arguments=(argument,)) if isinstance(argument.value, Text):
            return argument.value.value
    return None


def _predicates(model: Model) -> dict[str, Position]:
    """Return the conditions of a model's indexes, and where each is first."""
    found: dict[str, Position] = {}
    for index in model.indexes:
        sql = predicate_sql(model, index.where)
        if sql is not None and index.where is not None:
            found.setdefault(sql, index.where.position)
    return found
