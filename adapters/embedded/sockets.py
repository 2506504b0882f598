"""The folder of the server's socket: the data folder, or a short one of its own.

A socket's path holds 107 bytes at most (103 on macOS), and a list of hosts in an address is separated by commas.
"""

import os
import sys
import tempfile
from contextlib import suppress
from pathlib import Path
from typing import Final

from .files import remove
from .users import Unusable, server_user

MAX_SOCKET_PATH: Final = 103
PREFIX: Final = "strongroom-"
_BASES: Final = ("/tmp", "/var/tmp")  # noqa: S108 - the folders within are made privately


def find_short_folder(folder: Path, port: int) -> Path:
    """Return the folder for the socket of a data folder: itself if its path is short, else a folder made for it.

    That one is private, and nobody knew its name before. Raises Unusable if no place will do.
    """
    is_short = len(os.fsencode(folder / f".s.PGSQL.{port}")) <= MAX_SOCKET_PATH
    if sys.platform == "win32" or (is_short and "," not in str(folder)):
        return folder
    from .places import UnsafeFolder, closed_to, locate, make_temporary

    problems = []
    for base in dict.fromkeys((tempfile.gettempdir(), *_BASES)):
        try:
            place = locate(Path(base).absolute() / PREFIX).parent
            name = place / f"{PREFIX}{'x' * 8}" / f".s.PGSQL.{port}"
            if len(os.fsencode(name)) > MAX_SOCKET_PATH:
                problems.append(f"{place} has too long a path")
            elif closed := closed_to(name.parent, server_user()):
                problems.append(f"{closed} is closed to the server's user")
            else:
                return make_temporary(place, server_user())
        except (UnsafeFolder, OSError) as error:
            problems.append(str(error))
    message = f"its path is too long for a socket, and there is no short one for it: {'; '.join(problems)}"
    raise Unusable(message)


def is_trusted_host(host: str, folder: Path) -> bool:
    """Say whether a server of the data folder may be asked where its pid file says: in a folder of its user alone."""
    if sys.platform == "win32":
        return host in {"127.0.0.1", "localhost"}
    from .places import is_private

    return Path(host) == folder or is_private(Path(host), server_user())


def remove_short_folder(host: str, folder: Path, port: int) -> None:
    """Remove the folder that was made for a socket, with what a dead server left in it."""
    place = Path(host)
    if place in {folder, Path()} or not place.name.startswith(PREFIX) or not is_trusted_host(host, folder):
        return
    with suppress(OSError):
        for name in (f".s.PGSQL.{port}", f".s.PGSQL.{port}.lock"):
            remove(place / name)
        place.rmdir()
