"""Leave the tests of the tutorial out if the packages that it uses are not installed, and say so."""

from importlib.util import find_spec
from pathlib import Path

MISSING = [name for name in ("fastapi", "httpx", "uvicorn") if find_spec(name) is None]


def pytest_ignore_collect(collection_path: Path) -> bool | None:
    """Leave the tests of the tutorial out where FastAPI is missing."""
    return True if MISSING and collection_path.name.startswith("test_tutorial") else None


def pytest_report_header() -> str:
    """Say whether the tutorial's tests are run."""
    return f"tutorial: {'not collected, uv sync --group docs brings ' + ', '.join(MISSING) if MISSING else 'collected'}"
