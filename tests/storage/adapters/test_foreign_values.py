"""Every column at its extremes, written by another program: read as it is, refused by name, or named as unreadable."""

import random
import re
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from datetime import date
from typing import Any, Final

import asyncpg
import pytest
from attrs import frozen
from support.foreign import DROP_RULES, foreign_writer

from strongroom.adapters.mapping.columns import Column
from strongroom.adapters.mapping.platform import PLATFORM
from strongroom.adapters.mapping.table import Table
from strongroom.adapters.postgres import PostgresSettings, PostgresStorage, open_postgres
from strongroom.adapters.postgres.encoding import encode_json
from strongroom.adapters.postgres.repository import query_argument
from strongroom.domain.values.field_types import AnyAddress, Base58
from strongroom.ports.errors import UnreadableRow
from strongroom.testing.factory import World
from strongroom.testing.truncation import empty_tables

TIMES: Final = (
    "infinity",
    "-infinity",
    "4713-01-01 00:00:00+00 BC",
    "0001-12-31 BC",
    "0001-01-01 00:00:00+00",
    "0001-01-02 00:00:00+00",
    "1969-12-31 23:59:59.999999+00",
    "2026-01-01 00:00:00.123456+00",
    "9999-12-30 00:00:00+00",
    "9999-12-31 23:59:59.999999+00",
    "10000-01-01 00:00:00+00",
    "294276-12-31 23:59:59.999999+00",
)
DAYS: Final = (*(time.partition(" ")[0] for time in TIMES if "BC" not in time), "4713-01-01 BC", "5874897-12-31")
WHOLE: Final = (0, -0, 1, -1, 2**256, 2**256 - 1, -(2**256), 2**255, 10**78 - 1, 10**78, 1 - 10**78, 2**128, 2**160)
NUMBERS: Final = (
    *("NaN", "Infinity", "-Infinity", "-0", "0.000000000000000001", "0.0000000000000000001", "-0.000000000000000001"),
    *("0.5", "-0.5", "99999999999999999999.999999999999999999", "99999999999999999999.9999999999999999995", "1e20"),
    *("-99999999999999999999.999999999999999999", "999999999999.999999999999", "1.10", "1.1000000000000000000"),
)
JSON: Final = (
    *(
        "null",
        "true",
        "0",
        "-0",
        '""',
        '"text"',
        "[]",
        "[1]",
        "[{}]",
        "[null]",
        "{}",
        '{"": null}',
        '{"a": [null, {"b": []}]}',
    ),
    *('{"a": 1e400}', '{"a": 1e-400}', '{"a": 0.1}', '{"a": 0.10000000000000000001}', '{"a": 5e-324}', '{"a": -0.0}'),
    *('{"a": 12345678901234567890123456789}', '{"a": 1.7976931348623157e308}', '{"a": "\\ud83d\\ude00"}'),
    *('{"a": "\\ud83d"}', '{"a": "\\u0000"}', '{"a": 1, "a": 2}', '{"a": NaN}', "{'a': 1}", ""),
    f'{{"a": {"[" * 3000}{"]" * 3000}}}',
    f'{{"a": {"9" * 5000}}}',
)
TEXTS: Final = (
    *("", " ", "\n", "é", "\U0001d518", "a" * 100_000, "'; --", "\\", "%", "0x", "0X" + "A" * 40, "0x" + "a" * 40),
    *("0x" + "a" * 64, "0x" + "g" * 40, "0x" + "a" * 40 + "\n", "1" * 32, "1" * 44, "1" * 64, "1" * 88, "l" * 32),
)
EXTREMES: Final[dict[str, Sequence[str]]] = {
    "timestamp with time zone": TIMES,
    "date": DAYS,
    "jsonb": JSON,
    "text": TEXTS,
    "smallint": ("-32768", "32767", "32768", "0", "-1"),
    "integer": ("-2147483648", "2147483647", "2147483648", "0", "-1", "256"),
    "bigint": ("-9223372036854775808", "9223372036854775807", "9223372036854775808", "0", "-1"),
    "boolean": ("true", "false", "unknown"),
    "bytea": ("", "\\x", "\\x00", "\\xff", "\\x" + "00" * 100_000),
    "uuid": ("00000000-0000-0000-0000-000000000000", "ffffffff-ffff-ffff-ffff-ffffffffffff", "no"),
}
"""What each type of PostgreSQL holds at its edges, and what lies beyond; NULL is tried on every column."""


@frozen
class Written:
    """A storage over a database, and another program that writes to it."""

    storage: PostgresStorage
    foreign: "asyncpg.Connection[Any]"
    checked: bool


async def opened(url: str, *, checked: bool) -> AsyncIterator[Written]:
    """Open both; without its checks the database is one whose rows are older than they are."""
    async with (
        foreign_writer(url) as foreign,
        await open_postgres(PostgresSettings(url=url, min_size=1, max_size=1)) as storage,
    ):
        await foreign.execute("SET timezone = 'UTC'")
        if not checked:
            await foreign.execute(DROP_RULES)
        yield Written(storage, foreign, checked)


