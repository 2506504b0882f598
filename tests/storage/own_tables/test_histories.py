"""A service's migrations are a history of their own: recorded, ordered and told apart from the platform's."""

from pathlib import Path
from typing import Any

import asyncpg
import pytest
from attrs import evolve
from support.own_tables import guide_file

from strongroom import PLATFORM, Extension, Model, SchemaMismatch, SettingInvalid, open_storage
from strongroom.adapters.postgres.migrator import (
    MigrationFileInvalid,
    MigrationFolders,
    Migrator,
    SchemaAhead,
    SchemaBehind,
    load_migrations,
    migration_order,
)
from strongroom.adapters.schema.entities.first_migration import first_migration
from strongroom.adapters.schema.schema_baseline import check_schema_baseline
from strongroom.testing.servers import template_database


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder of the history of alerts, with the guide's migration."""
    (tmp_path / "0001_price_alert.sql").write_text(
        guide_file("alerts/migrations/0001_price_alert.sql"), encoding="utf-8"
    )
    return tmp_path


@pytest.fixture
def model(services: Any, folder: Path) -> Model:
    """The platform with alerts, whose migrations are those of the test's folder."""
    return PLATFORM + evolve(services.alerts.ALERTS, migrations=folder)


@pytest.fixture
async def database(postgres_url: str, services: Any, new_database: Any) -> str:
    """A database of the test's own, migrated with the platform and alerts."""
    return str(await new_database(await template_database(postgres_url, services.alerts.MODEL)))


def test_the_guides_migration_is_the_one_that_is_printed(services: Any) -> None:
    """The file of the guide is what ``strongroom model sql`` prints for its declarations."""
    printed = first_migration(services.alerts.MODEL, services.alerts.ALERTS)
    assert printed == guide_file("alerts/migrations/0001_price_alert.sql")


def test_a_header_places_a_migration_between_the_platforms(model: Model, folder: Path) -> None:
    """An extension's file comes after those that it requires; the platform's own order is as it is without it."""
    (folder / "0002_more.sql").write_text("-- requires: pg/0003\nSELECT 1;", encoding="utf-8")
    labels = [one.label for one in migration_order(load_migrations(MigrationFolders.of(model)))]
    assert labels.index("alerts/0002_more") > next(n for n, label in enumerate(labels) if label.startswith("pg/0003"))
    platform = [one.label for one in migration_order(load_migrations(MigrationFolders.of(PLATFORM)))]
    assert [label for label in labels if not label.startswith("alerts/")] == platform


@pytest.mark.parametrize("name", ["pg/9999", "alerts/0007", "elsewhere/0001"])
def test_a_requirement_that_does_not_exist_is_named(model: Model, folder: Path, name: str) -> None:
    """Histories are told by their names, those of extensions among them."""
    (folder / "0002_more.sql").write_text(f"-- requires: {name}\nSELECT 1;", encoding="utf-8")
    with pytest.raises(MigrationFileInvalid, match=f"alerts/0002_more requires '?{name}"):
        migration_order(load_migrations(MigrationFolders.of(model)))


def test_a_folder_that_is_not_there_is_named(services: Any, tmp_path: Path) -> None:
    """A package that was installed without its SQL files says so before anything runs."""
    model = PLATFORM + evolve(services.alerts.ALERTS, migrations=tmp_path / "absent")
    with pytest.raises(MigrationFileInvalid, match=r"alerts: there is no folder .*absent"):
        load_migrations(MigrationFolders.of(model))


async def test_each_history_has_a_record_of_its_own(databases: dict[str, str]) -> None:
    """The platform's record holds its own files alone, and a database of a to-do list has none of the platform's."""
    for name, expected in (("alerts", ["0001_price_alert"]), ("todo", ["0001_todo"])):
        connection = await asyncpg.connect(databases[name])
        try:
            recorded = await connection.fetch(f"SELECT name FROM strongroom_migration_{name}")
            assert [row["name"] for row in recorded] == expected
            ours = await connection.fetchval("SELECT to_regclass('strongroom_migration')::text")
            assert ours == (None if name == "todo" else "strongroom_migration")
            if ours:
                assert not await connection.fetchval("SELECT count(*) FROM strongroom_migration WHERE name ~ 'alert'")
        finally:
            await connection.close()


async def test_behind_and_ahead_name_the_history(database: str, model: Model, folder: Path) -> None:
    """A pending file of an extension is its own history's lack; an older service is behind in that history alone."""
    (folder / "0002_more.sql").write_text("CREATE TABLE more (id uuid PRIMARY KEY);", encoding="utf-8")
    with pytest.raises(SchemaBehind, match=r"lacks alerts/0002_more") as behind:
        await Migrator(database, model=model).require_up_to_date()
    assert behind.value.histories == ("alerts",)
    assert [label for label, _ in (await Migrator(database, model=model).migrate()).applied] == ["alerts/0002_more"]
    (folder / "0002_more.sql").unlink()
    with pytest.raises(SchemaAhead, match="alerts/0002_more is applied") as ahead:
        await Migrator(database, model=model).require_up_to_date()
    assert ahead.value.histories == ("alerts",)
    await Migrator(database).require_up_to_date()


async def test_a_side_may_apply_its_own_history_alone(database: str, model: Model, folder: Path) -> None:
    """``migrates`` takes an extension's name, and refuses one that the model does not have."""
    (folder / "0002_more.sql").write_text("CREATE TABLE more (id uuid PRIMARY KEY);", encoding="utf-8")
    assert (await Migrator(database, model=model, sides=["pg"]).migrate()).applied == ()
    async with open_storage(database, model=model, migrates="alerts", min_size=0) as storage:
        assert await storage.coins.count() == 0
    await Migrator(database, model=model).require_up_to_date()
    with pytest.raises(SettingInvalid, match="'alarms' is none of both, backend, frontend, alerts"):
        async with open_storage(database, model=model, migrates="alarms", min_size=0):
            pass


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ("ALTER TABLE price_alert DROP COLUMN is_active", "is_active"),
        ("ALTER TABLE price_alert ALTER threshold_usd TYPE double precision", "double precision"),
        ("ALTER TYPE alert_direction RENAME VALUE 'below' TO 'under'", "below"),
        ("DROP TABLE price_alert", "price_alert"),
    ],
)
async def test_a_table_that_is_not_as_declared_is_found_as_a_storage_opens(
    database: str, services: Any, change: str, said: str
) -> None:
    """Columns, types and labels of own tables are held against their declarations, as the platform's are."""
    model = services.alerts.MODEL
    await check_schema_baseline(database, "strict", model=model, connect_timeout=5)
    connection = await asyncpg.connect(database)
    try:
        await connection.execute(change)
    finally:
        await connection.close()
    with pytest.raises(SchemaMismatch, match=said):
        await check_schema_baseline(database, "strict", model=model, connect_timeout=5)
    await check_schema_baseline(database, "strict", connect_timeout=5)


def test_two_extensions_may_use_the_same_numbers(services: Any, folder: Path, tmp_path_factory: Any) -> None:
    """Numbers count within a history: neither a release of the library nor another extension collides with them."""
    other = tmp_path_factory.mktemp("other")
    (other / "0001_price_alert.sql").write_text("SELECT 1;", encoding="utf-8")
    both = MigrationFolders(None, None, {"alerts": folder, "more": other})
    labels = {one.label for one in load_migrations(both)}
    assert labels == {"alerts/0001_price_alert", "more/0001_price_alert"}
    assert Extension("more", tables=[], migrations=other) not in services.alerts.MODEL.extensions
