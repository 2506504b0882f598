"""Prisma's own engines, where Node.js is there to run them."""

import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from support.schema.prisma_engine import PrismaEngine

from strongroom.adapters.embedded.lock_holders import folder_lock

HERE = Path(__file__).parent
INSTALL_SECONDS = 600
NEEDS_NODE = {
    "test_db_push.py",
    "test_dmmf_agreement.py",
    "test_drift_agreement.py",
    "test_engine_agreement.py",
    "test_migrate_deploy.py",
}
HAS_NODE = shutil.which("node") is not None and shutil.which("npm") is not None


def pytest_ignore_collect(collection_path: Path) -> bool | None:
    """Leave the tests against Prisma's engines out where there is no Node.js."""
    return True if collection_path.name in NEEDS_NODE and not HAS_NODE else None


def pytest_report_header() -> str:
    """Say whether the tests against Prisma's engines are run."""
    return f"Prisma's engines: {HERE if HAS_NODE else 'no Node.js, their tests are not collected'}"


@pytest.fixture(scope="session")
def node_modules() -> Path:
    """Prisma's engines as the lock file pins them, installed by the first worker that asks."""
    installed = HERE / "node_modules"
    with folder_lock(HERE, INSTALL_SECONDS):
        if not (installed / ".package-lock.json").is_file():
            subprocess.run(["npm", "ci", "--no-audit", "--no-fund"], cwd=HERE, check=True, stdout=subprocess.DEVNULL)
    return installed


@pytest.fixture(scope="session")
def prisma(node_modules: Path) -> Iterator[PrismaEngine]:
    """Prisma's own reading of schemas."""
    with PrismaEngine(HERE / "dmmf.mjs") as engine:
        yield engine
