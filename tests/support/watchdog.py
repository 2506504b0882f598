"""Stops the servers of a test run whose processes were killed, and removes the run's shared folder, in the background.

Arguments: the process that runs the tests, the shared folder, the folder of the tests' own temporary files, and
``--remove`` where that one goes too.
"""

import os
import shutil
import sys
import time
from pathlib import Path

import psutil


def main(controller: int, shared: Path, temporary: Path, *, remove: bool) -> None:
    """Wait, out of reach of what ends the tests, for the tests to end; then see to what they left."""
    tests = psutil.Process(controller)
    if os.fork():
        return
    os.setsid()
    quiet = os.open(os.devnull, os.O_RDWR)
    for stream in range(3):
        os.dup2(quiet, stream)
    while tests.is_running() and tests.status() != psutil.STATUS_ZOMBIE:
        time.sleep(0.5)
    from strongroom.adapters.embedded import stop_abandoned

    for folder in {pid_file.parent for root in (shared, temporary) for pid_file in root.rglob("postmaster.pid")}:
        while folder.exists() and not stop_abandoned(folder):
            time.sleep(0.5)
    for folder in (shared, temporary) if remove else (shared,):
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    main(int(sys.argv[1]), Path(sys.argv[2]), Path(sys.argv[3]), remove="--remove" in sys.argv)
