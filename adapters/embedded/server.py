"""A PostgreSQL 16 server in a folder: started when it is first needed, shared by all processes that open the folder.

The wheel brings PostgreSQL's programs. Its own way of starting them is not used: it passes the folder through a shell
(which breaks at a space, as in macOS's own data folder), takes a recycled process number for a running server, gives
up on a recovery after ten seconds, and locks by a file whose place depends on the environment.
"""

import atexit
import sys
import threading
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Final, Self
from urllib.parse import quote

import asyncpg
import platformdirs

from strongroom.adapters.quoting import quote_identifier
from strongroom.ports.errors import StorageUnavailable

from . import lock_holders, postmaster
from .programs import VERSION
from .users import ROOTS_FOLDER, Unusable, is_root, server_user

LOCK_SECONDS: Final = 180.0

_open_counts: set[Path] = set()
"""The folders whose servers this process has open."""
_open_lock = threading.RLock()


class EmbeddedUnavailable(StorageUnavailable):
    """The embedded PostgreSQL could not be started, or stopped."""


def default_folder() -> Path:
    """Return the folder of the embedded server's data, within the user's data folder; root's is below /var/lib.

    Raises EmbeddedUnavailable if the system knows no home folder of the user.
    """
    try:
        folder = Path(platformdirs.user_data_dir("strongroom", appauthor=False))
        if is_root() and Path.home() in folder.parents:
            folder = ROOTS_FOLDER
    except RuntimeError:
        folder = Path()
    if not folder.is_absolute():
        message = (
            "the embedded PostgreSQL has no folder: the system knows no home folder of this user; "
            "set HOME or XDG_DATA_HOME, or name a folder: embedded:/folder"
        )
        raise EmbeddedUnavailable(message)
    return folder / f"postgres-{VERSION}"


class EmbeddedServer:
    """A running server; it is stopped when the last process that opened its folder closes it or ends."""

    def __init__(self, folder: Path, found: postmaster.Postmaster) -> None:
        self.folder = folder
        self._found = found

    def __repr__(self) -> str:
        return f"EmbeddedServer({str(self.folder)!r})"

    def url(self, database: str = "strongroom") -> str:
        """Return the address of a database of the server, as asyncpg takes it."""
        host, port = self._found.host, self._found.port
        if Path(host).is_absolute():
            return f"postgresql://postgres@/{quote(database, safe='')}?host={quote(host)}&port={port}"
        return f"postgresql://postgres@{host}:{port}/{quote(database, safe='')}"

    async def ensure_database(self, name: str = "strongroom") -> str:
        """Create a database unless it exists, and return its address."""
        with suppress(asyncpg.DuplicateDatabaseError, asyncpg.UniqueViolationError):
            await self.create_database(name)
        return self.url(name)

    async def create_database(self, name: str, template: str | None = None) -> str:
        """Create a database, as a copy of a template if a template is named, and return its address."""
        copied = f" TEMPLATE {quote_identifier(template)} STRATEGY FILE_COPY" if template else ""
        await self._administer(f"CREATE DATABASE {quote_identifier(name)}{copied}")
        return self.url(name)

    async def drop_database(self, name: str) -> None:
        """Drop a database, if it exists, whoever is connected to it."""
        await self._administer(f"DROP DATABASE IF EXISTS {quote_identifier(name)} WITH (FORCE)")

    def close(self) -> None:
        """Have this process let go of the server, which stops when no other has it open; twice is once.

        Raises EmbeddedUnavailable where it would have to stop and does not.
        """
        with _open_lock:
            _release(self.folder)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()

    async def _administer(self, statement: str) -> None:
        from strongroom.adapters.postgres.connection import connect

        connection = await connect(self.url("postgres"))
        try:
            await connection.execute(statement)
        finally:
            await connection.close()


def start_embedded(folder: Path | None = None, *, fsync: bool = True) -> EmbeddedServer:
    """Start the server of a folder (the user's own by default), or join the server that runs there.

    Without ``fsync`` a crash of the machine may lose or spoil everything: for tests. Blocks until the server
    answers. Raises EmbeddedUnavailable.
    """
    target = folder or default_folder()
    with _open_lock:
        try:
            return _open_folder(_absolute(target), fsync=fsync)
        except TimeoutError:
            reason = "another process has held its folder for too long"
        except (Unusable, OSError) as error:
            reason = str(error)
    message = f"the embedded PostgreSQL in {target} could not be started: {reason}"
    raise EmbeddedUnavailable(message)


def stop_abandoned(folder: Path) -> bool:
    """Stop the server of a folder if all processes that used it have died, and say whether nobody uses it."""
    with lock_holders.folder_lock(folder, LOCK_SECONDS):
        used = bool(lock_holders.live_holders(folder))
        if not used:
            postmaster.stop_server(folder)
    return not used


def _open_folder(target: Path, *, fsync: bool) -> EmbeddedServer:
    folder = _own(target)
    with lock_holders.folder_lock(folder, LOCK_SECONDS):
        found = postmaster.start_server(folder, fsync=fsync)
        lock_holders.add_holder(folder)
    if not _open_counts:
        atexit.register(_release_all)
    _open_counts.add(folder)
    return EmbeddedServer(folder, found)


def _absolute(folder: Path) -> Path:
    try:
        return folder.expanduser().absolute()
    except RuntimeError:
        message = "the system knows no such home folder: write the path in full"
        raise Unusable(message) from None


def _own(target: Path) -> Path:
    """Return the real path of a data folder, made privately if it is missing. Raises Unusable."""
    if sys.platform == "win32":
        target.mkdir(parents=True, exist_ok=True)
        return target.resolve()
    from . import places

    user = server_user()
    places.require_open(places.locate(target, make=False), user)
    folder = places.locate(target)
    places.refuse_others(folder, user)
    try:
        postmaster.require_usable(folder)
    except Unusable:
        if not places.is_private(folder, user):  # else another process may just be making the data
            raise
    places.make_private(folder, user)
    return folder


def _release(folder: Path) -> None:
    if folder not in _open_counts:
        return
    _open_counts.remove(folder)
    try:
        with lock_holders.folder_lock(folder, LOCK_SECONDS):
            if lock_holders.remove_holder(folder):
                postmaster.stop_server(folder)
    except FileNotFoundError:
        return
    except (Unusable, OSError) as error:
        message = f"the embedded PostgreSQL in {folder} could not be stopped: {error}"
        raise EmbeddedUnavailable(message) from None


def _release_all() -> None:
    for folder in list(_open_counts):
        _release(folder)
