"""A sample of the tests, for another Python: ``--one-of-each`` keeps what could differ there.

Tests that need no storage all stay: they are cheap, and look at every class. Of a test over storages the first case
stays, over each kind of storage: the same function over another table asks the same of Python.
"""

from collections.abc import Iterable
from types import SimpleNamespace
from typing import Final

import pytest
from hypothesis import settings

PROFILE: Final = "one-of-each"
EXAMPLES: Final = 5
NO_CASE: Final = SimpleNamespace(params={})


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add ``--one-of-each``."""
    parser.addoption("--one-of-each", action="store_true", help="run one case of each test over storages, for CI")


@pytest.hookimpl(trylast=True)
def pytest_configure(config: pytest.Config) -> None:
    """Draw few examples of each property."""
    if config.option.one_of_each:
        settings.register_profile(PROFILE, settings(), max_examples=EXAMPLES)
        settings.load_profile(PROFILE)


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Deselect the further cases."""
    if config.option.one_of_each:
        further = further_cases(items)
        config.hook.pytest_deselected(items=[item for item in items if item in further])
        items[:] = [item for item in items if item not in further]


def further_cases(items: Iterable[pytest.Item]) -> set[pytest.Item]:
    """Return the tests over storages that are not the first of their function and of their kind of storage."""
    seen: set[tuple[str, str]] = set()
    further = set()
    for item in items:
        kind = getattr(item, "callspec", NO_CASE).params.get("kind")
        if not isinstance(kind, str):
            continue
        case = (item.nodeid.partition("[")[0], kind)
        if case in seen:
            further.add(item)
        seen.add(case)
    return further
