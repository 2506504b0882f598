"""``strongroom export``: what a platform holds goes out and comes in again, and nothing is half done."""

import asyncio
import errno
import json
import resource
from pathlib import Path

import pytest
from support.commands import answer, invoke
from support.foreign import DROP_RULES, foreign_writer
from typer.testing import CliRunner

from strongroom.adapters.mapping.platform import PLATFORM
from strongroom.bootstrap.cli.outcome import ExitCode, exit_code_of


@pytest.fixture
def filled(cli: CliRunner, empty_database: str) -> str:
    """A database with the sample platform."""
    invoke(cli, "demo", "--database", empty_database)
    return empty_database


def test_a_platform_is_exported_and_imported_whole(cli: CliRunner, filled: str, database: str, tmp_path: Path) -> None:
    """Everything that is exported is imported; a second import changes nothing."""
    folder = tmp_path / "backup"
    exported = answer(cli, "export", "--to", str(folder), "--database", filled)
    rows = {file["entity"]: file["rows"] for file in exported["files"]}
    assert set(rows) == {table.label for table in PLATFORM.entities}
    assert rows["User"] > 0
    imported = answer(cli, "import", "folder", str(folder), "--database", database)
    assert imported["inserted"] == sum(count for name, count in rows.items() if name != "TokenDailyValue")
    assert answer(cli, "import", "folder", str(folder), "--database", database)["inserted"] == 0


def test_one_entity_goes_to_the_output_or_to_a_file(cli: CliRunner, filled: str, tmp_path: Path) -> None:
    """JSON Lines on the output; a file that is there stays, unless it is to be replaced."""
    printed = invoke(cli, "export", "Coin", "--database", filled)
    assert printed.exit_code == 0
    symbols = {json.loads(line)["symbol"] for line in printed.stdout.splitlines()}
    assert "ETH" in symbols
    path = tmp_path / "coins.csv"
    arguments = ("export", "Coin", "--format", "csv", "--to", str(path), "--database", filled)
    assert invoke(cli, *arguments).exit_code == 0
    first = path.read_bytes()
    refused = invoke(cli, *arguments)
    assert refused.exit_code == 2
    assert "is there already" in refused.stderr
    assert invoke(cli, *arguments, "--replace").exit_code == 0
    assert path.read_bytes() == first
    assert [file.name for file in tmp_path.iterdir()] == ["coins.csv"]


def test_one_entity_is_exported_safe_for_spreadsheets(cli: CliRunner, tmp_path: Path) -> None:
    """``--safe-csv`` goes out and comes in; only the owner may read the file, and that of rejects."""
    path, rejects = tmp_path / "coins.csv", tmp_path / "rejects.jsonl"
    memory = ("--database", "memory:")
    written = invoke(cli, "export", "Coin", "--format", "csv", "--safe-csv", "--to", str(path), *memory)
    assert written.exit_code == 0, written.output
    read = invoke(cli, "import", "csv", "Coin", str(path), "--safe-csv", "--skip-bad", str(rejects), *memory)
    assert read.exit_code == 0, read.output
    assert {file.stat().st_mode & 0o777 for file in (path, rejects)} == {0o600}


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("export",), "name an entity"),
        (("export", "Coins"), "did you mean Coin"),
        (("export", "Coin", "--json"), "name a file"),
        (("export", "Coin", "--safe-csv"), "add --format csv"),
        (("export", "--to", "/proc/nothing/here"), "cannot be written"),
        (("export", "Coin", "--to", "/no/such/folder/coins"), "cannot be written"),
    ],
)
def test_an_invalid_argument_is_reported(cli: CliRunner, arguments: tuple[str, ...], words: str) -> None:
    """Each mistake ends with one message, exit code 2, and no traceback."""
    result = invoke(cli, *arguments, "--database", "memory:")
    assert result.exit_code == 2
    assert words in " ".join(result.stderr.replace("│", " ").split())
    assert "Traceback" not in result.stderr


def spoil(database: str) -> None:
    """Have another program store what entities cannot hold, as if before the tables had checks."""

    async def store() -> None:
        async with foreign_writer(database) as connection:
            await connection.execute(DROP_RULES)
            await connection.execute("UPDATE price SET price_usd = 'NaN' WHERE ctid = (SELECT min(ctid) FROM price)")
            await connection.execute("UPDATE \"user\" SET updated_at = 'infinity' WHERE email = 'ada@example.com'")

    asyncio.run(store())


def test_an_export_leaves_bad_rows_out_if_asked(cli: CliRunner, filled: str, tmp_path: Path) -> None:
    """The first row that cannot be read ends an export by its name; ``--skip-bad`` writes each to a file instead."""
    whole = answer(cli, "export", "--to", str(tmp_path / "whole"), "--database", filled)
    spoil(filled)
    refused = invoke(cli, "export", "User", "--database", filled)
    assert refused.exit_code == 1
    assert "updated_at is infinity: the time is infinite" in refused.stderr
    bad = tmp_path / "bad.jsonl"
    arguments = ("export", "--to", str(tmp_path / "rest"), "--skip-bad", str(bad), "--database", filled, "--json")
    done = invoke(cli, *arguments)
    assert done.exit_code == 1, done.output
    told = [json.loads(line) for line in bad.read_text().splitlines()]
    assert {(row["table"], row["column"], row["value"]) for row in told} == {
        ("user", "updated_at", "infinity"),
        ("price", "price_usd", "NaN"),
    }
    counts = [
        {file["entity"]: file["rows"] for file in files} for files in (whole["files"], json.loads(done.stdout)["files"])
    ]
    assert counts[0]["User"] == counts[1]["User"] + 1
    assert sum(counts[0].values()) == sum(counts[1].values()) + len(told)
    assert bad.stat().st_mode & 0o777 == 0o600
    status = invoke(cli, "status", "--rows", "--database", filled, "--json")
    assert status.exit_code == 1
    listed = json.loads(status.stdout)["unreadable"]
    assert listed["count"] == len(told)
    assert {(row["table"], row["column"]) for row in listed["rows"]} == {("user", "updated_at"), ("price", "price_usd")}
    assert f"{len(told)} rows cannot be read" in invoke(cli, "status", "--rows", "--database", filled).output


@pytest.mark.parametrize("to", ["coins.csv", "folder"])
def test_an_export_to_a_full_disk_exits_as_unwritable(cli: CliRunner, tmp_path: Path, to: str) -> None:
    """The place takes no more as it is written: exit code 74, what to do, and nothing is left there."""
    what = ["Coin"] if to.endswith(".csv") else []
    allowed = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (16, allowed[1]))
    try:
        told = invoke(cli, "export", *what, "--format", "csv", "--to", str(tmp_path / to), "--database", "memory:")
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, allowed)
    assert told.exit_code == 74, told.output
    assert "free some space" in told.stderr
    assert list(tmp_path.iterdir()) == []


def test_a_full_disk_under_the_output_exits_as_unwritable() -> None:
    """A full disk is no bad input, wherever it is met."""
    assert exit_code_of(OSError(errno.ENOSPC, "No space left on device")) == ExitCode.UNWRITABLE
