"""The user that the server runs as: this process's own, or a user made for root, whom PostgreSQL refuses."""

import os
import subprocess
import sys
import time
from functools import cache
from pathlib import Path
from typing import Final

from attrs import frozen

ROOTS_SUBSTITUTE: Final = "pgserver"
ROOTS_FOLDER: Final = Path("/var/lib/strongroom")
"""Where root's files go: root's home is closed to the user that the server runs as."""
_ATTEMPTS: Final = 50


class Unusable(Exception):
    """Reason why a server cannot run as a user."""


@frozen
class User:
    """A user of the system, and its first group."""

    uid: int
    gid: int


def is_root() -> bool:
    """Say whether this process runs as root."""
    return hasattr(os, "geteuid") and os.geteuid() == 0


def has_name() -> bool:
    """Say whether the system knows this process's user by name, without which initdb refuses to work."""
    if sys.platform == "win32":
        return True
    import pwd

    try:
        pwd.getpwuid(os.geteuid())
    except KeyError:
        return False
    return True


@cache
def server_user() -> User:
    """Return the user that the server runs as; root's is made if the system has none. Raises Unusable."""
    if sys.platform == "win32":
        return User(-1, -1)
    if not is_root():
        return User(os.geteuid(), os.getegid())
    import pwd

    problem = ""
    for attempt in range(_ATTEMPTS):
        try:
            entry = pwd.getpwnam(ROOTS_SUBSTITUTE)
            return User(entry.pw_uid, entry.pw_gid)
        except KeyError:
            time.sleep(0.1 if attempt else 0)  # another process may hold the system's list of users
            problem = _add_substitute()
    message = (
        f"PostgreSQL refuses to run as root, and the user {ROOTS_SUBSTITUTE} cannot be made for it ({problem}): "
        f"add it by hand (useradd --system {ROOTS_SUBSTITUTE}), or run as another user"
    )
    raise Unusable(message)


def _add_substitute() -> str:
    """Add the user, which cannot log in, and return what went wrong."""
    options = ["--system", "--user-group", "--no-create-home", "--home-dir", "/", "--shell", "/usr/sbin/nologin"]
    try:
        done = subprocess.run(  # noqa: S603 - the system's own program
            ["useradd", *options, ROOTS_SUBSTITUTE],  # noqa: S607 - root's PATH is root's
            env={"PATH": os.environ.get("PATH", os.defpath), "LC_ALL": "C"},
            capture_output=True,
            text=True,
            check=False,
        )
    except OSError as error:
        return f"useradd: {error.strerror}"
    return done.stderr.strip()
