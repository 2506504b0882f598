"""What a run says: a table of ratios with their spread, JSON, and a plot for the docs."""

import json
import platform
from collections.abc import Sequence
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any, Final

from rich.console import Console
from rich.table import Table

from .rounds import Measured

PACKAGES: Final = ("asyncpg", "psycopg", "sqlalchemy", "tortoise-orm", "piccolo", "uvloop")


def show(measured: Sequence[Measured]) -> None:
    """Print the figures: a line for each contender, so that the spread has room."""
    table = Table("work", "tasks", "µs a call", "beside", "ratio: median (min..max)", title="the other's time / ours")
    for each in measured:
        first = (each.title, str(each.tasks), f"{each.document()['microseconds']:,.0f}")
        for contender in each.seconds:
            if contender != each.ours:
                table.add_row(*first, contender, str(each.ratio(contender)))
                first = ("", "", "")
        for contender, reason in each.left_out.items():
            table.add_row(*first, contender, f"left out: {reason}", style="dim")
            first = ("", "", "")
        table.add_section()
    Console(width=110).print(table)


def document(measured: Sequence[Measured], growth: Sequence[dict[str, Any]] = ()) -> dict[str, Any]:
    """Return a run as JSON: what it ran on, and its figures."""
    return {
        "python": platform.python_version(),
        "processor": platform.machine(),
        "versions": {name: found for name in PACKAGES if (found := _version(name))},
        "works": [each.document() for each in measured],
        "growth": list(growth),
    }


def write(path: Path, run: dict[str, Any]) -> None:
    """Write a run's JSON; the works of earlier runs that this one did not measure stay."""
    if path.exists():
        before = json.loads(path.read_text(encoding="utf-8"))
        again = {(work["work"], work["tasks"]) for work in run["works"]}
        kept = [work for work in before["works"] if (work["work"], work["tasks"]) not in again]
        run = {**run, "works": kept + run["works"], "growth": run["growth"] or before["growth"]}
    path.write_text(json.dumps(run, indent=2) + "\n", encoding="utf-8")


def _version(name: str) -> str | None:
    try:
        return version(name)
    except PackageNotFoundError:
        return None
