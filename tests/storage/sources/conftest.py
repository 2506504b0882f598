"""The folder of real data beside the project, and whether it is there."""

from pathlib import Path

import pytest

SHARED = Path(__file__).parents[3].parent / "shared" / "data"


def pytest_ignore_collect(collection_path: Path) -> bool | None:
    """Leave the tests over real data out where it does not lie beside the project."""
    return True if collection_path.name == "test_real_data.py" and not SHARED.is_dir() else None


def pytest_report_header() -> str:
    """Say whether the tests over real data are run."""
    return f"real data: {SHARED if SHARED.is_dir() else f'not there ({SHARED}), its tests are not collected'}"


@pytest.fixture(scope="session")
def real_data() -> Path:
    """The folder of real data."""
    return SHARED
