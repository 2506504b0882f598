"""Under the guard a side changes a column of its own in steps, by its own role, and the other side reads along."""

import shutil
from datetime import UTC, datetime

import asyncpg
import pytest
from attrs import evolve
from support.schema.guarded import PROJECT

from strongroom.adapters.postgres.migrator import Migrator
from strongroom.adapters.postgres.migrator.files import Side
from strongroom.adapters.schema.contract_file import read_contract
from strongroom.adapters.schema.contract_file.open_changes import record_change
from strongroom.adapters.schema.new_migrations import FolderMigrations, write_migrations
from strongroom.adapters.schema.postgres.guard import install, status
from strongroom.adapters.schema.project import coordinate, open_project
from strongroom.adapters.schema.scratch import ScratchServer
from strongroom.domain.schema.column_change import Phase, RenameOrRetype
from strongroom.ports.schema.expand_contract import plan_change

NOW = datetime(2026, 11, 23, tzinfo=UTC)
SEED = """
    INSERT INTO chain (id, family, name, native_symbol, finality_depth)
        SELECT n, 'evm', 'Chain ' || n, 'ONE', 0 FROM generate_series(1, 50) n;
    INSERT INTO subscription_plan (id, code, name, price_usd, period_days, features)
        SELECT gen_random_uuid(), 'plan-' || n, 'Plan ' || n, 1, 30, '{}' FROM generate_series(1, 50) n
"""


@pytest.mark.parametrize(
    ("side", "other", "change"),
    [
        ("backend", "frontend", RenameOrRetype(schema="public", table="chain", column="native_symbol", new="ticker")),
        ("frontend", "backend", RenameOrRetype(schema="public", table="subscription_plan", column="name", new="title")),
    ],
)
async def test_a_side_changes_its_own_column_in_steps(places, unguarded, postgres_url, tmp_path, side, other, change):
    """The migrations of both ends are the side's own to apply, and the other reads the new name as it did the old."""
    place = await places.database(unguarded)
    async with place.connected() as superuser:
        await superuser.execute(SEED)
        await install(superuser, place.contract)
    text = (
        (PROJECT / "strongroom.toml")
        .read_text()
        .replace('= "strongroom"', '= "none"')
        .replace('= "prisma"\nsch', '= "none"\nsch')
    )
    (tmp_path / "strongroom.toml").write_text(text)
    shutil.copytree(PROJECT / "migrations", tmp_path / "migrations")
    own = {"backend": Side.BACKEND, "frontend": Side.FRONTEND}[side]
    folders = {"backend": tmp_path / "migrations" / "pg", "frontend": tmp_path / "migrations/prisma/migrations"}
    migrator = Migrator(place.address(place.role(side)), sides=[own], **folders)
    for phase in (Phase.EXPAND, Phase.CONTRACT):
        project = open_project(tmp_path)
        with ScratchServer(postgres_url) as scratch:
            files = FolderMigrations(project.folder, NOW)
            plan = await plan_change(coordinate(project, scratch), change, phase, files, NOW)
        write_migrations(plan.files)
        record_change(project.file, plan)
        applied = (await migrator.migrate()).applied
        assert [name for name, _ in applied] == [one.migration.label for one in plan.files]
        async with place.connected(place.role(other)) as reader:
            rows = await reader.fetch(f"SELECT {change.new} FROM {change.table}")
            assert len(rows) == 50
            assert None not in {value for (value,) in rows}
            with pytest.raises(asyncpg.InsufficientPrivilegeError):
                await reader.execute(f"ALTER TABLE {change.table} DROP COLUMN {change.new}")
        contract = evolve(place.contract, changes=read_contract(tmp_path).changes)
        async with place.connected() as superuser:
            await install(superuser, contract)
            assert [one for one in await status(superuser, contract) if not one.in_place] == []
