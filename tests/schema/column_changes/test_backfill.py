"""The backfill fills every row once, waits for nobody, holds nobody up for long, and may be stopped and run again."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import asyncpg
import pytest
from attrs import frozen

from strongroom.adapters.mapping.declaration import declare
from strongroom.adapters.schema.entities.ddl import version_trigger_sql
from strongroom.adapters.schema.postgres.column_changes.sync_trigger import (
    BATCH_PAGES,
    backfill_sql,
    create_fill_trigger,
    create_sync_trigger,
)
from strongroom.domain.schema.column_change import RenameOrRetype, SetNotNull
from strongroom.domain.values.fields import Count32, checked

MOVED = RenameOrRetype(schema="public", table="t", column="old", new="new")
ROWS = 60_000
"""More than a batch holds: some three hundred rows fit a page that is half filled."""


@frozen(kw_only=True, field_transformer=checked)
class _Versioned:
    id: Count32
    version: Count32


VERSIONED = declare(_Versioned, "t")
Connect = Callable[[], Awaitable["asyncpg.Connection[Any]"]]


async def filled(connection: Any, *, rows: int, partitioned: bool = False) -> None:
    """Make a table with rows, and begin the change over them."""
    parts = " PARTITION BY RANGE (id)" if partitioned else ""
    await connection.execute(f"CREATE TABLE t (id integer PRIMARY KEY, old text, padding text){parts}")
    if partitioned:
        await connection.execute(f"CREATE TABLE t_low PARTITION OF t FOR VALUES FROM (0) TO ({rows // 2})")
        await connection.execute("CREATE TABLE t_high PARTITION OF t DEFAULT")
    fill = "INSERT INTO t SELECT n, 'value ' || n, repeat('x', 80) FROM generate_series(0, $1::int - 1) n"
    await connection.execute(fill, rows)
    await connection.execute("ALTER TABLE t ADD COLUMN new text")
    for statement in create_sync_trigger(MOVED, "text"):
        await connection.execute(statement)


async def out_of_step(connection: Any) -> int:
    """Count the rows whose names have not one value."""
    return int(await connection.fetchval("SELECT count(*) FROM t WHERE new IS DISTINCT FROM old"))


@pytest.mark.parametrize("partitioned", [False, True])
async def test_every_row_is_filled_in_batches_that_are_committed_one_by_one(
    connect: Connect, *, partitioned: bool
) -> None:
    """No batch is larger than its pages, so that no row is held longer than one takes."""
    connection = await connect()
    await filled(connection, rows=ROWS, partitioned=partitioned)
    pages = await connection.fetchval("SELECT sum(pg_relation_size(relid)) / 8192 FROM pg_partition_tree('t')")
    pages = int(pages or 0) or await connection.fetchval("SELECT pg_relation_size('t') / 8192")
    await connection.execute(backfill_sql(MOVED))
    assert await out_of_step(connection) == 0
    sizes = await connection.fetch("SELECT count(*) FROM t GROUP BY xmin::text")
    largest = max(size for (size,) in sizes)
    assert len(sizes) >= pages // BATCH_PAGES
    assert largest <= ROWS / pages * BATCH_PAGES * 1.5
    before = await connection.fetchval("SELECT sum(xmin::text::bigint) FROM t")
    await connection.execute(backfill_sql(MOVED))
    assert await connection.fetchval("SELECT sum(xmin::text::bigint) FROM t") == before


async def test_locked_rows_are_skipped_and_filled_later(connect: Connect) -> None:
    """It waits for no lock: a deadlock with it cannot be, and what it passed over is filled in a later round."""
    one, other = await connect(), await connect()
    await filled(one, rows=1_000)
    transaction = other.transaction()
    await transaction.start()
    await other.execute("SELECT FROM t WHERE id % 10 = 0 FOR UPDATE")
    running = asyncio.create_task(one.execute(backfill_sql(MOVED)))
    watcher = await connect()
    for _ in range(500):
        await asyncio.sleep(0.01)
        if await out_of_step(watcher) == 100:
            break
    assert await out_of_step(watcher) == 100
    assert not running.done()
    # what the backfill has filled, nobody is kept from, though it is still at work
    await watcher.execute("SET lock_timeout = '2s'; UPDATE t SET old = 'written meanwhile' WHERE id = 5")
    await transaction.rollback()
    await asyncio.wait_for(running, 20)
    assert await out_of_step(watcher) == 0
    assert await watcher.fetchval("SELECT new FROM t WHERE id = 5") == "written meanwhile"


async def test_a_stopped_backfill_resumes(connect: Connect) -> None:
    """A backfill that is ended in the middle loses nothing, and the next one does the rest."""
    one, other = await connect(), await connect()
    await filled(one, rows=ROWS)
    running = asyncio.create_task(one.execute(backfill_sql(MOVED)))
    for _ in range(2_000):
        await asyncio.sleep(0)
        if 0 < (left := await out_of_step(other)) < ROWS:
            break
    await other.fetch("SELECT pg_cancel_backend($1)", one.get_server_pid())
    with pytest.raises(asyncpg.QueryCanceledError):
        await running
    assert 0 < await out_of_step(other) <= left < ROWS
    await other.execute(backfill_sql(MOVED))
    assert await out_of_step(other) == 0


async def test_rows_without_a_value_are_left_and_nulls_are_filled_where_they_are_refused(connect: Connect) -> None:
    """Null stays null under a new name; where null is to go, the fill takes its place."""
    connection = await connect()
    await filled(connection, rows=100)
    await connection.execute("ALTER TABLE t DISABLE TRIGGER ALL; UPDATE t SET old = NULL WHERE id % 2 = 0")
    await connection.execute("ALTER TABLE t ENABLE TRIGGER ALL")
    await connection.execute(backfill_sql(MOVED))
    assert await connection.fetchval("SELECT count(*) FROM t WHERE new IS NULL AND old IS NULL") == 50
    required = SetNotNull(schema="public", table="t", column="padding", fill="'%s it''s'")
    await connection.execute("UPDATE t SET padding = NULL WHERE id % 3 = 0")
    for statement in create_fill_trigger(required):
        await connection.execute(statement)
    await connection.execute(backfill_sql(required))
    assert await connection.fetchval("SELECT count(*) FROM t WHERE padding = '%s it''s'") == 34
    assert await connection.fetchval("SELECT count(*) FROM t WHERE padding IS NULL") == 0


async def test_versions_stay_as_they_are(connect: Connect) -> None:
    """A backfill raises no version, so that no copy of a row that a service holds becomes stale by it."""
    connection = await connect()
    await filled(connection, rows=500)
    await connection.execute("ALTER TABLE t ADD COLUMN version integer NOT NULL DEFAULT 1")
    for statement in version_trigger_sql(VERSIONED):
        await connection.execute(statement)
    await connection.execute("UPDATE t SET padding = '' WHERE id = 0")
    await connection.execute(backfill_sql(MOVED))
    assert await out_of_step(connection) == 0
    assert [tuple(row) for row in await connection.fetch("SELECT version, count(*) FROM t GROUP BY 1 ORDER BY 1")] == [
        (1, 499),
        (2, 1),
    ]
