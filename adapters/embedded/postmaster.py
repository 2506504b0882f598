"""The server process of a data folder: whether it lives, where it listens, how it is started and stopped."""

import hashlib
import locale
import os
import socket
import sys
import tempfile
import time
from contextlib import closing, suppress
from pathlib import Path
from typing import Final

import psutil
from attrs import frozen

from .holders import CLOCK_SECONDS
from .programs import VERSION, ProgramFailed, has_name, is_root, make_accessible, run

SETTINGS_FILE: Final = "strongroom.conf"
PORT: Final = 5432
START_ATTEMPTS: Final = 3
START_SECONDS: Final = 120
"""Long enough to recover from a crash of a well filled database."""
_LONGEST_SOCKET_PATH: Final = 103


class Unusable(Exception):
    """What is in the way of a server in this folder, in words."""


@frozen
class Postmaster:
    """A running server, as its pid file describes it; ``host`` is the folder of its socket, or a TCP host."""

    pid: int
    host: str
    port: int
    ready: bool


def find(folder: Path) -> Postmaster | None:
    """Return the server that runs in a folder; a file that a dead one left, or its zombie, is none."""
    try:
        lines = (folder / "postmaster.pid").read_text(encoding="utf-8").splitlines()
        pid, started, port = int(lines[0]), int(lines[2]), int(lines[3])
        process = psutil.Process(pid)
        alive = process.name().startswith("postgres") and _works_in(process, folder, started=started)
    except (FileNotFoundError, ValueError, IndexError, psutil.Error):
        return None
    host = (lines[4] if len(lines) > 4 else "") or (lines[5] if len(lines) > 5 else "")
    return Postmaster(pid, host, port, len(lines) > 7 and lines[7].strip() == "ready") if alive else None


def start(folder: Path, *, fsync: bool) -> Postmaster:
    """Start the server of a folder, making its data first where there are none, and wait until it answers."""
    make_accessible(folder)
    if not (folder / "PG_VERSION").exists():
        _initialise(folder, fsync=fsync)
    _require_ours(folder)
    for _ in range(START_ATTEMPTS):
        if find(folder) is None:
            _launch(folder, fsync=fsync)
        answering = _await_answer(folder)
        if answering is not None:
            return answering
    message = "the server ends while it is starting"
    raise Unusable(message)


def stop(folder: Path) -> None:
    """Stop the server of a folder, if one runs: its clients are disconnected, what was committed is kept."""
    running = find(folder)
    if running is None:
        return
    for mode in ("fast", "immediate"):
        with suppress(ProgramFailed):
            run("pg_ctl", "-w", "-m", mode, "stop", folder=folder)
        if find(folder) is None:
            if Path(running.host) not in {folder, Path()}:
                with suppress(OSError):
                    Path(running.host).rmdir()
            return
    message = "the server does not stop"
    raise Unusable(message)


def _initialise(folder: Path, *, fsync: bool) -> None:
    if not has_name():
        message = (
            f"the user id {os.geteuid()} has no name in this system, which PostgreSQL's initdb needs: "
            "add one to /etc/passwd, or run as another user"
        )
        raise Unusable(message)
    options = ["--auth=trust", "--encoding=UTF8", "--username=postgres", *([] if fsync else ["--no-sync"])]
    try:
        run("initdb", *options, f"--locale={_locale()}", folder=folder)
    except ProgramFailed as error:
        raise Unusable(str(error)) from None
    _write_settings(folder, fsync=fsync)


def _locale() -> str:
    """Return the one locale that knows letters and is the same everywhere, where the system has it."""
    present = locale.setlocale(locale.LC_CTYPE)
    try:
        locale.setlocale(locale.LC_CTYPE, "C.UTF-8")
    except locale.Error:
        return "C"
    locale.setlocale(locale.LC_CTYPE, present)
    return "C.UTF-8"


def _launch(folder: Path, *, fsync: bool) -> None:
    _remove_remains(folder)
    _write_settings(folder, fsync=fsync)
    log = folder / "log"
    before = log.stat().st_size if log.exists() else 0
    try:
        run("pg_ctl", "-l", str(log), "-w", "-t", str(START_SECONDS), "start", folder=folder)
    except ProgramFailed as error:
        raise Unusable(_last_fatal(log, before) or str(error)) from None


def _require_ours(folder: Path) -> None:
    version = (folder / "PG_VERSION").read_text(encoding="utf-8").strip()
    if version != str(VERSION):
        message = f"the folder holds the data of PostgreSQL {version}: choose another folder"
        raise Unusable(message)
    if not (folder / SETTINGS_FILE).exists():
        message = "the folder holds data that strongroom did not (finish to) make: remove it, or choose another folder"
        raise Unusable(message)


