"""A literal is a value of its type, or is refused with its line: nothing else comes of any text."""

from collections.abc import AsyncIterator
from contextlib import suppress
from typing import Any

import asyncpg
import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.schema.prisma_engine import HEAD

from strongroom.adapters.schema.prisma import PrismaSchemaError, prisma_catalog, read_schema

NATIVE = {
    "Int": ["", "@db.SmallInt", "@db.Oid"],
    "BigInt": [""],
    "Float": ["", "@db.Real"],
    "Decimal": ["", "@db.Decimal(10, 2)", "@db.Money"],
    "DateTime": ["", "@db.Date", "@db.Timestamptz(6)", "@db.Time(3)", "@db.Timetz"],
    "Json": ["", "@db.Json"],
    "Bytes": [""],
    "Boolean": [""],
    "String": ["", "@db.Uuid", "@db.Inet", "@db.Bit(3)"],
}
DIGITS = st.text("0123456789", min_size=1, max_size=6).flatmap(
    lambda text: st.sampled_from([1, 1, 3, 900, 30_000]).map(lambda times: text * times)
)
NUMBERS = st.builds("{}{}{}{}".format, st.sampled_from(["", "-"]), DIGITS, st.sampled_from(["", "."]), DIGITS)
EXPONENTS = st.builds("{}e{}{}".format, NUMBERS, st.sampled_from(["", "-", "+"]), DIGITS)
TIMES = st.builds(
    "{}T{}{}".format,
    st.dates().map(str) | st.just("2020-02-30"),
    st.times().map(str) | st.just("24:00:00"),
    st.sampled_from(["", "Z", "z", "+05:30", "-23:59", "+24:00", " "]),
)
NESTED = st.sampled_from(["[", '{"a":', "[["]).flatmap(
    lambda opening: st.sampled_from([1, 100, 127, 128, 5_000]).map(lambda depth: opening * depth)
)
WORDS = st.sampled_from(
    ["NaN", "Infinity", "-0", "", " 1", "1_0", "+1", "null", "true", "x", "aGk=", "aGk", "=", "[1,]"]
)
TEXTS = st.text(max_size=8) | NUMBERS | EXPONENTS | TIMES | NESTED | WORDS
WRITTEN = TEXTS.map(lambda text: '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"')


@pytest.fixture(scope="module")
async def server(postgres_url: str) -> "AsyncIterator[asyncpg.Connection[Any]]":
    """A connection on which temporary tables are made."""
    connection = await asyncpg.connect(postgres_url)
    await connection.execute("SET timezone = 'UTC'")
    yield connection
    await connection.close()


@given(data=st.data(), type_=st.sampled_from(list(NATIVE)), listed=st.booleans())
def test_any_text_is_a_literal_or_is_refused(data: st.DataObject, type_: str, *, listed: bool) -> None:
    """What the reader accepts has a form in the catalog, whatever its length; the rest is told with its place."""
    native = data.draw(st.sampled_from(NATIVE[type_]))
    value = data.draw(WRITTEN | NUMBERS | EXPONENTS)
    field = f"a {type_}[] {native} @default([{value}])" if listed else f"a {type_} {native} @default({value})"
    with suppress(PrismaSchemaError):
        schema = read_schema({"schema.prisma": f"{HEAD}model m {{\n  id Int @id\n  {field}\n}}\n"})
        assert prisma_catalog(schema).relations[0].columns[1].default is not None


@pytest.mark.parametrize(
    ("field", "default"),
    [
        ('a Decimal @default("1e5")', "100000"),
        ('a Decimal @default("1.5E+2")', "150"),
        ('a Decimal @default("25e-3")', "0.025"),
        ('a Decimal @default("-0")', "0"),
        ("a Decimal @default(-0.0)", "0.0"),
        (f"a Decimal @default({'9' * 5000})", f"'{'9' * 5000}'::numeric"),
        ("a Int @default(0000000000000000000000007)", "7"),
        ('a DateTime @db.Date @default("0002-01-01t00:00:00z")', "'0002-01-01'::date"),
        (
            'a DateTime @db.Timestamptz @default("2020-01-01 02:00:00+02:00")',
            "'2020-01-01 00:00:00+00'::timestamp with time zone",
        ),
        ('a Json @default("[1e2, -0.0, 12345678901234567890.10]")', "'[100, 0.0, 12345678901234567890.10]'::jsonb"),
        ('a Bytes @default("aGk=")', "'\\x6869'::bytea"),
    ],
)
async def test_a_literal_is_written_as_the_server_writes_it(
    server: "asyncpg.Connection[Any]", field: str, default: str
) -> None:
    """Numbers are exact and without exponents, times have all their digits, bytes are hexadecimal."""
    schema = read_schema({"schema.prisma": f"{HEAD}model m {{\n  id Int @id\n  {field}\n}}\n"})
    column = prisma_catalog(schema).relations[0].columns[1]
    assert column.default == default
    async with server.transaction():
        await server.execute(f"CREATE TEMPORARY TABLE literal (c {column.type} DEFAULT {default})")
        found = await server.fetchval(
            "SELECT pg_get_expr(adbin, adrelid) FROM pg_attrdef WHERE adrelid = 'literal'::regclass"
        )
        await server.execute("DROP TABLE literal")
    assert found == default
