"""``strongroom export``: what a platform holds goes out and comes in again, and nothing is half done."""

import json
from pathlib import Path

import pytest
from support.commands import answer, invoke
from typer.testing import CliRunner


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
    assert len(rows) == 43
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
