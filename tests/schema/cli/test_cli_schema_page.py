"""``strongroom schema page``: the shipped project, a database that has drifted, and where it cannot be written."""

import asyncio
from pathlib import Path

import asyncpg
import pytest
from support.commands import answer, invoke
from typer.testing import CliRunner

ROOT = Path(__file__).resolve().parents[3]


@pytest.fixture
def arguments(postgres_url: str) -> tuple[str, ...]:
    """The command on the shipped project, with a server for its scratch databases."""
    return ("schema", "page", "--contract", str(ROOT), "--scratch", postgres_url)


def test_the_shipped_project_has_a_page_without_drift(
    cli: CliRunner, arguments: tuple[str, ...], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is written to schema.html of the folder that one is in, the same each time, and replaced."""
    monkeypatch.chdir(tmp_path)
    assert answer(cli, *arguments) == {"file": "schema.html", "tables": 44, "findings": 0}
    written = (tmp_path / "schema.html").read_bytes()
    assert invoke(cli, *arguments).stdout == "Wrote schema.html: 44 tables and views, no drift.\n"
    assert (tmp_path / "schema.html").read_bytes() == written
    assert [path.name for path in tmp_path.iterdir()] == ["schema.html"]


async def test_drift_of_a_database_is_shown(
    cli: CliRunner, arguments: tuple[str, ...], tmp_path: Path, new_database, migrated_template
) -> None:
    """The exit code stays 0: the page is what was asked for, and it was written."""
    url = await new_database(migrated_template)
    connection = await asyncpg.connect(url)
    await connection.execute('ALTER TABLE price RENAME COLUMN price_usd TO "<i>"')
    await connection.close()
    to = tmp_path / "page.html"
    told = await asyncio.to_thread(answer, cli, *arguments, "--database", url, "--to", str(to))
    html = to.read_text(encoding="utf-8")
    assert told["findings"] > 0
    assert "table public.price" in html
    assert "pg/0003_prices" in html
    assert "&lt;i&gt;" in html
    assert "<i>" not in html


@pytest.mark.parametrize("to", ["absent/schema.html", "."])
def test_an_unwritable_page_is_reported(cli: CliRunner, arguments: tuple[str, ...], tmp_path: Path, to: str) -> None:
    """The exit code is 2, and the message names the file and the way out."""
    result = invoke(cli, *arguments, "--to", str(tmp_path / to))
    assert result.exit_code == 2
    assert "choose another file by --to" in result.stderr
