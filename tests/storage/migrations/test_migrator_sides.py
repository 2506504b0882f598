"""Each side applies its own migrations, where it has to: under the guard no role may change the other's tables."""

import shutil
from pathlib import Path
from typing import Any

import asyncpg
import pytest
from support.migration_files import Files, states

from strongroom.adapters.postgres.migrator import MigrationState
from strongroom.adapters.postgres.migrator.errors import SchemaBehind
from strongroom.adapters.postgres.migrator.files import Side
from strongroom.adapters.schema.contract_file import read_contract
from strongroom.adapters.schema.postgres.guard import install
from strongroom.migrations import backend_folder, frontend_folder

ROOT = Path(__file__).resolve().parents[3]


async def test_a_run_applies_its_sides_alone(files: Files, empty_database: str) -> None:
    """What the other side has pending is left to it; what needs it says so."""
    files.ours("0001_positions", "CREATE TABLE positions (id int)")
    files.ours("0002_of_users", "-- requires: prisma/1_users\nCREATE TABLE of_users (id int REFERENCES users)")
    ours = files.migrator(empty_database, sides=[Side.BACKEND])
    with pytest.raises(SchemaBehind, match="pg/0002_of_users requires prisma/1_users, which its own side"):
        await ours.migrate()
    theirs = files.migrator(empty_database, sides=[Side.FRONTEND])
    assert applied(await theirs.migrate()) == ["prisma/1_users"]
    assert applied(await ours.migrate()) == ["pg/0001_positions", "pg/0002_of_users"]
    assert set((await states(ours)).values()) == {MigrationState.APPLIED}


async def test_under_the_guard_each_role_migrates_its_own(files: Files, database: str) -> None:
    """As a side's role the side's next migration is applied, and the other's is refused by the database."""
    contract = read_contract(ROOT)
    roles = {side.name: side.role for side in contract.sides}
    connection = await asyncpg.connect(database)
    try:
        await install(connection, contract)
        for role in roles.values():
            await connection.execute(f'ALTER ROLE "{role}" LOGIN')
    finally:
        await connection.close()
    shutil.rmtree(files.backend)
    shutil.rmtree(files.frontend)
    shutil.copytree(backend_folder(), files.backend)
    shutil.copytree(frontend_folder(), files.frontend)
    files.ours("0999_own", "CREATE TABLE own_work (id int PRIMARY KEY)")
    files.theirs("20990101000000_theirs", "CREATE TABLE their_work (id int PRIMARY KEY)")
    for side, label in ((Side.BACKEND, "pg/0999_own"), (Side.FRONTEND, "prisma/20990101000000_theirs")):
        url = database.replace("postgres@", f"{roles[side.name.lower()]}@", 1)
        assert applied(await files.migrator(url, sides=[side]).migrate()) == [label]


def applied(report: Any) -> list[str]:
    """Return the names of what a run applied."""
    return [name for name, _ in report.applied]
