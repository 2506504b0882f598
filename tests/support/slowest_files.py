"""A report of the files whose tests took longest: what they cost, not when they ended."""

from collections import defaultdict
from pathlib import Path
from typing import Final

import pytest

SHOWN: Final = 10


class SlowestFiles:
    """Adds up the seconds of each file's tests, set-up and tear-down included, and writes the largest."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.seconds: defaultdict[str, float] = defaultdict(float)
        self.tests: defaultdict[str, int] = defaultdict(int)

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Count a phase of a test, whichever worker ran it."""
        name = report.nodeid.partition("::")[0]
        self.seconds[name] += report.duration
        self.tests[name] += report.when == "call"

    def pytest_sessionfinish(self) -> None:
        """Write the report."""
        slowest = sorted(self.seconds, key=lambda name: -self.seconds[name])[:SHOWN]
        lines = [f"{self.seconds[name]:7.1f} s {self.tests[name]:5} tests  {name}" for name in slowest]
        total = f"{sum(self.seconds.values()):7.1f} s {sum(self.tests.values()):5} tests  in all, over all workers"
        self.path.parent.mkdir(parents=True, exist_ok=True)
        self.path.write_text("\n".join([*lines, total]) + "\n", encoding="utf-8")


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add ``--slowest-files``."""
    parser.addoption("--slowest-files", type=Path, metavar="FILE", help=f"write the {SHOWN} slowest files to FILE")


def pytest_configure(config: pytest.Config) -> None:
    """Report from the process that hears of every test."""
    if config.option.slowest_files and not hasattr(config, "workerinput"):
        config.pluginmanager.register(SlowestFiles(config.option.slowest_files), "slowest-files")
