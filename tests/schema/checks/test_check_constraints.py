"""A rule of the mapping says the same as SQL and as a function, whatever the row; so do the keys' expressions."""

import re

import asyncpg
import pytest
from hypothesis import Phase, find, given, settings
from hypothesis import strategies as st
from support.rows import TEXTS, columns_in, given_rows, rows

from strongroom.adapters.mapping.platform import PLATFORM

RULED = [table for table in PLATFORM.tables if table.checks]
RULES = {
    re.sub(rf"\b({'|'.join(column.name for column in table.columns)})\b", "value", check.sql): (table, check)
    for table in RULED
    for check in table.checks
}.values()
"""One of all rules that say the same of a column."""
PARTIAL = [(table, unique) for table in PLATFORM.tables for unique in table.uniques if unique.applies]
EXPRESSED = [(table, unique) for table in PLATFORM.tables for unique in table.uniques if unique.transform]

some = settings(max_examples=max(5, settings().max_examples // 5))
lists = settings(max_examples=max(5, settings().max_examples // 10))  # of 20 rows each
search = settings(max_examples=2000, database=None, phases=[Phase.generate])


async def evaluated(connection, table, entities, expressions):
    """Return, row by row, the values of SQL expressions."""
    columns = columns_in(table, " ".join(expressions))
    source, values = given_rows(table, columns, entities)
    selected = ", ".join(f"({expression})" for expression in expressions)
    query = f"SELECT {selected} FROM {source} ORDER BY place"
    return [tuple(row) for row in await connection.fetch(query, *values)]


@pytest.mark.parametrize("table", RULED, ids=lambda table: table.name)
@lists
@given(data=st.data())
async def test_a_rule_is_the_same_in_sql_and_in_python(table, data, connection):
    """Every rule holds, fails or passes for want of a value, on both sides alike."""
    expressions = [check.sql for check in table.checks]
    entities = data.draw(st.lists(rows(table, " ".join(expressions)), min_size=1, max_size=20))
    found = await evaluated(connection, table, entities, expressions)
    assert [tuple(check.holds(entity) for check in table.checks) for entity in entities] == found


@pytest.mark.parametrize(("table", "check"), RULES, ids=[check.name for _, check in RULES])
@pytest.mark.parametrize("outcome", [True, False])
def test_a_rule_is_kept_by_some_of_the_rows_tried_and_broken_by_others(table, check, outcome):
    """The rows reach both sides of every rule, so that a difference could be seen."""
    find(rows(table, check.sql), lambda entity: check.holds(entity) is outcome, settings=search)


@pytest.fixture
async def ruled(table, connection):
    """A table with the rules of another and nothing else that could refuse a row."""
    freed = ", ".join(f'ALTER COLUMN "{column.name}" DROP NOT NULL' for column in table.columns)
    await connection.execute(f'CREATE TEMP TABLE ruled (LIKE "{table.name}" INCLUDING CONSTRAINTS)')
    await connection.execute(f"ALTER TABLE ruled {freed}")


@pytest.mark.parametrize("table", RULED, ids=lambda table: table.name)
@some
@given(data=st.data())
async def test_the_first_broken_rule_by_name_is_the_one_that_refuses(table, data, ruled, connection):
    """PostgreSQL names the rule that comes first in the mapping's order."""
    sql = " ".join(check.sql for check in table.checks)
    entity = data.draw(rows(table, sql))
    broken = [check.name for check in table.checks if check.holds(entity) is False]
    columns = columns_in(table, sql)
    source, values = given_rows(table, columns, [entity])
    names = ", ".join(f'"{column.name}"' for column in columns)
    insert = f"INSERT INTO ruled ({names}) SELECT {names} FROM {source}"
    refused_by = None
    try:
        async with connection.transaction():
            await connection.execute(insert, *values)
    except asyncpg.CheckViolationError as error:
        refused_by = error.constraint_name
    assert refused_by == (broken[0] if broken else None)


@pytest.mark.parametrize(("table", "unique"), PARTIAL, ids=[unique.name for _, unique in PARTIAL])
@some
@given(data=st.data())
async def test_a_partial_key_concerns_the_same_rows_in_sql_and_in_python(table, unique, data, connection):
    """The key's predicate and its function agree on every row."""
    entities = data.draw(st.lists(rows(table, unique.where), min_size=1, max_size=20))
    found = await evaluated(connection, table, entities, [unique.where])
    assert [(unique.applies(entity),) for entity in entities] == found


@pytest.mark.parametrize(("table", "unique"), EXPRESSED, ids=[unique.name for _, unique in EXPRESSED])
@some
@given(data=st.data())
async def test_a_key_over_an_expression_takes_the_same_values_for_equal(table, unique, data, connection):
    """The key's expression and its function make the same of every value, letters beyond ASCII included."""
    entities = data.draw(st.lists(rows(table, unique.expression).filter(unique.applies), min_size=1, max_size=20))
    found = await evaluated(connection, table, entities, [unique.expression])
    assert [(unique.transform(*(getattr(entity, name) for name in unique.fields)),) for entity in entities] == found


@some
@given(texts=st.lists(TEXTS | st.text("aAäÄzZ éßﬀ𝔘\uffff", max_size=3), max_size=30))
async def test_text_sorts_by_code_point(texts, connection):
    """The collation of every text column orders as Python orders str."""
    found = await connection.fetch('SELECT text FROM unnest($1::text[]) AS text ORDER BY text COLLATE "C"', texts)
    assert [text for (text,) in found] == sorted(texts)
