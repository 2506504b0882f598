"""The migrator on PostgreSQL: once each, all or nothing, excluded by either lock, and clear about every mismatch."""

import asyncio
import sys
import time
import uuid
from collections import Counter
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import asyncpg
import pytest

from strongroom.adapters.postgres.locks import MIGRATOR_KEY, PRISMA_KEY
from strongroom.adapters.postgres.migrator import (
    MigrationBlocked,
    MigrationFailed,
    Migrator,
    SchemaAhead,
    SchemaBehind,
    SchemaChanged,
    SchemaHalfApplied,
    SchemaMissing,
    SchemaOutOfOrder,
    State,
)
from strongroom.ports.errors import StorageError, StorageUnavailable

SERVICE = Path(__file__).with_name("apply_once.py")
PROCESSES = 50
LONGEST_WAIT = 3.0
"""How long, in seconds, a service may look on after the last migration: little, on a machine with as much to do."""
SLEEPING = """
    SELECT count(*) FROM pg_stat_activity WHERE query LIKE 'SELECT pg_sleep%' AND datname = current_database()
"""


class Files:
    """Two folders of migrations that a test writes into."""

    def __init__(self, folder: Path) -> None:
        self.backend = folder / "pg"
        self.frontend = folder / "prisma"
        self.backend.mkdir()
        self.frontend.mkdir()

    def ours(self, name: str, sql: str) -> Path:
        """Write a migration of the backend."""
        path = self.backend / f"{name}.sql"
        path.write_text(sql, encoding="utf-8")
        return path

    def theirs(self, name: str, sql: str) -> Path:
        """Write a migration of the frontend."""
        path = self.frontend / name / "migration.sql"
        path.parent.mkdir(exist_ok=True)
        path.write_text(sql, encoding="utf-8")
        return path

    def migrator(self, url: str, **options: Any) -> Migrator:
        """Return a migrator of the two folders."""
        return Migrator(url, backend=self.backend, frontend=self.frontend, **options)


@pytest.fixture
def files(tmp_path: Path) -> Files:
    """Two migrations, one of each history."""
    made = Files(tmp_path)
    made.theirs("1_users", "CREATE TABLE users (id int PRIMARY KEY);")
    made.ours("0001_positions", "-- requires: prisma/1_users\nCREATE TABLE positions (id int REFERENCES users);")
    return made


@pytest.fixture
async def connection(empty_database: str) -> AsyncIterator["asyncpg.Connection[Any]"]:
    """A connection to the test's own database."""
    opened = await asyncpg.connect(empty_database)
    yield opened
    await opened.close()


async def states(migrator: Migrator) -> dict[str, State]:
    """Return how every migration stands, by label."""
    return {status.label: status.state for status in await migrator.status()}


async def test_both_histories_are_applied_and_recorded_once(
    files: Files, empty_database: str, connection: "asyncpg.Connection[Any]"
) -> None:
    """The second run finds nothing to do; Prisma's row is as Prisma writes it; ours says how long it took, and who."""
    migrator = files.migrator(empty_database)
    assert [name for name, _ in (await migrator.migrate()).applied] == ["prisma/1_users", "pg/0001_positions"]
    again = await migrator.migrate()
    assert (again.applied, again.already_applied) == ((), 2)
    theirs = await connection.fetchrow("SELECT * FROM _prisma_migrations")
    assert theirs is not None
    assert (theirs["migration_name"], theirs["applied_steps_count"], theirs["logs"]) == ("1_users", 1, None)
    assert len(theirs["id"]) == 36
    assert len(theirs["checksum"]) == 64
    assert theirs["finished_at"] is not None
    ours = await connection.fetchrow("SELECT * FROM strongroom_migration")
    assert ours is not None
    assert ours["duration_ms"] >= 0
    assert "@" in ours["applied_by"]


