"""The README is true: its examples run as they are written, its commands exist."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

from strongroom.bootstrap.cli.app import app
from strongroom.bootstrap.cli.outcome import ExitCode

README = (Path(__file__).parents[3] / "README.md").read_text(encoding="utf-8")
EXAMPLES = re.findall(r"```python\n(.*?)```", README, re.DOTALL)
SAID = ("profit 2,167.99 USD", "positions", "4 users", "")


def test_the_readme_has_these_examples() -> None:
    """A first one that needs nothing, PostgreSQL's settings, a unit of work, the twin in a test."""
    assert len(EXAMPLES) == len(SAID)
    assert 'open_storage("memory:")' in EXAMPLES[0]
    assert len(EXAMPLES[0].split("async def main")[1].splitlines()) < 30


def run(example: str, database: str) -> str:
    """Run an example, which must say nothing on the error stream, and return what it printed."""
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", example],
        env={**os.environ, "DATABASE_URL": database},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout


@pytest.mark.parametrize("number", range(len(SAID)))
def test_an_example_runs_as_written(number: int, database: str) -> None:
    """In a process of its own, with PostgreSQL at DATABASE_URL and every warning an error."""
    assert SAID[number] in run(EXAMPLES[number], database)


@pytest.mark.parametrize("number", [number for number, example in enumerate(EXAMPLES) if '"memory:"' in example])
def test_an_example_of_the_twin_does_the_same_over_postgresql(number: int, database: str) -> None:
    """With one word changed."""
    example = EXAMPLES[number].replace('"memory:"', 'os.environ["DATABASE_URL"], min_size=1')
    assert SAID[number] in run(f"import os\n{example}", database)


def test_the_two_commands_stand_alone() -> None:
    """Whoever copies a line gets the whole command."""
    for command in ("pip install uv && uv run strongroom demo", "pip install uv && uv run pytest"):
        assert f"```\n{command}\n```" in README


def test_the_commands_of_the_table_exist() -> None:
    """And every command is in the table."""
    named = set(re.findall(r"^\| `strongroom (\w+)", README, re.MULTILINE))
    shown = CliRunner().invoke(app, ["--help"]).output
    assert named == set(re.findall(r"^│ (\w+) ", shown.split("Commands")[1], re.MULTILINE))


def test_the_exit_codes_are_the_real_ones() -> None:
    """The README lists them all, but for an interruption."""
    said = {int(code) for code in re.findall(r"(?:: |; )(\d+) ", README[README.index("Exit codes:") - 1 :])}
    assert said == {int(code) for code in ExitCode} - {int(ExitCode.INTERRUPTED)}


def test_links_within_the_project_lead_somewhere() -> None:
    """No file that is not there."""
    for target in re.findall(r"\]\((?!https?:)([^)#]+)", README):
        assert (Path(__file__).parents[3] / target).is_file()
