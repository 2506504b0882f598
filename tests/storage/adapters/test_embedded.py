"""PostgreSQL from the wheel: quiet, shared by processes, and never left running by the dead."""

import asyncio
import json
import os
import subprocess
import sys
import time
from pathlib import Path

import asyncpg
import pytest
from support.places import let_server_pass

from strongroom.adapters.embedded import EmbeddedUnavailable, default_folder, start_embedded, stop_abandoned
from strongroom.adapters.embedded.lock_holders import HOLDERS_FILE

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


OPEN_AND_LEAVE = """
import os, sys
from pathlib import Path
from strongroom.adapters.embedded import start_embedded

server = start_embedded(Path(sys.argv[1]), fsync=False)
{ending}
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


def postmaster_of(folder: Path) -> int:
    """Return the process number of a folder's server."""
    return int((folder / "postmaster.pid").read_text().splitlines()[0])


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of the module's server, made once."""
    return let_server_pass(tmp_path_factory.mktemp("embedded"), tmp_path_factory) / "data"


def test_many_processes_may_open_one_folder_at_once(folder: Path) -> None:
    """All get PostgreSQL 16 and print nothing else, and the last one out stops it."""
    processes = [run(folder) for _ in range(6)]
    for process in processes:
        out, err = process.communicate(timeout=60)
        assert (process.returncode, err) == (0, "")
        assert out.startswith("16.")
    assert not is_running(folder)


def test_a_dead_process_keeps_no_server_running(folder: Path) -> None:
    """A process that died without closing counts no more, nor does one that was given its number since."""
    with start_embedded(folder, fsync=False):
        listed = folder / HOLDERS_FILE
        dead = subprocess.Popen([sys.executable, "-c", ""])
        dead.wait()
        listed.write_text(json.dumps([*json.loads(listed.read_text()), [dead.pid, time.time()], [os.getppid(), 1.0]]))
    assert not is_running(folder)


def test_a_process_that_ends_without_closing_stops_its_server(folder: Path) -> None:
    """What was left open is closed when the interpreter ends, also by an error."""
    code = OPEN_AND_LEAVE.format(ending="raise SystemExit(3)")
    assert subprocess.run([sys.executable, "-c", code, str(folder)], check=False).returncode == 3
    assert not is_running(folder)


def test_the_server_of_a_killed_process_is_stopped_by_the_next(folder: Path) -> None:
    """Killing leaves the server running; the next process joins it, and stops it when it leaves."""
    code = OPEN_AND_LEAVE.format(ending="os.kill(os.getpid(), 9)")
    assert subprocess.run([sys.executable, "-c", code, str(folder)], check=False).returncode == -9
    left = postmaster_of(folder)
    with start_embedded(folder, fsync=False):
        assert postmaster_of(folder) == left
    assert not is_running(folder)


def test_the_server_of_killed_processes_can_be_stopped_without_joining_it(folder: Path) -> None:
    """``stop_abandoned`` stops nothing that is used, and what nobody uses."""
    with start_embedded(folder, fsync=False):
        assert not stop_abandoned(folder)
        assert is_running(folder)
    code = OPEN_AND_LEAVE.format(ending="os.kill(os.getpid(), 9)")
    subprocess.run([sys.executable, "-c", code, str(folder)], check=False)
    assert stop_abandoned(folder)
    assert not is_running(folder)


def test_stale_lock_files_do_not_block_the_next_server(folder: Path) -> None:
    """After a reboot their number may be another process's: that is not taken for a server, nor waited for."""
    with start_embedded(folder, fsync=False):
        files = [folder / "postmaster.pid", folder / ".s.PGSQL.5432.lock"]
        texts = [file.read_text().replace(str(postmaster_of(folder)), str(os.getpid()), 1) for file in files]
    for file, text in zip(files, texts, strict=True):
        file.write_text(text)
    with start_embedded(folder, fsync=False):
        assert postmaster_of(folder) != os.getpid()


@pytest.mark.parametrize("name", ["with space", "with 'quotes'", "with,comma", "long" * 30])
def test_a_folder_may_have_any_name(tmp_path: Path, name: str) -> None:
    """A folder's name may hold what a shell, a setting or an address takes for something else, and be long."""
    process = run(tmp_path / name / "data")
    out, err = process.communicate(timeout=60)
    assert (process.returncode, err) == (0, "")
    assert out.startswith("16.")


async def test_a_server_that_was_killed_is_started_again(folder: Path) -> None:
    """After kill -9 of the server the next opening answers, and what was committed is there."""
    with start_embedded(folder) as server:
        url = await server.ensure_database()
        connection = await asyncpg.connect(url)
        await connection.execute("CREATE TABLE kept (id int); INSERT INTO kept VALUES (1)")
        os.kill(postmaster_of(folder), 9)
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


@pytest.mark.parametrize(
    ("files", "reason"),
    [
        ({"PG_VERSION": "9.1\n"}, r"holds the data of PostgreSQL 9\.1"),
        ({"PG_VERSION": "16\n"}, r"did not \(finish to\) make"),
        ({"letter.txt": "Dear Ada"}, "not empty"),
    ],
)
def test_an_unusable_folder_raises_a_clear_error(
    tmp_path: Path, capfd: pytest.CaptureFixture[str], files: dict[str, str], reason: str
) -> None:
    """The error names the folder and says what is wrong with it; nothing is printed, and nothing there is touched."""
    for name, text in files.items():
        (tmp_path / name).write_text(text)
    with pytest.raises(EmbeddedUnavailable, match=f"{tmp_path} .*{reason}"):
        start_embedded(tmp_path)
    assert {path.name: path.read_text() for path in tmp_path.iterdir()} == files
    assert capfd.readouterr() == ("", "")


def test_a_start_failure_names_its_cause(tmp_path: Path) -> None:
    """The reason is PostgreSQL's own, from its log."""
    folder = tmp_path / "data"
    start_embedded(folder, fsync=False).close()
    with (folder / "postgresql.conf").open("a") as settings:
        settings.write("shared_buffers = 'plenty'\n")
    with pytest.raises(EmbeddedUnavailable, match=r"could not be started: .*configuration file"):
        start_embedded(folder, fsync=False)


@pytest.mark.parametrize("variables", [{"XDG_DATA_HOME": "data-home"}, {}])
def test_the_default_folder_changes_no_permissions_of_the_home(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, variables: dict[str, str]
) -> None:
    """It is within the user's data folder; root's server, which another user runs, stays out of root's home."""
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.delenv("XDG_DATA_HOME", raising=False)
    for name, value in variables.items():
        monkeypatch.setenv(name, f"/elsewhere/{value}")
    folder = default_folder()
    if variables:
        assert folder == Path("/elsewhere/data-home/strongroom/postgres-16")
    elif sys.platform != "win32" and os.geteuid() == 0:
        assert tmp_path not in folder.parents
    else:
        assert tmp_path in folder.parents
