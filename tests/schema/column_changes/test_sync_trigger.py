"""While a column changes, a row has one value under both names, whoever writes it and by whichever name."""

from collections.abc import AsyncIterator
from typing import Any

import asyncpg
import pytest
from hypothesis import given
from hypothesis import strategies as st

from strongroom.adapters.schema.postgres.column_changes.sync_trigger import create_fill_trigger, create_sync_trigger
from strongroom.domain.schema.column_change import RenameOrRetype, SetNotNull
from strongroom.testing.contract.property_settings import RELAXED

RENAMED = RenameOrRetype(schema="public", table="t", column="old", new="new")
WIDENED = RenameOrRetype(schema="public", table="t", column="old", new="new", type="integer")
DEFAULT = "by default"

values = st.none() | st.text("ab'\\", max_size=2)
keys = st.integers(1, 3)
writes = st.one_of(
    st.tuples(st.just("insert"), keys, st.sampled_from(["old", "new"]), values),
    st.tuples(st.just("insert without"), keys, st.none(), st.none()),
    st.tuples(st.just("update"), keys, st.sampled_from(["old", "new", "other"]), values),
    st.tuples(st.just("update both"), keys, values, values),
)


@pytest.fixture(scope="module")
async def session(new_database: Any) -> AsyncIterator[Any]:
    """A connection to an empty database."""
    connection = await asyncpg.connect(await new_database())
    yield connection
    await connection.close()


async def a_table(connection: Any, change: RenameOrRetype | SetNotNull, stored: list[tuple[int, str | None]]) -> None:
    """Make the table of a change that has just begun over stored rows."""
    await connection.execute("DROP TABLE IF EXISTS t CASCADE; DROP FUNCTION IF EXISTS t_old_new_in_step, t_old_in_step")
    await connection.execute(f"CREATE TABLE t (id integer PRIMARY KEY, old text DEFAULT '{DEFAULT}', other text)")
    await connection.executemany("INSERT INTO t (id, old) VALUES ($1, $2)", stored)
    if isinstance(change, SetNotNull):
        made = create_fill_trigger(change)
    else:
        await connection.execute(f"ALTER TABLE t ADD COLUMN new {change.type or 'text'}")
        made = create_sync_trigger(change, "text")
    for statement in made:
        await connection.execute(statement)


async def both(connection: Any) -> dict[int, tuple[Any, Any]]:
    """Return what every row has under both names."""
    return {row[0]: (row[1], row[2]) for row in await connection.fetch("SELECT id, old, new FROM t")}


@RELAXED
@given(stored=st.dictionaries(keys, values), done=st.lists(writes, max_size=8))
async def test_both_names_have_the_value_that_was_written_last(
    session: Any, stored: dict[int, str | None], done: list[tuple[str, int, Any, Any]]
) -> None:
    """Whatever is written under either name is read under both; what nobody wrote again keeps its value."""
    await a_table(session, RENAMED, [*stored.items()])
    model, touched = dict(stored), set[int]()
    for what, key, one, other in done:
        present = key in model
        if what == "insert" and not present:
            await session.execute(f"INSERT INTO t (id, {one}) VALUES ($1, $2)", key, other)
            # a null under the new name is not told from none given: the default of the old stands
            model[key] = DEFAULT if one == "new" and other is None else other
        elif what == "insert without" and not present:
            await session.execute("INSERT INTO t (id) VALUES ($1)", key)
            model[key] = DEFAULT
        elif what == "update" and present:
            await session.execute(f"UPDATE t SET {one} = $2 WHERE id = $1", key, other)
            if one == "new" and key in stored and key not in touched and other is None:
                pass  # not filled yet: null under the new name is what it had
            elif one != "other":
                model[key] = other
        elif what == "update both" and present:
            before = (await both(session))[key]
            contradicts = one != before[0] and other != before[1] and one != other
            try:
                await session.execute("UPDATE t SET old = $2, new = $3 WHERE id = $1", key, one, other)
            except asyncpg.InvalidParameterValueError:
                assert contradicts
                continue
            assert not contradicts
            model[key] = other if other != before[1] else one
        else:
            continue
        touched.add(key)
    found = await both(session)
    assert {key: old for key, (old, _) in found.items()} == model
    assert all(new == old for key, (old, new) in found.items() if key in touched)
    assert all(new is None for key, (_, new) in found.items() if key not in touched)


@RELAXED
@given(numbers=st.lists(st.integers(-(2**31), 2**31 - 1), min_size=1, max_size=6), others=st.integers(0, 2))
async def test_a_lossy_conversion_does_not_overwrite_the_other_column(
    session: Any, numbers: list[int], others: int
) -> None:
    """Text that reads as a number stays as it was written, until somebody writes the number."""
    texts = {key: f"{number:+012}" for key, number in enumerate(numbers)}
    await a_table(session, WIDENED, [*texts.items()])
    for key, text in texts.items():
        await session.execute("UPDATE t SET other = 'x', new = $2 WHERE id = $1", key, int(text))
        for _ in range(others):
            await session.execute("UPDATE t SET other = 'y' WHERE id = $1", key)
    assert await both(session) == {key: (text, int(text)) for key, text in texts.items()}
    await session.execute("UPDATE t SET new = 7")
    assert set((await both(session)).values()) == {("7", 7)}
    with pytest.raises(asyncpg.InvalidTextRepresentationError):
        await session.execute("UPDATE t SET old = 'seven'")


@RELAXED
@given(done=st.lists(st.tuples(st.sampled_from(["INSERT", "UPDATE"]), keys, values), max_size=8))
async def test_null_is_replaced_by_the_fill(session: Any, done: list[tuple[str, int, str | None]]) -> None:
    """Where null is given, or nothing where there is no default, the fill is stored."""
    await a_table(session, SetNotNull(schema="public", table="t", column="old", fill="'none'"), [])
    model: dict[int, str] = {}
    for what, key, value in done:
        if what == "INSERT" and key not in model:
            await session.execute("INSERT INTO t (id, old) VALUES ($1, $2)", key, value)
        elif what == "UPDATE" and key in model:
            await session.execute("UPDATE t SET old = $2 WHERE id = $1", key, value)
        else:
            continue
        model[key] = "none" if value is None else value
    assert dict(await session.fetch("SELECT id, old FROM t")) == model


async def test_an_upsert_by_either_name_writes_both(session: Any) -> None:
    """ON CONFLICT DO UPDATE sees what the trigger made of the row that was to be inserted."""
    await a_table(session, RENAMED, [(1, "before")])
    for name, value in (("old", "a"), ("new", "b"), ("old", "c")):
        statement = f"INSERT INTO t (id, {name}) VALUES (1, $1) ON CONFLICT (id) DO UPDATE SET {name} = EXCLUDED.{name}"
        await session.execute(statement, value)
        assert await both(session) == {1: (value, value)}