async def test_what_prisma_applied_itself_is_not_applied_again(
    files: Files, empty_database: str, connection: "asyncpg.Connection[Any]"
) -> None:
    """A row in ``_prisma_migrations`` counts, whoever wrote it."""
    await files.migrator(empty_database).migrate()
    await connection.execute("DROP TABLE strongroom_migration, positions")
    report = await files.migrator(empty_database).migrate()
    assert [name for name, _ in report.applied] == ["pg/0001_positions"]


async def test_a_dry_run_says_what_would_be_done_and_touches_nothing(
    files: Files, empty_database: str, connection: "asyncpg.Connection[Any]"
) -> None:
    """Not even the history's tables are made."""
    report = await files.migrator(empty_database).migrate(dry_run=True)
    assert [name for name, _ in report.applied] == ["prisma/1_users", "pg/0001_positions"]
    assert await connection.fetchval("SELECT count(*) FROM pg_class WHERE relnamespace = 'public'::regnamespace") == 0


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


async def test_nothing_of_a_file_that_fails_is_kept(
    files: Files, empty_database: str, connection: "asyncpg.Connection[Any]"
) -> None:
    """The error names file, line and statement; what came before the file stays, and a mended file goes on."""
    path = files.ours("0002_bad", "CREATE TABLE a (id int);\n\nINSERT INTO a VALUES ('x');\nCREATE TABLE b (id int);")
    with pytest.raises(MigrationFailed, match=r"pg/0002_bad, line 3: .*nothing of the file is kept"):
        await files.migrator(empty_database).migrate()
    assert await connection.fetchval("SELECT to_regclass('a') IS NULL AND to_regclass('positions') IS NOT NULL")
    path.write_text("CREATE TABLE a (id int);", encoding="utf-8")
    assert [name for name, _ in (await files.migrator(empty_database).migrate()).applied] == ["pg/0002_bad"]


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
    report = await files.migrator(empty_database, patience=60).migrate()
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
        await files.migrator(empty_database, patience=0.3).migrate()
    assert await connection.fetchval("SELECT count(*) FROM pg_class WHERE relname = 'users'") == 0
    running = asyncio.create_task(files.migrator(empty_database).migrate())
    await asyncio.sleep(0.1)
    await connection.execute(f"SELECT pg_advisory_unlock({key})")
    begun = time.monotonic()
    assert len((await running).applied) == 2
    assert time.monotonic() - begun < 3


async def test_statements_without_a_transaction_run_again_after_a_failure(
    files: Files, empty_database: str, connection: "asyncpg.Connection[Any]"
) -> None:
    """An index that CONCURRENTLY left invalid is dropped and built again; what was done before stays."""
    files.ours("0002_rows", "CREATE TABLE a (id int); INSERT INTO a VALUES (1), (1);")
    files.ours(
        "0003_index",
        "-- strongroom: no-transaction\nCREATE INDEX CONCURRENTLY IF NOT EXISTS a_first ON a (id);\n"
        "CREATE UNIQUE INDEX CONCURRENTLY IF NOT EXISTS a_id_key ON a (id);",
    )
    with pytest.raises(MigrationFailed, match=r"pg/0003_index, line 3: .*statements before it are kept"):
        await files.migrator(empty_database).migrate()
    assert await connection.fetchval("SELECT NOT indisvalid FROM pg_index WHERE indexrelid = 'a_id_key'::regclass")
    assert (await states(files.migrator(empty_database)))["pg/0003_index"] is State.HALF_APPLIED
    with pytest.raises(SchemaHalfApplied, match="pg/0003_index was begun and not finished: run 'strongroom migrate'"):
        await files.migrator(empty_database).require_up_to_date()
    await connection.execute("DELETE FROM a")
    report = await files.migrator(empty_database).migrate()
    assert [name for name, _ in report.applied] == ["pg/0003_index"]
    assert await connection.fetchval("SELECT indisvalid FROM pg_index WHERE indexrelid = 'a_id_key'::regclass")


