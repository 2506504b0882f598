"""Rows that stand in the way of a check: the migration that validates it, and ``status``, name and count them."""

import shutil
from pathlib import Path

import asyncpg
import pytest
from support.command_environment import clean_environment, cli
from support.commands import answer, invoke
from support.foreign import foreign_writer
from typer.testing import CliRunner

from strongroom import open_storage
from strongroom.adapters.mapping.platform import PLATFORM
from strongroom.adapters.postgres.migrator import MigrationFailed, Migrator
from strongroom.adapters.postgres.violations import unvalidated_checks
from strongroom.domain.accounts.goal import Goal
from strongroom.testing.factory import World

__all__ = ["clean_environment", "cli"]
CHECK = "goal_target_date_range_check"
PLAIN = (
    "ALTER TABLE goal DROP CONSTRAINT goal_target_date_range_check, ADD CONSTRAINT goal_target_date_range_check "
    "CHECK (target_date >= '0001-01-02' AND target_date <= '9999-12-30') NOT VALID"
)


@pytest.fixture
async def goals(database: str) -> list[Goal]:
    """Goals in a database whose checks are not validated; two of them break one, from before it was there."""
    async with open_storage(database, min_size=1) as storage:
        goals = await World(storage).several(Goal, 3)
    async with foreign_writer(database) as connection:
        await connection.execute(f"ALTER TABLE goal DROP CONSTRAINT {CHECK}")
        await connection.execute(
            "UPDATE goal SET target_date = 'infinity' WHERE id = ANY ($1)", [goals[0].id, goals[1].id]
        )
        await connection.execute(PLAIN.replace(f"DROP CONSTRAINT {CHECK}, ", ""))
    return goals


async def test_a_migration_that_validates_a_check_names_the_rows(
    database: str, goals: list[Goal], tmp_path: Path
) -> None:
    """How many there are, the first keys, and the query that shows them; once they are mended, it goes through."""
    folder = tmp_path / "backend"
    shutil.copytree(PLATFORM.extensions[0].migrations or "", folder, ignore=shutil.ignore_patterns("__pycache__"))
    number = max(int(path.name[:4]) for path in folder.glob("*.sql")) + 1
    (folder / f"{number:04}_validate.sql").write_text(f"ALTER TABLE goal VALIDATE CONSTRAINT {CHECK};\n")
    migrator = Migrator(database, backend=folder, frontend=PLATFORM.extensions[0].prisma_migrations)
    with pytest.raises(MigrationFailed, match=f"2 rows stand in the way of {CHECK}, .*{goals[0].id}") as caught:
        await migrator.migrate()
    query = str(caught.value).rpartition(": ")[2]
    async with foreign_writer(database) as connection:
        assert {row["id"] for row in await connection.fetch(query)} == {goals[0].id, goals[1].id}
        await connection.execute("UPDATE goal SET target_date = '2030-01-01' WHERE target_date = 'infinity'")
    await migrator.migrate()


def test_status_names_the_rows(cli: CliRunner, database: str, goals: list[Goal]) -> None:
    """``status`` counts the rows that break a check that is not validated."""
    shown = invoke(cli, "status", "--database", database)
    assert f"2 rows stand in the way of {CHECK}" in shown.stdout
    told = answer(cli, "status", "--database", database)
    assert [(one["constraint"], one["rows"]) for one in told["unvalidated"]] == [(CHECK, 2)]


async def test_only_checks_that_are_declared_are_looked_at(database: str) -> None:
    """A check of somebody else's is not evaluated: it may call a function of theirs."""
    connection = await asyncpg.connect(database)
    await connection.execute("CREATE FUNCTION trap() RETURNS boolean LANGUAGE sql AS 'SELECT 1 / 0 = 1'")
    await connection.execute("ALTER TABLE coin ADD CONSTRAINT trapped CHECK (trap()) NOT VALID")
    assert await unvalidated_checks(connection, PLATFORM.tables) == []
    await connection.close()
