"""The pytest plugin does for a project of a user's what the documentation says."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
DOCUMENTED = (ROOT / "docs" / "testing.md").read_text(encoding="utf-8")
BOTH = "from strongroom.adapters.memory import MemoryStorage"
BEGINS_EMPTY = """
from hypothesis import given, settings, strategies as st
from invitations import Invitations

SEEN = set()

async def store({name}, strongroom_clock):
    assert await {name}.users.count() == 0
    await Invitations({name}).invite("a@b")
    user = await {name}.users.find_by_email("a@b")
    SEEN.add((user.id, user.created_at))
    assert len(SEEN) == 1
    strongroom_clock.time += __import__("datetime").timedelta(days=1)

async def test_first({name}, strongroom_clock):
    await store({name}, strongroom_clock)

async def test_second({name}, strongroom_clock):
    await store({name}, strongroom_clock)

@settings(max_examples=20)
@given(number=st.integers())
async def test_examples({name}, strongroom_clock, number):
    await store({name}, strongroom_clock)
"""
LEFT_OPEN = """
import pytest
from strongroom.ports.repositories.user import CreateUser

OPEN = []

async def test_leaves_one_open(strongroom_postgres):
    user = await strongroom_postgres.users.create(CreateUser(email="a@b"))
    manager = strongroom_postgres.transaction()
    transaction = await manager.__aenter__()
    await transaction.users.remove(user.id)
    OPEN.append(manager)

async def test_is_told(strongroom_postgres):
    pass

@pytest.mark.asyncio(loop_scope="session")
async def test_closes():
    await OPEN.pop().__aexit__(None, None, None)
"""


def documented(name: str) -> str:
    """Return the file that the documentation shows under a name."""
    found = re.search(rf"`{re.escape(name)}`:\n\n```\w+\n(.*?)```", DOCUMENTED, re.DOTALL)
    assert found, name
    return found[1]


def write(folder: Path, **files: str) -> Path:
    """Write the documented project of a user, with some tests beside those documented."""
    for name in ("invitations.py", "test_invitations.py", "pytest.ini"):
        (folder / name).write_text(documented(name), encoding="utf-8")
    for name, text in files.items():
        (folder / f"test_{name}.py").write_text(text, encoding="utf-8")
    return folder


def run(folder: Path, *arguments: str, **environment: str) -> str:
    """Run pytest in a user's project and return what it prints."""
    command = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "-p", "no:xdist", "-q", "-rA", *arguments]
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("PYTEST")}
    done = subprocess.run(
        command,
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
        # Hypothesis reads the constants of our modules once for all such projects.
        env={
            **inherited,
            "PYTHONPATH": str(folder),
            "HYPOTHESIS_STORAGE_DIRECTORY": str(ROOT / ".hypothesis"),
            **environment,
        },
    )
    return done.stdout + done.stderr


@pytest.fixture(scope="module")
def printed(tmp_path_factory: pytest.TempPathFactory, postgres_url: str) -> str:
    """What one run prints of the documented tests, and of those above, both storages in one process."""
    project = write(
        tmp_path_factory.mktemp("project"),
        twin=BEGINS_EMPTY.format(name="strongroom_storage"),
        postgres=BEGINS_EMPTY.format(name="strongroom_postgres"),
        left_open=LEFT_OPEN,
    )
    files = ("test_invitations.py", "test_twin.py", "test_postgres.py", "test_left_open.py")
    return run(project, *files, STRONGROOM_TEST_DATABASE_URL=postgres_url)


def test_the_documented_service_passes_over_both(printed: str) -> None:
    """The example of the documentation runs as it stands: one test twice, two properties."""
    assert printed.count("\nPASSED test_invitations.py::") == 4, printed


@pytest.mark.parametrize("name", ["twin", "postgres"])
def test_every_test_and_every_example_begins_empty(printed: str, name: str) -> None:
    """What one test or example stored is not there in the next, and time and identities begin anew."""
    assert printed.count(f"\nPASSED test_{name}.py::") == 3, printed


def test_a_transaction_left_open_is_named(printed: str) -> None:
    """A test that leaves a transaction open keeps the next from beginning, which says so instead of hanging."""
    told = re.search(r"^ERROR test_left_open.py::test_is_told.*$", printed, re.MULTILINE)
    assert told, printed
    assert "a transaction of an earlier test is still open" in printed


def test_strict_mode_needs_no_marker(tmp_path: Path, postgres_url: str) -> None:
    """Tests that use the storages run without a marker of their own where pytest-asyncio is strict."""
    project = write(tmp_path)
    (project / "pytest.ini").write_text("[pytest]\nasyncio_mode = strict\n", encoding="utf-8")
    assert "4 passed" in run(project, STRONGROOM_TEST_DATABASE_URL=postgres_url)


def test_the_contract_suite_runs_over_an_adapter_of_a_users_own(tmp_path: Path) -> None:
    """The suite is found by its name in the package, and needs two fixtures."""
    (tmp_path / "own.py").write_text(
        f"""
import pytest
{BOTH}

@pytest.fixture
def storage(clock, ids):
    return MemoryStorage(clock=clock, ids=ids)

@pytest.fixture
def another_storage(clock, ids):
    return MemoryStorage(clock=clock, ids=ids)
""",
        encoding="utf-8",
    )
    chosen = ["--pyargs", "strongroom.testing.contract", "-k", "goal"]
    printed = run(tmp_path, *chosen, "-p", "own")
    assert re.search(r"\d{2,} passed", printed), printed[-2000:]
    assert "failed" not in printed
