"""PostgreSQL from the wheel: quiet, shared by processes, and never left running by the dead."""

import asyncio
import json
import os
import subprocess
import sys
from pathlib import Path

import asyncpg
import pytest

from strongroom.adapters.embedded import EmbeddedUnavailable, start_embedded

OPEN_AND_ASK = """
import asyncio, sys
from pathlib import Path
import asyncpg
from strongroom.adapters.embedded import start_embedded

async def ask(url):
    connection = await asyncpg.connect(url)
    print(await connection.fetchval("SHOW server_version"))
    await connection.close()

with start_embedded(Path(sys.argv[1]), fsync=False) as server:
    asyncio.run(ask(asyncio.run(server.ensure_database())))
"""


def run(folder: Path, **environment: str) -> "subprocess.Popen[str]":
    """Open the folder's server in a process of its own, which prints the version and ends."""
    return subprocess.Popen(
        [sys.executable, "-W", "error", "-c", OPEN_AND_ASK, str(folder)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={key: value for key, value in os.environ.items() if key != "XDG_RUNTIME_DIR"} | environment,
    )


def is_running(folder: Path) -> bool:
    """Say whether a server runs in a folder."""
    return (folder / "postmaster.pid").exists()


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of the module's server, made once."""
    return tmp_path_factory.mktemp("embedded") / "data"


def test_many_processes_may_open_one_folder_at_once(folder: Path) -> None:
    """All get PostgreSQL 16 and print nothing else, and the last one out stops it."""
    processes = [run(folder) for _ in range(6)]
    for process in processes:
        out, err = process.communicate(timeout=60)
        assert (process.returncode, err) == (0, "")
        assert out.startswith("16.")
    assert not is_running(folder)


def test_a_dead_process_keeps_nothing_running(folder: Path) -> None:
    """A process that died without closing is struck from the list: the next one stops the server when it leaves."""
    with start_embedded(folder, fsync=False):
        handles = folder / ".handle_pids.json"
        dead = subprocess.Popen([sys.executable, "-c", ""])
        dead.wait()
        handles.write_text(json.dumps([*json.loads(handles.read_text()), dead.pid]))
    assert not is_running(folder)


async def test_a_server_that_was_killed_is_started_again(folder: Path) -> None:
    """After kill -9 of the server the next opening answers, and what was committed is there."""
    with start_embedded(folder) as server:
        url = await server.ensure_database()
        connection = await asyncpg.connect(url)
        await connection.execute("CREATE TABLE kept (id int); INSERT INTO kept VALUES (1)")
        pid = int((folder / "postmaster.pid").read_text().splitlines()[0])
        os.kill(pid, 9)
        connection.terminate()
        await asyncio.sleep(0.2)
        with start_embedded(folder) as again:
            reopened = await asyncpg.connect(again.url())
            assert await reopened.fetchval("SELECT id FROM kept") == 1
            await reopened.close()


async def test_databases_are_made_copied_and_dropped(folder: Path) -> None:
    """``ensure_database`` may be called again; a copy has what its template has; dropping is not refused."""
    with start_embedded(folder, fsync=False) as server:
        await server.drop_database("original")
        url = await server.ensure_database("original")
        assert await server.ensure_database("original") == url
        connection = await asyncpg.connect(url)
        await connection.execute("CREATE TABLE t (id int)")
        await connection.close()
        copy = await asyncpg.connect(await server.create_database("copy", "original"))
        assert await copy.fetchval("SELECT count(*) FROM t") == 0
        await server.drop_database("copy")
        copy.terminate()


def test_a_folder_that_cannot_hold_a_server_is_a_clear_error(tmp_path: Path) -> None:
    """The message names the folder, and closing twice is closing once."""
    (tmp_path / "PG_VERSION").write_text("9.1\n")
    with pytest.raises(EmbeddedUnavailable, match=str(tmp_path)):
        start_embedded(tmp_path)
