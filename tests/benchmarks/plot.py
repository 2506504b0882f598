"""The plot of a run for the docs: for each work a row, on it a mark for each contender where its ratio is."""

import json
from pathlib import Path
from typing import Any, Final

import matplotlib as mpl

mpl.use("Agg")
from matplotlib import pyplot as plt
from matplotlib.axes import Axes

MARKS: Final = {
    "asyncpg, tuned": ("D", "#1f2937"),
    "asyncpg": ("s", "#6b7280"),
    "hand-written attrs": ("P", "#9ca3af"),
    "SeaORM, no ping": ("o", "#b45309"),
    "SeaORM": ("o", "#f59e0b"),
    "psycopg 3": ("^", "#2563eb"),
    "SQLAlchemy Core": ("v", "#7c3aed"),
    "SQLAlchemy ORM": ("X", "#c026d3"),
    "Tortoise": ("<", "#059669"),
    "Piccolo": (">", "#84cc16"),
    "COPY of the same rows": ("D", "#dc2626"),
    "COPY of ready text": ("D", "#dc2626"),
}


def draw(figures: Path, to: Path) -> None:
    """Draw the figures of a file; equal figures make equal SVG files."""
    works = json.loads(figures.read_text(encoding="utf-8"))["works"]
    mpl.rcParams |= {"svg.hashsalt": "strongroom", "svg.fonttype": "none"}
    figure, axes = plt.subplots(figsize=(10, 0.34 * len(works) + 1.8), layout="constrained")
    _mark(axes, works)
    axes.set_xscale("log", base=2)
    axes.axvline(1, color="black", linewidth=0.8)
    axes.xaxis.set_major_formatter(lambda value, _: f"{value:g}")
    axes.set_xlabel("the other's time / strongroom's: right of 1 strongroom is faster")
    axes.set_yticks(range(len(works)), [_label(work) for work in works])
    axes.invert_yaxis()
    axes.grid(visible=True, alpha=0.25)
    handles, labels = axes.get_legend_handles_labels()
    unique = dict(zip(labels, handles, strict=True))
    figure.legend(unique.values(), unique.keys(), loc="outside lower center", ncols=4, frameon=False)
    figure.savefig(to, metadata={"Date": None} if to.suffix == ".svg" else {})
    plt.close(figure)


def _mark(axes: Axes, works: list[dict[str, Any]]) -> None:
    for row, work in enumerate(works):
        for name, ratio in work["ratios"].items():
            marker, color = MARKS[name]
            axes.plot([ratio["min"], ratio["max"]], [row, row], color=color, alpha=0.3, linewidth=1)
            axes.plot(ratio["median"], row, marker, color=color, label=name, markersize=6)


def _label(work: dict[str, Any]) -> str:
    return f"{work['title']}{', 64 tasks' if work['tasks'] > 1 else ''}"
