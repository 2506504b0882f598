"""The migrator among others: fifty at once, one killed, either migrator's lock, and the tables' own."""

import asyncio
import sys
import time
from collections import Counter
from pathlib import Path
from typing import Any

import asyncpg
import pytest
from support.migration_files import Files, states

from strongroom.adapters.postgres.locks import MIGRATOR_KEY, PRISMA_KEY
from strongroom.adapters.postgres.migrator import (
    MigrationBlocked,
)
from strongroom.ports.errors import StorageUnavailable

SERVICE = Path(__file__).with_name("apply_once.py")
PROCESSES = 50
LONGEST_WAIT = 3.0
"""How long, in seconds, a service may look on after the last migration: little, on a machine with as much to do."""
SLEEPING = """
    SELECT count(*) FROM pg_stat_activity WHERE query LIKE 'SELECT pg_sleep%' AND datname = current_database()
"""


async def test_fifty_services_that_start_at_once_apply_each_migration_once(
    files: Files, empty_database: str, connection: "asyncpg.Connection[Any]"
) -> None:
    """None fails, each file runs in exactly one of them, and none waits longer than the work takes."""
    for number in range(2, 8):
        files.ours(f"000{number}_more", f"CREATE TABLE t{number} (id int); SELECT pg_sleep(0.05);")
    arguments = [sys.executable, str(SERVICE), empty_database, str(files.backend), str(files.frontend)]

    async def service() -> tuple[int, list[str], str]:
        process = await asyncio.create_subprocess_exec(
            *arguments, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE
        )
        out, err = await process.communicate()
        return process.returncode or 0, out.decode().split(), err.decode()

    results = await asyncio.gather(*(service() for _ in range(PROCESSES)))
    assert [(code, err) for code, _, err in results if code or err] == []
    counts = Counter(name for _, (_, _, *names), _ in results for name in names)
    assert counts == dict.fromkeys(await states(files.migrator(empty_database)), 1)
    done = await connection.fetchval("SELECT extract(epoch FROM max(finished_at)) FROM strongroom_migration")
    waits = [float(ended) - max(float(begun), float(done)) for _, (begun, ended, *_), _ in results]
    assert max(waits) < LONGEST_WAIT


async def test_a_process_killed_in_the_middle_leaves_nothing_behind(
    files: Files, empty_database: str, connection: "asyncpg.Connection[Any]"
) -> None:
    """After kill -9 in a migration the next service applies it whole: locks and half a file are gone."""
    path = files.ours("0002_slow", "CREATE TABLE a (id int); SELECT pg_sleep(60);")
    process = await asyncio.create_subprocess_exec(
        sys.executable, str(SERVICE), empty_database, str(files.backend), str(files.frontend)
    )
    while not await connection.fetchval(SLEEPING):
        await asyncio.sleep(0.02)
    process.kill()
    await process.wait()
    path.write_text("CREATE TABLE a (id int);", encoding="utf-8")
    report = await files.migrator(empty_database, wait_timeout=60).migrate()
    assert [name for name, _ in report.applied] == ["pg/0002_slow"]


async def test_a_migration_never_queues_in_front_of_live_traffic(
    files: Files, empty_database: str, connection: "asyncpg.Connection[Any]"
) -> None:
    """A table's lock is asked for briefly and again; when its holder ends the migration goes through."""
    await files.migrator(empty_database).migrate()
    files.ours("0002_alter", "ALTER TABLE positions ADD COLUMN note text;")
    transaction = connection.transaction()
    await transaction.start()
    await connection.execute("SELECT * FROM positions")
    running = asyncio.create_task(files.migrator(empty_database, lock_timeout=0.1).migrate())
    await asyncio.sleep(0.35)
    assert not running.done()
    await transaction.rollback()
    assert [name for name, _ in (await running).applied] == ["pg/0002_alter"]


async def test_a_lock_that_is_never_given_ends_in_a_clear_error(
    files: Files, empty_database: str, connection: "asyncpg.Connection[Any]"
) -> None:
    """After so many tries MigrationBlocked says what to look at, and nothing is kept."""
    await files.migrator(empty_database).migrate()
    files.ours("0002_alter", "ALTER TABLE positions ADD COLUMN note text;")
    async with connection.transaction():
        await connection.execute("SELECT * FROM positions")
        with pytest.raises(MigrationBlocked, match="pg_stat_activity"):
            await files.migrator(empty_database, lock_timeout=0.05, attempts=3).migrate()


@pytest.mark.parametrize("key", [MIGRATOR_KEY, PRISMA_KEY])
async def test_either_migrators_lock_excludes_ours(
    files: Files, empty_database: str, connection: "asyncpg.Connection[Any]", key: int
) -> None:
    """While another session holds our lock, or Prisma's, nothing is applied; a wait without end is an error."""
    await connection.execute(f"SELECT pg_advisory_lock({key})")
    with pytest.raises(MigrationBlocked, match="another migrator"):
        await files.migrator(empty_database, wait_timeout=0.3).migrate()
    assert await connection.fetchval("SELECT count(*) FROM pg_class WHERE relname = 'users'") == 0
    running = asyncio.create_task(files.migrator(empty_database).migrate())
    await asyncio.sleep(0.1)
    await connection.execute(f"SELECT pg_advisory_unlock({key})")
    begun = time.monotonic()
    assert len((await running).applied) == 2
    assert time.monotonic() - begun < 3


