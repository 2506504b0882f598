"""The tutorial's services do what it says: their files, as they are written there, over both adapters."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PAGES = ROOT / "docs" / "tutorial"
FILE = re.compile(r"^`([\w.]+)`:\n\n```\w+\n(.*?)^```", re.DOTALL | re.MULTILINE)


def written_files(page: str) -> dict[str, str]:
    return dict(FILE.findall((PAGES / page).read_text(encoding="utf-8")))


@pytest.mark.parametrize(
    ("page", "tests"), [("service.md", 6 + 5), ("indexer.md", 2 * 2)], ids=lambda given: str(given).removesuffix(".md")
)
def test_the_tests_of_the_tutorial_pass_as_written(page: str, tests: int, tmp_path: Path, postgres_url: str) -> None:
    """In a folder that holds nothing but the tutorial's files, each storage test runs over the twin and PostgreSQL."""
    for name, text in {**written_files("service.md"), **written_files(page)}.items():
        if name == "pytest.ini" or name in written_files(page):
            (tmp_path / name).write_text(text, encoding="utf-8")
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("PYTEST")}
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "-p", "no:xdist", "-q"],
        cwd=tmp_path,
        env={**inherited, "PYTHONPATH": str(tmp_path), "STRONGROOM_TEST_DATABASE_URL": postgres_url},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert f"{tests} passed" in done.stdout
