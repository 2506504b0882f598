"""Prisma's migration engine and our migrator share one history: after either, the other has nothing to do."""

import shutil
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import asyncpg
import pytest
from support.schema.prisma_engine import PrismaEngine, PrismaRefused, connection_of

from strongroom.adapters.mapping.platform import PLATFORM
from strongroom.adapters.mapping.table import Owner
from strongroom.adapters.postgres.migrator import MigrationState, Migrator
from strongroom.adapters.postgres.migrator.files import Side
from strongroom.adapters.schema.new_migrations import FolderMigrations, write_migrations
from strongroom.adapters.schema.project import coordinate, open_project
from strongroom.adapters.schema.scratch import ScratchServer
from strongroom.domain.schema.column_change import Phase, RenameOrRetype
from strongroom.migrations import backend_folder, frontend_folder
from strongroom.ports.schema.expand_contract import plan_change

FRONTEND = [folder for folder in sorted(frontend_folder().iterdir()) if folder.is_dir()]
EXTERNAL = [f"public.{table.name}" for table in PLATFORM.tables if table.owner is Owner.BACKEND]
OURS = ["public.strongroom_migration", "public.strongroom_view_refresh"]


@pytest.fixture(scope="session")
def engine(node_modules: Path) -> Iterator[PrismaEngine]:
    """Prisma's migration engine."""
    with PrismaEngine(node_modules.parent / "migrate.mjs") as engine:
        yield engine


def deploy(engine: PrismaEngine, url: str, folders: list[Path]) -> dict[str, Any]:
    """Have Prisma deploy some of the frontend's migrations."""
    database = connection_of(url)
    return engine.ask(
        migrations=[(folder.name, (folder / "migration.sql").read_text(encoding="utf-8")) for folder in folders],
        schema=(frontend_folder().parent / "schema.prisma").read_text(encoding="utf-8"),
        lock=(frontend_folder() / "migration_lock.toml").read_text(encoding="utf-8"),
        database=database,
        external=[*EXTERNAL, *OURS],
    )


def test_after_our_migrator_prisma_has_nothing_to_do(engine: PrismaEngine, database: str) -> None:
    """Every migration of the frontend counts as applied, with its own checksum; none failed, none was edited."""
    told = deploy(engine, database, FRONTEND)
    assert (told["applied"], told["edited"], told["failed"]) == ([], [], [])
    assert told["history"] in (None, {"diagnostic": "databaseIsBehind", "unappliedMigrationNames": []})


async def test_after_prisma_our_migrator_has_nothing_to_do(engine: PrismaEngine, empty_database: str) -> None:
    """What Prisma applied is not applied again, and each goes on where the other stopped."""
    assert deploy(engine, empty_database, FRONTEND[:1])["applied"] == [FRONTEND[0].name]
    ours = Migrator(empty_database)
    applied = [name for name, _ in (await ours.migrate()).applied]
    assert f"prisma/{FRONTEND[0].name}" not in applied
    assert f"prisma/{FRONTEND[1].name}" in applied
    assert {status.state for status in await ours.status()} == {MigrationState.APPLIED}
    assert deploy(engine, empty_database, FRONTEND)["applied"] == []


async def test_an_edited_file_is_seen_by_both(engine: PrismaEngine, database: str, tmp_path: Path) -> None:
    """A migration whose text was changed afterwards is edited for Prisma, and changed for us."""
    copies = []
    for folder in FRONTEND:
        copy = tmp_path / "prisma" / folder.name
        copy.mkdir(parents=True)
        text = (folder / "migration.sql").read_bytes()
        (copy / "migration.sql").write_bytes(text if folder is not FRONTEND[1] else text + b"-- more\n")
        copies.append(copy)
    assert deploy(engine, database, copies)["edited"] == [FRONTEND[1].name]
    ours = Migrator(database, backend=backend_folder(), frontend=tmp_path / "prisma", sides=[Side.FRONTEND])
    changed = [status.label for status in await ours.status() if status.state is MigrationState.CHANGED]
    assert changed == [f"prisma/{FRONTEND[1].name}"]


async def test_prisma_waits_for_our_migrators_lock(engine: PrismaEngine, empty_database: str) -> None:
    """Both take the same advisory lock, so that they never migrate at once."""
    connection = await asyncpg.connect(empty_database)
    try:
        await connection.execute("SELECT pg_advisory_lock(72707369)")
        with pytest.raises(PrismaRefused, match="advisory lock"):
            deploy(engine, empty_database, FRONTEND[:1])
    finally:
        await connection.close()


async def test_prisma_deploys_a_change_in_steps(
    engine: PrismaEngine, database: str, postgres_url: str, tmp_path: Path
) -> None:
    """Each file is one that Prisma's engine can run: batches that commit, indexes that are built concurrently."""
    root = Path(__file__).resolve().parents[3]
    shutil.copy(root / "strongroom.toml", tmp_path)
    shutil.copytree(root / "migrations", tmp_path / "migrations")
    change = RenameOrRetype(schema="public", table="subscription_plan", column="code", new="slug")
    with ScratchServer(postgres_url) as scratch:
        now = datetime(2026, 11, 23, tzinfo=UTC)
        plan = await plan_change(
            coordinate(open_project(tmp_path), scratch), change, Phase.EXPAND, FolderMigrations(tmp_path, now), now
        )
    write_migrations(plan.files)
    connection = await asyncpg.connect(database)
    await connection.execute(
        "INSERT INTO subscription_plan (id, code, name, price_usd, period_days, features) "
        "SELECT gen_random_uuid(), 'plan-' || n, 'Plan', 1, 30, '{}' FROM generate_series(1, 5000) n"
    )
    new = [one.path.parent for one in plan.files]
    assert deploy(engine, database, [*FRONTEND, *new])["applied"] == [folder.name for folder in new]
    assert await connection.fetchval("SELECT count(*) FROM subscription_plan WHERE slug = code") == 5000
    invalid = await connection.fetchval("SELECT count(*) FROM pg_index WHERE NOT indisvalid")
    await connection.close()
    assert invalid == 0
    migrations = tmp_path / "migrations"
    ours = Migrator(database, backend=migrations / "pg", frontend=migrations / "prisma" / "migrations")
    assert (await ours.migrate()).applied == ()