async def test_an_index_built_concurrently_waits_for_those_it_does_not_hinder(
    files: Files, empty_database: str, connection: "asyncpg.Connection[Any]"
) -> None:
    """It may have to wait for old transactions far longer than a lock is queued for, and is not begun anew for that."""
    await files.migrator(empty_database).migrate()
    files.ours(
        "0002_index",
        "-- strongroom: no-transaction\nCREATE INDEX CONCURRENTLY IF NOT EXISTS positions_id_idx ON positions (id);",
    )
    async with connection.transaction(isolation="repeatable_read"):
        await connection.execute("SELECT count(*) FROM positions")
        running = asyncio.create_task(files.migrator(empty_database, lock_timeout=0.05, attempts=1).migrate())
        await asyncio.sleep(0.5)
        assert not running.done()
    assert [name for name, _ in (await running).applied] == ["pg/0002_index"]


async def test_the_migrators_locks_are_free_while_a_tables_lock_is_awaited(
    files: Files, empty_database: str, connection: "asyncpg.Connection[Any]"
) -> None:
    """Prisma gives up after 10 s: between two tries of a file it gets its turn."""
    await files.migrator(empty_database).migrate()
    files.ours("0002_alter", "ALTER TABLE positions ADD COLUMN note text;")
    prisma = await asyncpg.connect(empty_database)
    async with connection.transaction():
        await connection.execute("SELECT * FROM positions")
        running = asyncio.create_task(files.migrator(empty_database, lock_timeout=0.2).migrate())
        await asyncio.sleep(0.1)
        await asyncio.wait_for(prisma.execute(f"SELECT pg_advisory_lock({PRISMA_KEY})"), timeout=5)
        assert not running.done()
    await prisma.close()
    assert len((await running).applied) == 1


async def test_a_migration_that_prisma_is_just_applying_is_waited_for(
    files: Files, empty_database: str, connection: "asyncpg.Connection[Any]"
) -> None:
    """Its row is unfinished, but its lock is held: that is no half applied migration, until the lock is free."""
    await files.migrator(empty_database).migrate()
    path = files.theirs("2_goals", "CREATE TABLE goals (id int);")
    await connection.execute(
        f"""
        SELECT pg_advisory_lock({PRISMA_KEY});
        INSERT INTO _prisma_migrations (id, checksum, migration_name)
        VALUES ('x', encode(sha256(convert_to('{path.read_text()}', 'UTF8')), 'hex'), '2_goals');
        """
    )
    running = asyncio.create_task(files.migrator(empty_database).migrate())
    await asyncio.sleep(0.2)
    assert not running.done()
    await connection.execute("UPDATE _prisma_migrations SET finished_at = now() WHERE id = 'x'")
    await connection.execute(f"SELECT pg_advisory_unlock({PRISMA_KEY})")
    assert (await running).applied == ()


async def test_a_connection_that_is_lost_is_an_unavailable_storage(
    files: Files, empty_database: str, connection: "asyncpg.Connection[Any]"
) -> None:
    """The server ends it in the middle of a file: the error says which, nothing is kept, and a second run goes on."""
    path = files.ours("0002_slow", "CREATE TABLE a (id int); SELECT pg_sleep(60);")
    running = asyncio.create_task(files.migrator(empty_database).migrate())
    while not await connection.fetchval(SLEEPING):
        await asyncio.sleep(0.02)
    await connection.execute(
        """
        SELECT pg_terminate_backend(pid) FROM pg_stat_activity
        WHERE pid <> pg_backend_pid() AND datname = current_database()
        """
    )
    with pytest.raises(StorageUnavailable, match="pg/0002_slow was applied; nothing of it is kept"):
        await running
    path.write_text("CREATE TABLE a (id int);", encoding="utf-8")
    assert len((await files.migrator(empty_database).migrate()).applied) == 1


async def test_a_look_at_an_up_to_date_database_takes_no_lock(
    files: Files, empty_database: str, connection: "asyncpg.Connection[Any]"
) -> None:
    """Every start of a service looks: it is not held up by a migrator, nor by whoever holds the history's table."""
    await files.migrator(empty_database).migrate()
    await connection.execute(f"SELECT pg_advisory_lock({MIGRATOR_KEY}), pg_advisory_lock({PRISMA_KEY})")
    async with connection.transaction():
        await connection.execute("LOCK TABLE strongroom_migration, _prisma_migrations IN EXCLUSIVE MODE")
        assert (await files.migrator(empty_database, wait_timeout=0).migrate()).already_applied == 2
