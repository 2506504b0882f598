"""The figures of a run as docs/performance.md shows them: tables between two marks, all else is written by hand."""

import json
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any, Final

PAGE: Final = Path(__file__).parents[2] / "docs" / "performance.md"
BEGIN: Final = "<!-- figures: python -m tests.benchmarks --docs -->"
END: Final = "<!-- end of figures -->"
CLOSE: Final = ("asyncpg, tuned", "asyncpg", "hand-written attrs", "SeaORM, no ping", "SeaORM")
OTHERS: Final = ("psycopg 3", "SQLAlchemy Core", "SQLAlchemy ORM", "Tortoise", "Piccolo")
COPIES: Final = ("COPY of the same rows", "COPY of ready text")


def update_page(figures: Path) -> None:
    """Replace the figures in the page."""
    run = json.loads(figures.read_text(encoding="utf-8"))
    before, _, rest = PAGE.read_text(encoding="utf-8").partition(BEGIN)
    _, _, after = rest.partition(END)
    PAGE.write_text(f"{before}{BEGIN}\n{tables(run)}\n{END}{after}", encoding="utf-8")


def tables(run: dict[str, Any]) -> str:
    """Return a run's figures as tables."""
    versions = ", ".join(f"{name} {version}" for name, version in run["versions"].items())
    parts = [f"Python {run['python']} on {run['processor']}; {versions}."]
    parts += [_ratios(run["works"], names) for names in (CLOSE, OTHERS, COPIES)]
    if run["growth"]:
        parts.append(_growth(run["growth"]))
    return "\n\n".join(filter(None, parts))


def _ratios(works: Sequence[dict[str, Any]], names: Sequence[str]) -> str:
    present = [name for name in names if any(name in work["ratios"] for work in works)]
    taking = [work for work in works if any(name in work["ratios"] for name in present)]
    if not taking:
        return ""
    rows = (
        [
            work["title"],
            work["tasks"],
            _time(work["microseconds"]),
            *(_spread(work["ratios"][name]) if name in work["ratios"] else "-" for name in present),
        ]
        for work in taking
    )
    return "\n".join(_table(["work", "tasks", "strongroom", *present], rows))


def _growth(grown: Sequence[dict[str, Any]]) -> str:
    rows = (
        [
            each["title"],
            f"{each['rows']:,}",
            _time(each["microseconds"]),
            _spread(each["tuned_floor"]),
            _spread(each["times_the_smallest"]),
        ]
        for each in grown
    )
    return "\n".join(_table(["work", "rows", "strongroom", "asyncpg, tuned", "x the smallest"], rows))


def _table(header: Sequence[str], rows: Iterable[Sequence[object]]) -> Iterator[str]:
    yield f"| {' | '.join(header)} |"
    yield f"|{'---|' * len(header)}"
    for row in rows:
        yield f"| {' | '.join(map(str, row))} |"


def _time(microseconds: float) -> str:
    if microseconds < 1000:
        return f"{microseconds:.0f} µs"
    return f"{microseconds / 1000:,.2f} ms" if microseconds < 1e6 else f"{microseconds / 1e6:,.2f} s"


def _spread(ratio: dict[str, float]) -> str:
    return f"{ratio['median']:.2f} ({ratio['min']:.2f}..{ratio['max']:.2f})"
