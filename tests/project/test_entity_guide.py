"""The guide to adding an entity is followed literally, in a copy of the project."""

import os
import re
import shutil
import subprocess
from pathlib import Path

from support.entity_guide import ROOT, commands, write_entity

COPIED = ("adapters", "bootstrap", "docs", "domain", "migrations", "ports", "tests")
FILES = ("pyproject.toml", "setup.py", "strongroom.toml", "README.md", "LICENSE")
LEFT_OUT = shutil.ignore_patterns("__pycache__", "node_modules", "target", ".hypothesis")


def test_every_command_of_the_guide_succeeds(tmp_path: Path, postgres_url: str) -> None:
    """With the files and the lines that the guide shows, and no others, the tests that it names are green."""
    copy = tmp_path / "project"
    for name in COPIED:
        shutil.copytree(ROOT / name, copy / name, ignore=LEFT_OUT)
    for name in FILES:
        shutil.copy(ROOT / name, copy / name)
    write_entity(copy)
    number = 1 + max(int(path.name[:4]) for path in (copy / "migrations" / "pg").glob("[0-9]*.sql"))
    environment = {
        **{name: value for name, value in os.environ.items() if not name.startswith(("PYTEST", "VIRTUAL_ENV", "UV_"))},
        "STRONGROOM_TEST_DATABASE_URL": postgres_url,
        "UV_PROJECT_ENVIRONMENT": str(copy / ".venv"),
    }
    for command in commands():
        done = subprocess.run(
            ["bash", "-euo", "pipefail", "-c", re.sub("NNNN", f"{number:04}", command)],
            cwd=copy,
            env=environment,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, f"{command}\n{done.stdout[-3000:]}{done.stderr[-3000:]}"
