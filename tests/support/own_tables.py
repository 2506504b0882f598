"""The services of the guide to tables of one's own: price alerts beside the platform, and a to-do list without it."""

import re
from pathlib import Path
from typing import Final

GUIDE: Final = Path(__file__).parents[2] / "docs" / "own-tables.md"
FILES: Final = (
    "alerts/tables.py",
    "alerts/migrations/0001_price_alert.sql",
    "alerts/service.py",
    "pytest.ini",
    "test_alerts.py",
    "todo/tables.py",
)


def guide_file(name: str) -> str:
    """Return a file as the guide shows it."""
    found = re.search(rf"`{re.escape(name)}`[^\n]*\n\n```\w+\n(.*?)```", GUIDE.read_text(encoding="utf-8"), re.DOTALL)
    assert found, name
    return found[1]


def guide_commands() -> list[str]:
    """Return the commands of the guide, in their order."""
    blocks = re.findall(r"^```(\w*)\n(.*?)^```$", GUIDE.read_text(encoding="utf-8"), re.DOTALL | re.MULTILINE)
    return [line for language, block in blocks if not language for line in block.splitlines()]


def write_services(folder: Path, *, without: frozenset[str] = frozenset()) -> Path:
    """Write the files of both services into a folder, as a reader of the guide does."""
    for package in ("alerts", "todo"):
        (folder / package / "migrations").mkdir(parents=True)
        (folder / package / "__init__.py").touch()
    for name in FILES:
        if name not in without:
            (folder / name).write_text(guide_file(name), encoding="utf-8")
    return folder
