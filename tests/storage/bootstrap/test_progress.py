"""Progress of long work: reported to a listener, drawn on a terminal, and silent everywhere else."""

import asyncio
import os
import pty
import subprocess
import sys
from pathlib import Path

import pytest

from strongroom.bootstrap.cli import progress
from strongroom.ports.progress import ProgressStep, progress_to, report_progress, track


def test_each_item_is_reported_when_it_is_done() -> None:
    """The first step says how much there is, the last that all of it is done."""
    steps: list[ProgressStep] = []
    with progress_to(steps.append):
        assert list(track("work", "ab", 2)) == ["a", "b"]
    assert steps == [ProgressStep("work", done, 2) for done in (0, 1, 2)]


async def test_work_in_a_task_reports_to_the_listener_of_its_beginning() -> None:
    """Two jobs of one loop do not hear of each other."""
    heard: dict[str, list[int]] = {"one": [], "two": []}

    async def job(name: str) -> None:
        with progress_to(lambda step: heard[name].append(step.done)):
            for done in range(3):
                report_progress(name, done)
                await asyncio.sleep(0)

    await asyncio.gather(job("one"), job("two"))
    assert heard == {"one": [0, 1, 2], "two": [0, 1, 2]}
    report_progress("nobody listens", 1)


def test_a_bar_appears_on_a_terminal_after_a_second(monkeypatch: pytest.MonkeyPatch) -> None:
    """Short work draws nothing; the bar names the work and goes away."""
    monkeypatch.setattr(progress, "QUIET_SECONDS", 0.0)
    bars = progress.ProgressBars()
    bars(ProgressStep("migrate", 1, 3))
    assert bars._bars is not None
    [task] = bars._bars.tasks
    assert (task.description, task.completed, task.total) == ("migrate", 1, 3)
    bars.stop()


DRAWN = """
from strongroom.bootstrap.cli import progress
from strongroom.ports.progress import track
progress.QUIET_SECONDS = 0
with progress.progress_on_terminal(quiet={quiet}):
    for _ in track("migrate", range(3), 3):
        pass
"""


@pytest.mark.parametrize(
    ("quiet", "terminal", "drawn"), [(False, True, True), (True, True, False), (False, False, False)]
)
def test_only_a_terminal_is_drawn_on(quiet: bool, terminal: bool, drawn: bool, tmp_path: Path) -> None:  # noqa: FBT001
    """Neither a pipe nor ``--json`` gets a bar."""
    ours, theirs = pty.openpty() if terminal else (os.open(tmp_path / "log", os.O_CREAT | os.O_RDWR),) * 2
    program = [sys.executable, "-c", DRAWN.format(quiet=quiet)]
    subprocess.run(program, stderr=theirs, check=True, env={**os.environ, "TERM": "xterm"})
    os.set_blocking(ours, False)
    try:
        written = os.read(ours, 10_000) if drawn or not terminal else _read_nothing(ours)
    finally:
        os.close(ours)
        if theirs != ours:
            os.close(theirs)
    assert (b"migrate" in written) is drawn


def _read_nothing(terminal: int) -> bytes:
    try:
        return os.read(terminal, 10_000)
    except BlockingIOError:
        return b""
