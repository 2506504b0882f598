"""Files and database that do not agree: each way of it is named, and repaired only when it is asked for."""

from collections.abc import Callable
from typing import Any

import asyncpg
import pytest
from support.migration_files import Files

from strongroom.adapters.postgres.migrator import (
    SchemaAhead,
    SchemaBehind,
    SchemaChanged,
    SchemaHalfApplied,
    SchemaMissing,
    SchemaOutOfOrder,
)

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
    """It is refused rather than applied after what it should have come before."""
    files.ours("0003_later", "SELECT 3;")
    await files.migrator(empty_database).migrate()
    files.ours("0002_late", "SELECT 2;")
    with pytest.raises(SchemaOutOfOrder, match="pg/0002_late"):
        await files.migrator(empty_database).migrate()


async def test_an_older_migration_of_the_frontend_is_applied_late_as_prisma_does(
    files: Files, empty_database: str
) -> None:
    """Its branches are merged that way: a folder whose name sorts before an applied one is merely pending."""
    await files.migrator(empty_database).migrate()
    files.theirs("0_early", "SELECT 0;")
    report = await files.migrator(empty_database).migrate()
    assert [name for name, _ in report.applied] == ["prisma/0_early"]


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
