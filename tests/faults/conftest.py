"""What an attacker on the same machine tries: most of it needs a second user, whom only root can play."""

import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from support.pgbouncer import PROGRAM

from strongroom.adapters.embedded.places import closed_to
from strongroom.adapters.embedded.programs import _installed
from strongroom.adapters.embedded.users import User

IS_ROOT = os.geteuid() == 0
STRANGER = User(65534, 65534)
"""A user of the machine that is neither root nor the one that root's server runs as."""
CLOSED = closed_to(_installed() / "postgres", STRANGER)


def pytest_ignore_collect(collection_path: Path) -> bool | None:
    """Leave out what needs a second user unless root runs the tests, and what starts its server if it cannot."""
    name = collection_path.name
    if name.startswith("test_pgbouncer") and PROGRAM is None:
        return True
    if name.startswith("test_root_") and not IS_ROOT:
        return True
    return True if name.startswith("test_root_two_users") and CLOSED else None


def pytest_report_header() -> str:
    """Say whether the tests that need a second user, or PgBouncer, are run."""
    return f"{_second_user()}\nPgBouncer: {PROGRAM or 'not installed, the tests that go through one are not collected'}"


def _second_user() -> str:
    if not IS_ROOT:
        return "a second user: the tests are not run by root, those that need one are not collected"
    if CLOSED:
        return f"a second user: {CLOSED} is closed to it, the tests that start a server as one are not collected"
    return f"a second user: uid {STRANGER.uid}"


@pytest.fixture
def stranger() -> User:
    """Another user of the machine."""
    return STRANGER


@pytest.fixture
def public(monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A temporary folder like /tmp: everybody writes to it, and the sticky bit keeps each to what is theirs."""
    with tempfile.TemporaryDirectory(prefix="public-") as made:
        folder = Path(made)
        folder.chmod(0o1777)
        monkeypatch.setattr("tempfile.tempdir", made)
        yield folder
        monkeypatch.undo()
