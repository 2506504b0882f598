"""Who has a data folder open: a lock for as long as one looks and changes, and a list of the processes that use it."""

import json
import os
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import psutil

LIST_FILE: Final = ".strongroom_processes.json"
CLOCK_SECONDS: Final = 600.0
"""By how much a process's start may seem to move when the clock is set: a living one must not be taken for dead."""
_POLL: Final = 0.02


@contextmanager
def locked(folder: Path, timeout: float) -> Iterator[None]:
    """Hold a folder alone, over threads, processes and users. Raises TimeoutError.

    The lock is on the folder itself: no file of another user, and no environment variable, comes in between; the
    system gives it back when a process dies.
    """
    deadline = time.monotonic() + timeout
    target = os.open(
        *((folder, os.O_RDONLY) if sys.platform != "win32" else (f"{folder}.lock", os.O_RDWR | os.O_CREAT))
    )
    try:
        while not _try_lock(target):
            if time.monotonic() > deadline:
                raise TimeoutError
            time.sleep(_POLL)
        yield
    finally:
        os.close(target)


def enter(folder: Path) -> None:
    """Enter this process in the list of those that use the folder; call it with the folder locked."""
    _write(folder, {**living(folder), os.getpid(): psutil.Process().create_time()})


def leave(folder: Path) -> bool:
    """Strike this process from the list, and say whether nobody is left; call it with the folder locked."""
    left = {pid: created for pid, created in living(folder).items() if pid != os.getpid()}
    _write(folder, left)
    return not left


def living(folder: Path) -> dict[int, float]:
    """Return the processes that use the folder and are alive, with the times of their creation.

    A number that has since been given to another process is told by that time.
    """
    try:
        listed = json.loads((folder / LIST_FILE).read_text(encoding="utf-8"))
    except (FileNotFoundError, ValueError):
        return {}
    return {pid: created for pid, created in listed if _lives(pid, created)}


def _lives(pid: int, created: float) -> bool:
    try:
        process = psutil.Process(pid)
        return bool(process.status() != psutil.STATUS_ZOMBIE and abs(process.create_time() - created) < CLOCK_SECONDS)
    except psutil.Error:
        return False


def _write(folder: Path, processes: dict[int, float]) -> None:
    target = folder / LIST_FILE
    fresh = target.with_suffix(".new")
    fresh.write_text(json.dumps(list(processes.items())), encoding="utf-8")
    fresh.replace(target)


if sys.platform == "win32":

    def _try_lock(target: int) -> bool:
        import msvcrt

        try:
            msvcrt.locking(target, msvcrt.LK_NBLCK, 1)
        except OSError:
            return False
        return True

else:

    def _try_lock(target: int) -> bool:
        import fcntl

        try:
            fcntl.flock(target, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True
