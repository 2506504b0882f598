"""Asks a server how it writes what only it can parse: types, expressions and conditions that a schema holds as SQL."""

from collections.abc import Iterable
from typing import Any

import asyncpg

from .catalogue import Spelling
from .column_types import column_type, spelled_type
from .indexes import predicate_sql
from .quoting import quoted
from .schema import Field, FieldKind, Model, PrismaSchema
from .syntax import Call, Text

TABLE = "strongroom_spelling"
TYPE = "SELECT format_type(atttypid, atttypmod) FROM pg_attribute WHERE attrelid = $1::oid AND attnum = 1"
DEFAULT = "SELECT pg_get_expr(adbin, adrelid) FROM pg_attrdef WHERE adrelid = $1::oid"
PREDICATE = "SELECT pg_get_expr(indpred, indrelid) FROM pg_index WHERE indrelid = $1::oid"


async def server_spelling(
    connection: "asyncpg.Connection[Any]", schema: PrismaSchema, default_schema: str = "public"
) -> Spelling:
    """Return how a server writes the SQL within a schema; what it refuses, for want of a type perhaps, is left out.

    The server needs the enums and extensions that the SQL names, no tables. It keeps nothing: temporary tables are
    made and rolled back. The connection must not be in a transaction. Raises asyncpg's errors where it is lost.
    """
    enums = {enum.name: enum for enum in schema.enums}

    def written(item: Field) -> str:
        return spelled_type(item, column_type(item, enums, schema.datasource, default_schema))

    fields = [item for model in (*schema.models, *schema.views) for item in model.fields]
    types = {item.type: "" for item in fields if item.kind is FieldKind.UNSUPPORTED}
    asked = [(written(item), sql) for item in fields if (sql := _generated(item))]
    async with connection.transaction():
        await connection.execute(f"SET LOCAL search_path = {quoted(default_schema)}")
        for type_ in types:
            types[type_] = await _answer(connection, [f"c {type_}"], "", TYPE) or type_
        defaults = {
            (type_, sql): answer
            for type_, sql in dict.fromkeys(asked)
            if (answer := await _answer(connection, [f"c {type_} DEFAULT {sql}"], "", DEFAULT))
        }
        predicates = {}
        for model in schema.models:
            columns = [f"{quoted(item.column)} {written(item)}" for item in model.fields]
            for sql in _predicates(model):
                index = f"CREATE INDEX ON {TABLE} ((1)) WHERE {sql}"
                if answer := await _answer(connection, columns, index, PREDICATE):
                    predicates[model.name, sql] = answer
    return Spelling(types=types, defaults=defaults, predicates=predicates)


def needs_server(schema: PrismaSchema) -> bool:
    """Say whether a schema holds SQL that a server writes in its own way."""
    fields = [item for model in (*schema.models, *schema.views) for item in model.fields]
    return any(item.kind is FieldKind.UNSUPPORTED or _generated(item) for item in fields) or any(
        True for model in schema.models for _ in _predicates(model)
    )


async def _answer(
    connection: "asyncpg.Connection[Any]", columns: Iterable[str], then: str, question: str
) -> str | None:
    """Return what the server says of a table of its own that is gone afterwards; None where it refuses the table."""
    savepoint = connection.transaction()
    await savepoint.start()
    try:
        await connection.execute(f"CREATE TEMPORARY TABLE {TABLE} ({', '.join(columns)}); {then}")
        oid = await connection.fetchval("SELECT $1::text::regclass::oid", TABLE)
        await connection.execute("SET LOCAL search_path = ''")
        answer = await connection.fetchval(question, oid)
    except asyncpg.PostgresError:
        return None
    else:
        return answer if isinstance(answer, str) else None
    finally:
        await savepoint.rollback()


def _generated(item: Field) -> str | None:
    match item.default:
        case Call(name="dbgenerated", arguments=(argument,)) if isinstance(argument.value, Text):
            return argument.value.value
    return None


def _predicates(model: Model) -> list[str]:
    found = [predicate_sql(model, index.where) for index in model.indexes]
    return [sql for sql in dict.fromkeys(found) if sql is not None]
