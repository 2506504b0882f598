"""The tests that a plain run leaves out, each with the reason; ``--slow`` runs them, and so does CI."""

from typing import Final

import pytest

MOST: Final = 60
SLOW: Final = {
    "faults/test_names.py::test_no_command_asks_the_neighbour": "every command runs, 12,000 statements in all",
    "faults/test_names.py::test_no_repository_asks_the_neighbour": "812 operations, over every column and operator",
    "schema/checks/test_check.py::test_every_mutation_of_the_database_is_found_and_named": "108 schemas are read",
    "schema/checks/test_check.py::test_every_mutation_of_the_schema_prisma_is_found_and_named": "108 files are parsed",
    "schema/checks/test_comparison.py::test_two_hundred_random_mutations_are_each_named": "200 schemas are read",
    "schema/checks/test_fixes.py::test_after_the_printed_fix_of_any_mutation_the_check_is_clean": (
        "150 schemas are read"
    ),
    "schema/frontend/test_rename_under_load.py::test_a_rename_under_load_breaks_nobody_and_loses_no_write": (
        "both sides write all the while, and Prisma generates its client twice"
    ),
    "schema/prisma/test_migrate_deploy.py::test_prisma_waits_for_our_migrators_lock": (
        "Prisma gives up after 10 seconds"
    ),
    "storage/differential/test_planted_faults.py::test_a_planted_fault_is_found": "up to 150 random examples for each",
    "storage/migrations/test_migrator_locks.py::test_fifty_services_that_start_at_once_apply_each_migration_once": (
        "fifty processes"
    ),
}
"""Test functions by their node ids, below ``tests/``, with what makes them slow."""


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add ``--slow``."""
    parser.addoption("--slow", action="store_true", help="run the tests that tests/support/slow.py lists, too")


def pytest_configure(config: pytest.Config) -> None:
    """Register the marker."""
    config.addinivalue_line("markers", "slow(reason): only --slow runs it, or whoever names it")


def pytest_report_header(config: pytest.Config) -> str:
    """Say how many tests are left out."""
    told = "run as well" if _wanted(config) else "left out, --slow runs them (tests/support/slow.py)"
    return f"slow tests: {len(SLOW)} {told}"


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Mark the slow tests, and deselect them unless they are wanted."""
    slow = []
    for item in items:
        if reason := SLOW.get(_name(item)):
            item.add_marker(pytest.mark.slow(reason))
            slow.append(item)
    if len(slow) > MOST:
        message = f"{len(slow)} tests are slow: at most {MOST} may be"
        raise pytest.UsageError(message)
    if slow and not _wanted(config):
        config.hook.pytest_deselected(items=slow)
        items[:] = [item for item in items if item.get_closest_marker("slow") is None]


def _name(item: pytest.Item) -> str:
    """Return the node id of the test's function, below ``tests/``."""
    return item.nodeid.partition("[")[0].removeprefix("tests/")


def _wanted(config: pytest.Config) -> bool:
    named = any("::" in argument for argument in config.args)
    return bool(config.option.slow or config.option.long or named or "slow" in config.option.markexpr)
