"""``strongroom maintain``: what is due is done, and doing it again changes nothing."""

from support.commands import answer, invoke
from typer.testing import CliRunner


def test_maintenance_runs_what_is_due_once(cli: CliRunner, empty_database: str) -> None:
    """Daily prices are those of the prices, every active user has yesterday's portfolio, and the status tells so."""
    arguments = ("--database", empty_database)
    assert invoke(cli, "demo", *arguments).exit_code == 0
    before = {name: row["rows"] for name, row in answer(cli, "status", *arguments)["tables"].items()}
    assert before["token_daily_values_mv"] == before["portfolio_snapshot"] == 0
    done = answer(cli, "maintain", *arguments)
    assert done["snapshots"]["taken"] == before["user"]
    assert done["snapshots"]["failed"] == {}
    after = {name: row["rows"] for name, row in answer(cli, "status", *arguments)["tables"].items()}
    assert after["token_daily_values_mv"] > 0
    assert after["portfolio_snapshot"] == before["user"]
    assert answer(cli, "maintain", *arguments) == done
    assert {name: row["rows"] for name, row in answer(cli, "status", *arguments)["tables"].items()} == after
    assert "Daily prices refreshed." in invoke(cli, "maintain", *arguments).stdout
