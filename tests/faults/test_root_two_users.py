"""Two users of one machine: each has a server of its own, and neither takes the other's for it."""

import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest
from support.places import WHEELS_BINARY, pretended_server

from strongroom.adapters.embedded.scratch import scratch_server
from strongroom.adapters.embedded.users import User

BECOME = """
import asyncio, os, sys
import asyncpg
from strongroom.adapters.embedded import EmbeddedUnavailable, start_embedded
from strongroom.adapters.embedded.scratch import scratch_server

os.setgroups([])
os.setgid(int(sys.argv[1]))
os.setuid(int(sys.argv[1]))
"""
SCRATCH = """
async def ask(url):
    connection = await asyncpg.connect(url)
    print(url, await connection.fetchval("SHOW data_directory"))
    await connection.close()

with scratch_server() as url:
    asyncio.run(ask(url))
"""
OPEN = """
for home in sys.argv[2:]:
    os.environ.pop("HOME", None)
    if home:
        os.environ["HOME"] = home
    try:
        start_embedded()
    except EmbeddedUnavailable as error:
        print(error)
"""


def run(code: str, uid: int, folder: Path, *arguments: str) -> "subprocess.CompletedProcess[str]":
    """Run Python as another user, whom its own folder may be closed to: it becomes that user after the imports."""
    kept = {name: value for name, value in os.environ.items() if name not in {"HOME", "XDG_DATA_HOME"}}
    return subprocess.run(
        [sys.executable, "-c", BECOME + code, str(uid), *arguments],
        cwd="/",
        env={**kept, "TMPDIR": str(folder)},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )


def test_root_and_a_user_have_a_scratch_server_each(public: Path, stranger: User) -> None:
    """Both run at once in one temporary folder."""
    with scratch_server() as url:
        done = run(SCRATCH, stranger.uid, public)
    assert done.returncode == 0, done.stderr
    assert f"strongroom-scratch-{stranger.uid}" in done.stdout
    assert "strongroom-scratch-0" in url


def test_a_server_that_another_user_prepared_is_refused(public: Path, stranger: User) -> None:
    """A folder with another user's pid file and socket: the error names it, and nobody connects to the socket."""
    data = public / "strongroom-scratch-54321" / "postgres-16"
    data.mkdir(parents=True)
    for name, text in (("PG_VERSION", "16\n"), ("strongroom.conf", ""), ("postgresql.conf", "")):
        (data / name).write_text(text)
    process = pretended_server(data, public / WHEELS_BINARY, stranger, data)
    with socket.socket(socket.AF_UNIX) as trap:
        trap.bind(str(data / ".s.PGSQL.5432"))
        trap.listen()
        trap.setblocking(False)
        for path in (data.parent, data, *data.iterdir()):
            os.chown(path, stranger.uid, stranger.gid)
        done = run(SCRATCH, 54321, public)
        with pytest.raises(BlockingIOError):
            trap.accept()
    process.kill()
    process.wait()
    assert done.returncode == 1
    assert f"{data.parent} belongs to" in done.stderr
    assert "EmbeddedUnavailable" in done.stderr


def test_a_user_whom_the_system_does_not_know_is_told_what_to_do(public: Path) -> None:
    """Without an entry in /etc/passwd PostgreSQL cannot be set up; without a home folder there is no default place."""
    home = public / "home"
    home.mkdir()
    os.chown(home, 54321, 54321)
    done = run(OPEN, 54321, public, str(home), "", "/usr/nowhere")
    unnamed, homeless, unwritable = done.stdout.splitlines()
    assert "the user id 54321 has no name in this system" in unnamed
    assert "set HOME or XDG_DATA_HOME" in homeless
    assert "/usr/nowhere cannot be made (Permission denied): name a folder of your own" in unwritable