async def test_an_invalid_index_is_found_by_its_table_and_whatever_its_name(
    files: Files, empty_database: str, connection: "asyncpg.Connection[Any]"
) -> None:
    """Quoted names, and tables of other schemas; an invalid index of that name on another table is left alone."""
    await connection.execute(
        """
        CREATE SCHEMA other; CREATE TABLE other."T" (id int); INSERT INTO other."T" VALUES (1), (1);
        CREATE TABLE t (id int); INSERT INTO t VALUES (1), (1);
        """
    )
    for table in ('"t"', 'other."T"'):
        with pytest.raises(asyncpg.UniqueViolationError):
            await connection.execute(f'CREATE UNIQUE INDEX CONCURRENTLY "T key" ON {table} (id)')
    await connection.execute('DELETE FROM other."T"')
    files.ours(
        "0002_index",
        '-- strongroom: no-transaction\nCREATE UNIQUE INDEX CONCURRENTLY IF NOT EXISTS "T key" ON other."T" (id);',
    )
    await files.migrator(empty_database).migrate()
    rows = await connection.fetch("SELECT indrelid::regclass::text, indisvalid FROM pg_index WHERE NOT indisprimary")
    assert {'other."T"': True, "t": False}.items() <= dict(rows).items()


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


async def test_a_file_refused_at_its_commit_is_a_failed_migration(
    files: Files, empty_database: str, connection: "asyncpg.Connection[Any]"
) -> None:
    """What is checked only when the transaction ends is reported as any other refusal, and nothing is kept."""
    files.ours(
        "0002_late",
        "CREATE TABLE late (id int REFERENCES users DEFERRABLE INITIALLY DEFERRED); INSERT INTO late VALUES (7);",
    )
    with pytest.raises(MigrationFailed, match=r"pg/0002_late, when it was committed: .*\(SQLSTATE 23503\)"):
        await files.migrator(empty_database).migrate()
    assert await connection.fetchval("SELECT to_regclass('late') IS NULL")


async def test_what_a_file_sets_for_its_session_ends_with_it(files: Files, empty_database: str) -> None:
    """An empty search path, as in every dump, hides neither the history nor the next file's tables; nor does a role."""
    files.ours("0002_dump", "SELECT pg_catalog.set_config('search_path', '', false); SET ROLE pg_monitor;")
    files.ours("0003_next", "CREATE TABLE after_the_dump (id int);")
    assert len((await files.migrator(empty_database).migrate()).applied) == 4
    await files.migrator(empty_database).require_up_to_date()


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


async def test_an_error_shows_no_password(files: Files, empty_database: str) -> None:
    """Neither one that a statement sets, nor that of the address."""
    files.ours("0002_role", "CREATE ROLE me IN ROLE nobody_such PASSWORD 'hunter2';")
    with pytest.raises(MigrationFailed) as caught:
        await files.migrator(f"{empty_database}&password=hunter3").migrate()
    assert "PASSWORD '***'" in str(caught.value)
    assert "hunter" not in str(caught.value) + repr(files.migrator(f"{empty_database}&password=hunter3"))


async def test_a_role_that_may_not_look_gets_an_error_of_the_port(
    files: Files, empty_database: str, connection: "asyncpg.Connection[Any]"
) -> None:
    """No exception of the driver comes out."""
    await files.migrator(empty_database).migrate()
    role = f"r{uuid.uuid4().hex}"
    await connection.execute(f"CREATE ROLE {role} LOGIN PASSWORD '{role}'")
    parts = urlsplit(empty_database)
    host = parts.netloc.rpartition("@")[2]
    try:
        with pytest.raises(StorageError, match="42501"):
            await files.migrator(urlunsplit(parts._replace(netloc=f"{role}:{role}@{host}"))).status()
    finally:
        await connection.execute(f"DROP ROLE {role}")


async def test_a_look_at_an_up_to_date_database_takes_no_lock(
    files: Files, empty_database: str, connection: "asyncpg.Connection[Any]"
) -> None:
    """Every start of a service looks: it is not held up by a migrator, nor by whoever holds the history's table."""
    await files.migrator(empty_database).migrate()
    await connection.execute(f"SELECT pg_advisory_lock({MIGRATOR_KEY}), pg_advisory_lock({PRISMA_KEY})")
    async with connection.transaction():
        await connection.execute("LOCK TABLE strongroom_migration, _prisma_migrations IN EXCLUSIVE MODE")
        assert (await files.migrator(empty_database, patience=0).migrate()).already_applied == 2


