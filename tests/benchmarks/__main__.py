"""Run the benchmarks: ``uv run python -m tests.benchmarks [WORK ...]``.

Without a name every work is measured, which takes about half an hour once the rows and the Rust program are there.
The rivals are installed into an environment of their own, build/venv-bench, so that the project's stays as it is.
"""

import argparse
import importlib.util
import os
import shutil
import sys
from pathlib import Path
from typing import Final

RIVALS: Final = ("sqlalchemy", "tortoise", "piccolo", "psycopg", "matplotlib")
ROOT: Final = Path(__file__).parents[2]


def arguments(names: tuple[str, ...]) -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks", description=__doc__.partition("\n")[0])
    parser.add_argument("works", nargs="*", metavar="WORK", help=f"of {', '.join(names)}; all of them without one")
    parser.add_argument("--tasks", type=int, choices=(1, 64), help="only by so many tasks at once")
    parser.add_argument("--seconds", type=float, default=18.0, help="how long one measurement may take (18)")
    parser.add_argument("--only", action="append", metavar="NAME", help="a rival to measure beside; may be repeated")
    parser.add_argument("--rows", type=int, default=10_000_000, help="growth stops at so many rows (10,000,000)")
    parser.add_argument("--json", type=Path, metavar="FILE", help="where the figures are written, beside earlier ones")
    parser.add_argument("--plot", type=Path, metavar="FILE", help="where the plot is written, .svg or .png")
    parser.add_argument("--docs", action="store_true", help="write the figures and the plot of docs/performance.md")
    chosen = parser.parse_args()
    unknown = sorted({*chosen.works} - {*names})
    if unknown:
        parser.error(f"no work is named {', '.join(unknown)}; there are {', '.join(names)}")
    return chosen


def use_environment_of_rivals() -> None:
    """Run again in the environment that has the rivals, unless this is it."""
    if all(importlib.util.find_spec(name) for name in RIVALS) or "STRONGROOM_BENCHMARKS_HERE" in os.environ:
        return
    uv = shutil.which("uv")
    if uv is None:
        print("left out: the rivals are not installed, and there is no uv to install them", file=sys.stderr)
        return
    environment = os.environ | {
        "UV_PROJECT_ENVIRONMENT": str(ROOT / "build" / "venv-bench"),
        "STRONGROOM_BENCHMARKS_HERE": "1",
    }
    environment.pop("VIRTUAL_ENV", None)
    command = ["uv", "run", "--quiet", "--no-default-groups", "--group", "bench", "python", "-m", "tests.benchmarks"]
    os.chdir(ROOT)
    os.execve(uv, [*command, *sys.argv[1:]], environment)  # noqa: S606 - uv itself, found on the path


def main() -> None:
    """Measure what was chosen, and say it."""
    use_environment_of_rivals()
    from .process import run_here
    from .run import NAMES, run

    run_here(run(arguments(NAMES)))


if __name__ == "__main__":
    main()