@pytest.fixture(scope="module", params=[True, False], ids=["with-checks", "without-checks"])
async def written(
    request: pytest.FixtureRequest, new_database: Callable[..., Awaitable[str]], migrated_template: str
) -> AsyncIterator[Written]:
    """A database of the module, as it is migrated and without its checks."""
    async for both in opened(await new_database(migrated_template), checked=request.param):
        yield both


def extremes(column: Column) -> list[str | None]:
    """Return texts of a column's type at its edges and beyond."""
    if column.enum_name:
        return [None, *(str(member.value) for member in column.kind.enum), "unheard of"]  # type: ignore[attr-defined]
    if column.type.startswith("numeric"):
        return [None, *NUMBERS, *map(str, WHOLE)]
    return [None, *EXTREMES[column.type]]


def tried(table: Table, request: pytest.FixtureRequest) -> list[tuple[Column, str | None]]:
    """Return columns with extremes: all of them in a long run, else one for each column, by a constant seed."""
    every = [(column, text) for column in table.columns for text in extremes(column)]
    if request.config.getoption("--long"):
        return every
    draw = random.Random(table.name)
    return [(column, draw.choice(extremes(column))) for column in table.columns]


@pytest.mark.parametrize("table", PLATFORM.tables, ids=lambda table: table.name)
async def test_an_extreme_is_read_as_it_is_refused_by_name_or_named(
    table: Table, written: Written, request: pytest.FixtureRequest
) -> None:
    """What the database takes is read back equal or raises UnreadableRow; what it refuses, it refuses by a name."""
    storage, foreign = written.storage, written.foreign
    await empty_tables(foreign)
    entity = await World(storage).added(table)
    repository = getattr(storage, table.repository)
    known = {*(check.name for check in table.checks), *(unique.name for unique in table.uniques)}
    for column, text in tried(table, request):
        quoted = f'"{column.name}"'
        try:
            sql = f"UPDATE {table.sql_name} SET {quoted} = $1::text::{column.sql_type}"
            await foreign.execute(sql, text)
        except asyncpg.PostgresError as error:
            named: Any = error
            of_type = isinstance(error, asyncpg.DataError | asyncpg.ProgramLimitExceededError)
            rule = str(named.constraint_name)
            if not (of_type or named.column_name == column.name or rule in known):
                pytest.fail(f"{column.name} = {text!r} is refused without a name: {error}")
            continue
        found = await _read(repository)
        if isinstance(found, UnreadableRow):
            assert (found.table, found.column) == (table.name, column.name), (text, found)
        else:
            value = getattr(found, column.name)
            assert await _is_stored(storage, table, column, value), (column.name, text, value)
            if written.checked:
                problem = column.validate(value)
                assert problem is None or isinstance(column.kind, Base58 | AnyAddress), (column.name, text, problem)
        await _restore(foreign, table, column, entity)
    assert await repository.find() == [entity]


async def _read(repository: Any) -> Any:
    """Return the one row that a repository reads, or the error that names it, alike as a list and as a stream."""
    try:
        [listed] = await repository.find()
    except UnreadableRow as told:
        with pytest.raises(UnreadableRow, match=re.escape(str(told))):
            _ = [row async for row in repository.stream()]
        return told
    assert [row async for row in repository.stream()] == [listed]
    return listed


async def _is_stored(storage: PostgresStorage, table: Table, column: Column, value: Any) -> bool:
    """Say whether the stored value is the one that was read, by PostgreSQL's own comparison."""
    async with storage.pool.connection() as connection:
        given = query_argument(value)
        if isinstance(value, date):  # asyncpg writes the first and the last of Python's times as infinite ones
            sql = f'SELECT "{column.name}" = $1::text::{column.sql_type} FROM {table.sql_name}'
            return bool(await connection.fetchval(sql, value.isoformat()))
        if column.type == "jsonb" and given is not None:
            sql = f'SELECT "{column.name}" = $1::text::jsonb FROM {table.sql_name}'
            return bool(await connection.fetchval(sql, encode_json(given)))
        sql = f'SELECT "{column.name}" IS NOT DISTINCT FROM $1::{column.sql_type} FROM {table.sql_name}'
        return bool(await connection.fetchval(sql, given))


async def _restore(foreign: "asyncpg.Connection[Any]", table: Table, column: Column, entity: Any) -> None:
    """Give the row its own value back."""
    value = query_argument(getattr(entity, column.name))
    if column.type == "jsonb" and value is not None:
        value = encode_json(value)
    elif column.type.startswith("numeric") and value is not None:
        value = str(value)
    cast = "text::" if column.type == "jsonb" or column.type.startswith("numeric") else ""
    await foreign.execute(f'UPDATE {table.sql_name} SET "{column.name}" = $1::{cast}{column.sql_type}', value)
