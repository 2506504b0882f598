"""Processes that use a data folder: a lock for reading and changing their list, and the list itself."""

import json
import os
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import psutil

from .files import read_text, replace_text

HOLDERS_FILE: Final = ".strongroom_processes.json"
CLOCK_SECONDS: Final = 600.0
"""By how much a process's start may seem to move when the clock is set: a living one must not be taken for dead."""
_POLL_SECONDS: Final = 0.02


@contextmanager
def folder_lock(folder: Path, timeout: float) -> Iterator[None]:
    """Hold a folder alone, over threads, processes and users. Raises TimeoutError.

    The lock is on the folder itself: no file of another user, and no environment variable, comes in between; the
    system gives it back when a process dies. If the folder was replaced meanwhile, the new folder is locked.
    """
    deadline = time.monotonic() + timeout
    while True:
        target = _open(folder)
        try:
            while not _try_lock(target):
                if time.monotonic() > deadline:
                    raise TimeoutError
                time.sleep(_POLL_SECONDS)
            if _is_still(folder, target):
                yield
                return
        finally:
            os.close(target)


def add_holder(folder: Path) -> None:
    """Enter this process in the list of those that use the folder; call it with the folder locked."""
    _write(folder, {**live_holders(folder), os.getpid(): psutil.Process().create_time()})


def remove_holder(folder: Path) -> bool:
    """Strike this process from the list, and say whether nobody is left; call it with the folder locked."""
    left = {pid: created for pid, created in live_holders(folder).items() if pid != os.getpid()}
    _write(folder, left)
    return not left


def live_holders(folder: Path) -> dict[int, float]:
    """Return the processes that use the folder and are alive, with the times of their creation.

    The start time tells a process from a later one with the same number.
    """
    try:
        listed = [(int(pid), float(created)) for pid, created in json.loads(read_text(folder / HOLDERS_FILE))]
    except (OSError, ValueError, TypeError, OverflowError, RecursionError):
        return {}
    return {pid: created for pid, created in listed if _is_alive(pid, created)}


def _is_alive(pid: int, created: float) -> bool:
    try:
        process = psutil.Process(pid)
        return bool(process.status() != psutil.STATUS_ZOMBIE and abs(process.create_time() - created) < CLOCK_SECONDS)
    except psutil.Error:
        return False


def _write(folder: Path, processes: dict[int, float]) -> None:
    replace_text(folder / HOLDERS_FILE, json.dumps(list(processes.items())))


if sys.platform == "win32":

    def _open(folder: Path) -> int:
        return os.open(f"{folder}.lock", os.O_RDWR | os.O_CREAT)

    def _is_still(_folder: Path, _target: int) -> bool:
        return True

    def _try_lock(target: int) -> bool:
        import msvcrt

        try:
            msvcrt.locking(target, msvcrt.LK_NBLCK, 1)
        except OSError:
            return False
        return True

else:

    def _open(folder: Path) -> int:
        return os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)

    def _is_still(folder: Path, target: int) -> bool:
        return os.path.samestat(os.fstat(target), folder.lstat())

    def _try_lock(target: int) -> bool:
        import fcntl

        try:
            fcntl.flock(target, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True