CHANGES: list[tuple[str, Callable[[Files], object], type[Exception], str]] = [
    ("changed", lambda files: files.ours("0001_positions", "SELECT 1;"), SchemaChanged, "pg/0001_positions"),
    ("changed by prisma", lambda files: files.theirs("1_users", "SELECT 1;"), SchemaChanged, "prisma/1_users"),
    ("missing", lambda files: (files.backend / "0001_positions.sql").unlink(), SchemaMissing, "pg/0001_positions"),
    ("ahead", lambda files: (files.backend / "0002_last.sql").unlink(), SchemaAhead, "pg/0002_last"),
]


@pytest.mark.parametrize(("name", "change", "error", "label"), CHANGES, ids=[change[0] for change in CHANGES])
async def test_files_and_database_that_contradict_each_other_are_named(
    files: Files,
    empty_database: str,
    name: str,
    change: Callable[[Files], object],
    error: type[Exception],
    label: str,
) -> None:
    """Each contradiction is its own error, which names the migration; nothing is applied."""
    files.ours("0002_last", "SELECT 2;")
    await files.migrator(empty_database).migrate()
    change(files)
    with pytest.raises(error, match=label):
        await files.migrator(empty_database).migrate()
    with pytest.raises(error, match=label):
        await files.migrator(empty_database).require_up_to_date()


async def test_a_migration_numbered_before_an_applied_one_is_out_of_order(files: Files, empty_database: str) -> None:
    """It is refused rather than applied after what it should have come before; so it is in the frontend's history."""
    later = files.ours("0003_later", "SELECT 3;")
    await files.migrator(empty_database).migrate()
    late = files.ours("0002_late", "SELECT 2;")
    with pytest.raises(SchemaOutOfOrder, match="pg/0002_late"):
        await files.migrator(empty_database).migrate()
    late.unlink()
    assert later.exists()
    files.theirs("0_early", "SELECT 0;")
    with pytest.raises(SchemaOutOfOrder, match=r"prisma/0_early .*prisma migrate deploy"):
        await files.migrator(empty_database).migrate()


async def test_pending_migrations_are_named_when_they_are_not_to_be_applied(files: Files, empty_database: str) -> None:
    """Behind is a message of its own, with the command that helps."""
    with pytest.raises(SchemaBehind, match=r"prisma/1_users, pg/0001_positions: run 'strongroom migrate'"):
        await files.migrator(empty_database).require_up_to_date()


async def test_an_edited_comment_is_no_change_to_ours(files: Files, empty_database: str) -> None:
    """White space and comments of a backend's file may be edited after it was applied."""
    await files.migrator(empty_database).migrate()
    path = files.backend / "0001_positions.sql"
    path.write_text(path.read_text(encoding="utf-8") + "\n-- explained later\n", encoding="utf-8")
    await files.migrator(empty_database).require_up_to_date()


async def test_repair_accepts_the_present_text_and_forgets_what_failed(
    files: Files, empty_database: str, connection: "asyncpg.Connection[Any]"
) -> None:
    """Afterwards the changed file counts as applied, and Prisma's failed row as rolled back, to be applied again."""
    await files.migrator(empty_database).migrate()
    files.ours("0001_positions", "-- requires: prisma/1_users\nCREATE TABLE positions (id int);")
    files.theirs("2_goals", "CREATE TABLE goals (id int);")
    await connection.execute(
        "INSERT INTO _prisma_migrations (id, checksum, migration_name) VALUES ('x', 'y', '2_goals')"
    )
    with pytest.raises(SchemaHalfApplied, match="prisma/2_goals"):
        await files.migrator(empty_database).migrate()
    done = await files.migrator(empty_database).repair()
    assert len(done) == 2
    assert [name for name, _ in (await files.migrator(empty_database).migrate()).applied] == ["prisma/2_goals"]
    assert await files.migrator(empty_database).repair() == []
