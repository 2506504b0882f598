"""The commands take the model of a service: its first migration, differences, status, export, and the contract."""

import asyncio
import json
from pathlib import Path
from typing import Any

import asyncpg
import pytest
from support.own_tables import guide_file
from typer.testing import CliRunner

from strongroom.bootstrap.cli.app import app
from strongroom.testing.servers import template_database

MODEL = ("--model", "alerts.tables:MODEL")
CONTRACT = """
owner_role = "schema_owner"

[sides.alerts]
role = "alerts_migrator"
migrations = "alerts/migrations"
kind = "sql"
language = "strongroom"
schemas = ["public"]

[owners.alerts]
tables = ["price_alert", "strongroom_migration_alerts"]
enums = ["alert_direction"]
"""


@pytest.fixture
def cli(services: Any, monkeypatch: pytest.MonkeyPatch) -> CliRunner:
    """A runner in the folder of the services."""
    monkeypatch.chdir(services.folder)
    return CliRunner()


@pytest.fixture
async def database(postgres_url: str, services: Any, new_database: Any) -> str:
    """A database of the test's own, migrated with the platform and alerts."""
    return str(await new_database(await template_database(postgres_url, services.alerts.MODEL)))


def run(cli: CliRunner, *arguments: str, code: int = 0) -> str:
    """Run a command that ends with a code, and return what it prints."""
    done = cli.invoke(app, arguments)
    assert done.exit_code == code, done.output
    return done.output


def test_the_first_migration_is_printed(cli: CliRunner) -> None:
    """Of the only extension, of one that is named, and of one table."""
    expected = guide_file("alerts/migrations/0001_price_alert.sql")
    assert run(cli, "model", "sql", *MODEL) == expected
    assert run(cli, "model", "sql", "alerts", *MODEL) == expected
    assert "CREATE TABLE coin (" in run(cli, "model", "sql", "coin", *MODEL)
    assert "name one of the model's extensions (alerts), or a table" in run(cli, "model", "sql", "no", *MODEL, code=2)
    assert "No module named" in run(cli, "model", "sql", "--model", "nowhere:MODEL", code=2)


async def test_what_differs_from_the_declarations_is_printed(cli: CliRunner, database: str, postgres_url: str) -> None:
    """A database that is as declared is clean; each difference of a changed one is a line, and the exit code is 1."""
    check = ("model", "check", *MODEL, "--database", database, "--scratch", postgres_url)
    connection = await asyncpg.connect(database)
    try:
        assert "everything is as declared" in await in_thread(cli, *check)
        await connection.execute(
            "DROP INDEX price_alert_coin_id_idx; ALTER TABLE price_alert ALTER is_active DROP DEFAULT"
        )
        found = json.loads(await in_thread(cli, *check, "--json", code=1))["differences"]
        assert {(one["part"], one["aspect"]) for one in found} == {
            ("price_alert_coin_id_idx", "index missing"),
            ("is_active", "default"),
        }
    finally:
        await connection.close()


async def in_thread(cli: CliRunner, *arguments: str, code: int = 0) -> str:
    """Run a command beside the test's event loop."""
    return await asyncio.to_thread(run, cli, *arguments, code=code)


def test_status_export_and_import_take_the_model(cli: CliRunner, database: str, tmp_path: Path) -> None:
    """The service's tables and history are listed, and written and read with the platform's."""
    shown = json.loads(run(cli, "status", *MODEL, "--database", database, "--json"))
    assert shown["tables"]["price_alert"]["rows"] == 0
    assert {"name": "alerts/0001_price_alert", "state": "applied"} in shown["migrations"]
    assert run(cli, "migrate", *MODEL, "--dry-run", "--database", database).startswith("0 pending")
    folder = tmp_path / "backup"
    files = json.loads(run(cli, "export", "--to", str(folder), *MODEL, "--database", database, "--json"))["files"]
    assert "PriceAlert" in [file["entity"] for file in files]
    run(cli, "import", "folder", str(folder), *MODEL, "--database", database)
    assert "no entity has this name" in run(cli, "export", "PriceAlert", "--database", database, code=2)


def test_a_contract_holds_a_services_side_against_its_entities(
    cli: CliRunner, database: str, postgres_url: str, services: Any
) -> None:
    """A side with the name of an extension declares its tables alone: none of the platform's is missed."""
    (services.folder / "strongroom.toml").write_text(CONTRACT, encoding="utf-8")
    options = (*MODEL, "--database", database, "--scratch", postgres_url, "--json")
    findings = json.loads(run(cli, "schema", "check", *options, code=1))["findings"]
    assert not [one for one in findings if "alert" in one["object"]]
    assert findings  # nobody owns the platform's tables, by this contract
    without = json.loads(run(cli, "schema", "check", *options[2:], code=1))["findings"]
    assert [one for one in without if "price_alert" in one["object"]]
