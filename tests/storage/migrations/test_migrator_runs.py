"""The migrator on PostgreSQL: both histories, once each, all or nothing, and every refusal in clear words."""

import uuid
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import asyncpg
import pytest
from support.migration_files import Files, states

from strongroom.adapters.postgres.migrator import Migration, MigrationFailed, MigrationState, SchemaHalfApplied, Side
from strongroom.adapters.postgres.migrator.apply import apply_migration
from strongroom.ports.errors import StorageError


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


async def test_migrations_applied_by_prisma_are_not_applied_again(
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


async def test_a_failed_file_is_rolled_back(
    files: Files, empty_database: str, connection: "asyncpg.Connection[Any]"
) -> None:
    """The error names file, line and statement; what came before the file stays, and a mended file goes on."""
    path = files.ours("0002_bad", "CREATE TABLE a (id int);\n\nINSERT INTO a VALUES ('x');\nCREATE TABLE b (id int);")
    with pytest.raises(MigrationFailed, match=r"pg/0002_bad, line 3: .*nothing of the file is kept"):
        await files.migrator(empty_database).migrate()
    assert await connection.fetchval("SELECT to_regclass('a') IS NULL AND to_regclass('positions') IS NOT NULL")
    path.write_text("CREATE TABLE a (id int);", encoding="utf-8")
    assert [name for name, _ in (await files.migrator(empty_database).migrate()).applied] == ["pg/0002_bad"]


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
    assert (await states(files.migrator(empty_database)))["pg/0003_index"] is MigrationState.HALF_APPLIED
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


async def test_session_settings_of_a_file_are_reset(files: Files, empty_database: str) -> None:
    """An empty search path, as in every dump, hides neither the history nor the next file's tables; nor does a role."""
    files.ours("0002_dump", "SELECT pg_catalog.set_config('search_path', '', false); SET ROLE pg_monitor;")
    files.ours("0003_next", "CREATE TABLE after_the_dump (id int);")
    assert len((await files.migrator(empty_database).migrate()).applied) == 4
    await files.migrator(empty_database).require_up_to_date()


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


async def test_no_command_hides_in_a_statement(
    files: Files, empty_database: str, connection: "asyncpg.Connection[Any]"
) -> None:
    """If the server reads a statement as several commands, it refuses them all, and nothing of the file is kept."""
    files.ours(
        "0002_split",
        "CREATE TABLE outside (id int); SET standard_conforming_strings = off;\nSELECT 'a\\''; COMMIT; SELECT 1/0 --'",
    )
    with pytest.raises(MigrationFailed, match=r"line 2: cannot insert multiple commands .*nothing of the file is kept"):
        await files.migrator(empty_database).migrate()
    assert await connection.fetchval("SELECT to_regclass('outside') IS NULL")


@pytest.mark.parametrize("ending", ["COMMIT; SELECT 1/0", "COMMIT", "COMMIT; BEGIN", "COMMIT; BEGIN; SELECT 1/0"])
async def test_what_is_kept_is_told_by_the_server(
    files: Files, empty_database: str, connection: "asyncpg.Connection[Any]", ending: str
) -> None:
    """A file that ends its own transaction has failed, and nobody claims that nothing of it is kept."""
    await files.migrator(empty_database).migrate()
    migration = Migration(
        side=Side.BACKEND,
        name="0002_split",
        path=Path("0002_split.sql"),
        sql=f"CREATE TABLE outside (id int); {ending}",
        requires=(),
        in_transaction=True,
    )
    with pytest.raises(MigrationFailed, match=r"its own transaction, which is committed: what stands before .* kept"):
        await apply_migration(connection, migration, lock_timeout=1, wait_timeout=1)
    assert await connection.fetchval("SELECT to_regclass('outside') IS NOT NULL")
