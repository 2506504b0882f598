"""Show the progress of long work on the error stream of a terminal, and nothing anywhere else."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from time import monotonic
from typing import TYPE_CHECKING, Final

from strongroom.ports.progress import ProgressStep, progress_to

if TYPE_CHECKING:
    from rich.progress import Progress, TaskID

QUIET_SECONDS: Final = 1.0
"""The seconds that work may take before a bar appears."""


class ProgressBars:
    """A bar for each piece of work, from the second second on."""

    def __init__(self) -> None:
        self._started = monotonic()
        self._bars: Progress | None = None
        self._tasks: dict[str, TaskID] = {}

    def __call__(self, step: ProgressStep) -> None:
        """Move the bar of a piece of work."""
        if self._bars is None:
            if monotonic() - self._started < QUIET_SECONDS:
                return
            self._bars = _begin()
        task = self._tasks.get(step.work)
        if task is None:
            task = self._tasks[step.work] = self._bars.add_task(step.work, total=step.total)
        self._bars.update(task, completed=step.done, total=step.total)

    def stop(self) -> None:
        """Take the bars away."""
        if self._bars is not None:
            self._bars.stop()


@contextmanager
def progress_on_terminal(*, quiet: bool) -> Iterator[None]:
    """Show what is reported within the context, unless ``quiet`` or the error stream is no terminal."""
    if quiet or sys.stderr is None or not sys.stderr.isatty():
        yield
        return
    bars = ProgressBars()
    try:
        with progress_to(bars):
            yield
    finally:
        bars.stop()


def _begin() -> "Progress":
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    bars = Progress(*columns, console=Console(stderr=True), transient=True)
    bars.start()
    return bars
