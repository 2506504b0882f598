"""The tests that a plain run leaves out, each with the reason; ``--slow`` runs them, and so does CI."""

from typing import Final

import pytest

MOST: Final = 60
SLOW: Final = {
    "faults/test_names.py::test_no_command_asks_the_neighbour": "every command runs, 12,000 statements in all",
    "faults/test_names.py::test_no_repository_asks_the_neighbour": "812 operations, over every column and operator",
    "faults/test_root_two_users.py::test_root_and_a_user_have_a_scratch_server_each": (
        "two servers are made and started"
    ),
    "project/test_entity_guide.py::test_every_command_of_the_guide_succeeds": (
        "a copy of the project gets an entity, and runs the tests of it"
    ),
    "project/test_packaging.py::test_every_folder_with_an_init_file_is_a_package": "a wheel is built",
    "project/test_testing_plugin.py::test_strict_mode_needs_no_marker": "a project of its own runs pytest",
    "project/test_testing_plugin.py::test_the_contract_suite_runs_over_an_adapter_of_a_users_own": (
        "a project of its own runs pytest"
    ),
    "project/test_testing_plugin.py::test_the_documented_service_passes_over_both": (
        "a project of its own runs pytest over a server"
    ),
    "schema/checks/test_check.py::test_every_mutation_of_the_database_is_found_and_named": "108 schemas are read",
    "schema/checks/test_check.py::test_every_mutation_of_the_schema_prisma_is_found_and_named": "108 files are parsed",
    "schema/checks/test_comparison.py::test_two_hundred_random_mutations_are_each_named": "200 schemas are read",
    "schema/checks/test_fixes.py::test_after_the_printed_fix_of_any_mutation_the_check_is_clean": (
        "150 schemas are read"
    ),
    "schema/checks/test_impact_locks.py::test_the_locks_are_those_that_others_see": (
        "a second session looks at the locks of each kind of statement"
    ),
    "schema/column_changes/test_planning.py::test_a_missing_statement_is_detected": (
        "a planned change is replayed without each of its statements"
    ),
    "schema/column_changes/test_planning.py::test_a_renamed_column_keeps_its_dependents": (
        "a column of every kind of dependent is renamed and compared"
    ),
    "schema/column_changes/test_transition_period.py::test_a_rename_of_the_backends_breaks_no_check_of_the_frontends": (
        "the shipped histories are replayed at every step of a change"
    ),
    "schema/column_changes/test_transition_period.py::test_a_rename_of_the_frontends_keeps_the_name_in_its_code": (
        "the shipped histories are replayed at every step of a change"
    ),
    "schema/column_changes/test_transition_period.py::test_drop_and_not_null_wait_for_readers": (
        "the shipped histories are replayed at every step of a change"
    ),
    "schema/frontend/test_rename_under_load.py::test_a_rename_under_load_breaks_nobody_and_loses_no_write": (
        "both sides write all the while, and Prisma generates its client twice"
    ),
    "schema/frontend/test_risks.py::test_a_schema_prisma_that_drifted_is_found_and_written_anew": (
        "the shipped project is checked again and again"
    ),
    "schema/guard/test_column_changes.py::test_a_side_changes_its_own_column_in_steps": (
        "the guard is installed and every step of a change applied"
    ),
    "schema/page/test_page_browser.py::test_three_hundred_tables_are_searched_at_once": "a browser lays out 300 tables",
    "schema/prisma/test_db_push.py::test_with_the_guard_a_push_changes_nothing_of_the_backends": (
        "Prisma's command line starts"
    ),
    "schema/prisma/test_db_push.py::test_without_the_guard_a_push_drops_the_backends_empty_tables": (
        "Prisma's command line starts"
    ),
    "schema/prisma/test_migrate_deploy.py::test_prisma_waits_for_our_migrators_lock": (
        "Prisma gives up after 10 seconds"
    ),
    "storage/adapters/test_embedded.py::test_a_folder_may_have_any_name": "a server is made and started for each name",
    "storage/adapters/test_embedded.py::test_many_processes_may_open_one_folder_at_once": "many processes start",
    "storage/adapters/test_postgres_pooler.py::test_everything_works_behind_a_transaction_pooler": (
        "every method of every repository is called"
    ),
    "storage/bootstrap/test_cli.py::test_a_terminated_command_stops_its_server": (
        "a server is made and started for each signal"
    ),
    "storage/bootstrap/test_cli.py::test_the_demo_runs_on_the_embedded_server_and_again_without_changing_anything": (
        "a server is made, started and filled"
    ),
    "storage/bootstrap/test_opening.py::test_a_cancelled_opening_leaves_no_server": (
        "a server is made and migrated for each moment"
    ),
    "storage/bootstrap/test_opening.py::test_the_embedded_server_starts_and_stops_with_the_last_storage": (
        "a server is made and migrated, and started again"
    ),
    "storage/contract/test_bulk.py::test_ten_thousand_rows_are_written": "10,000 rows go through each adapter",
    "storage/differential/test_planted_faults.py::test_a_planted_fault_is_found": "up to 150 random examples for each",
    "storage/migrations/test_migrator_locks.py::test_fifty_services_that_start_at_once_apply_each_migration_once": (
        "fifty processes"
    ),
    "storage/sources/test_real_data.py::test_minutes_and_prices_of_polygon": "17,000 real prices are imported twice",
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