def _remove_remains(folder: Path) -> None:
    """Remove the lock files of a dead server once its last children are gone.

    PostgreSQL would do so itself, unless the number in them is now another process's, or that of a zombie.
    """
    deadline = time.monotonic() + 10
    while any(
        (process.info["name"] or "").startswith("postgres") and _works_in(process, folder)
        for process in psutil.process_iter(["name"])
    ):
        if time.monotonic() > deadline:
            message = "processes of a server that was killed still work in the folder: end them first"
            raise Unusable(message)
        time.sleep(0.05)
    for remains in (folder / "postmaster.pid", _socket_folder(folder) / f".s.PGSQL.{PORT}.lock"):
        remains.unlink(missing_ok=True)


def _works_in(process: psutil.Process, folder: Path, *, started: float = 0.0) -> bool:
    """Say whether a process lives and works in a folder; of another user's, its start has to tell."""
    try:
        if process.status() == psutil.STATUS_ZOMBIE:
            return False
        return Path(process.cwd()) == folder
    except psutil.AccessDenied:
        return bool(abs(process.create_time() - started) < CLOCK_SECONDS)
    except psutil.Error:
        return False


def _write_settings(folder: Path, *, fsync: bool) -> None:
    lines = ["log_min_messages = fatal", "max_connections = 200", "timezone = 'UTC'"]
    if sys.platform == "win32":
        lines += ["listen_addresses = '127.0.0.1'", f"port = {_free_port()}"]
    else:
        quoted = str(_socket_folder(folder)).replace("'", "''").replace('"', '""')
        lines += ["listen_addresses = ''", f"port = {PORT}", f"unix_socket_directories = '\"{quoted}\"'"]
    if not fsync:
        lines += ["fsync = off", "synchronous_commit = off", "full_page_writes = off", "autovacuum = off"]
    main = folder / "postgresql.conf"
    settings = folder / SETTINGS_FILE
    settings.write_text("\n".join(lines) + "\n", encoding="utf-8")
    if is_root():
        owner = main.stat()
        os.chown(settings, owner.st_uid, owner.st_gid)
    include = f"include_if_exists = '{SETTINGS_FILE}'\n"
    if include not in main.read_text(encoding="utf-8"):
        with main.open("a", encoding="utf-8") as file:
            file.write(include)


def _socket_folder(folder: Path) -> Path:
    """Return where the socket stands: with the data, or, where that path is too long or a URL cannot hold it, apart."""
    if len(os.fsencode(folder / f".s.PGSQL.{PORT}")) <= _LONGEST_SOCKET_PATH and "," not in str(folder):
        return folder
    digest = hashlib.sha256(os.fsencode(folder)).hexdigest()[:16]
    short = Path(tempfile.gettempdir()) / f"strongroom-{digest}"
    short.mkdir(mode=0o700, exist_ok=True)
    owner = folder.stat()
    if is_root():
        os.chown(short, owner.st_uid, owner.st_gid, follow_symlinks=False)
    if short.is_symlink() or short.stat().st_uid != owner.st_uid:
        message = f"{short}, where the server's socket would stand, belongs to another user"
        raise Unusable(message)
    return short


def _free_port() -> int:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        return int(unused.getsockname()[1])


def _await_answer(folder: Path) -> Postmaster | None:
    """Wait until the server says that it is ready and takes a connection; None if it ends meanwhile."""
    deadline = time.monotonic() + START_SECONDS
    while (running := find(folder)) is not None:
        if running.ready and _answers(running):
            return running
        if time.monotonic() > deadline:
            message = "the server does not answer"
            raise Unusable(message)
        time.sleep(0.02)
    return None


def _answers(server: Postmaster) -> bool:
    family = socket.AF_INET if sys.platform == "win32" else socket.AF_UNIX
    address = (server.host, server.port) if sys.platform == "win32" else f"{server.host}/.s.PGSQL.{server.port}"
    with closing(socket.socket(family)) as probe:
        try:
            probe.connect(address)
        except OSError:
            return False
    return True


def _last_fatal(log: Path, start: int) -> str | None:
    with suppress(OSError), log.open("rb") as file:
        file.seek(start)
        lines = file.read().decode(errors="replace").splitlines()
        return next((line for line in reversed(lines) if "FATAL" in line or "PANIC" in line), None)
    return None
