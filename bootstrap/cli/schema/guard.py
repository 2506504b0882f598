"""``strongroom schema guard``: its options, its use cases, and how reports are printed."""

from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from strongroom.bootstrap.cli.command_group import command, new_group
from strongroom.bootstrap.cli.options import Database, Debug, Json

from .options import ContractOption, Rendering, found_or_ok, run_command

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Sequence

    from strongroom.bootstrap.settings import Settings
    from strongroom.domain.schema.guard_report import GuardReport, ProtectionStatus
    from strongroom.ports.schema.guard import GuardedDatabase

guard = new_group("guard", "The database itself keeps the contract: owners, grants, and triggers that refuse.")


@command(guard, "install")
def install(
    *, contract: ContractOption = Path(), database: Database = None, json: Json = False, debug: Debug = False
) -> None:
    """Have the database keep the contract, as far as the user of the address may; it is safe to run again.

    A role that nobody logs in as owns the schemas; each side owns its objects and reads the others'; with a superuser,
    event triggers refuse what reaches into another side. What could not be done is said, and exits with 1.

    [bold]Examples[/]

      strongroom schema guard install --database postgresql://admin@localhost/platform
    """

    async def use_case(settings: "Settings") -> "GuardReport":
        async with _guarded_database(settings, contract) as guarded:
            return await guarded.install()

    run_command(use_case, _render_report, database, json=json, debug=debug)


@command(guard, "status")
def status(
    *, contract: ContractOption = Path(), database: Database = None, json: Json = False, debug: Debug = False
) -> None:
    """Say of every protection whether it is in place, by looking at the database; a gap exits with 1.

    [bold]Examples[/]

      strongroom schema guard status --database postgresql://admin@localhost/platform
    """

    async def use_case(settings: "Settings") -> "Sequence[ProtectionStatus]":
        async with _guarded_database(settings, contract) as guarded:
            return await guarded.status()

    run_command(use_case, _render_status, database, json=json, debug=debug)


@command(guard, "remove")
def remove(
    heir: Annotated[str, typer.Option("--heir", metavar="ROLE", help="The role that everything is given back to.")],
    *,
    contract: ContractOption = Path(),
    database: Database = None,
    json: Json = False,
    debug: Debug = False,
) -> None:
    """Take the guard away: everything belongs to one role again, and nothing is refused.

    [bold]Examples[/]

      strongroom schema guard remove --heir postgres --database postgresql://admin@localhost/platform
    """

    async def use_case(settings: "Settings") -> "GuardReport":
        async with _guarded_database(settings, contract) as guarded:
            return await guarded.remove(heir)

    run_command(use_case, _render_report, database, json=json, debug=debug)


@asynccontextmanager
async def _guarded_database(settings: "Settings", place: Path) -> "AsyncIterator[GuardedDatabase]":
    """Give the database of the settings with the contract that it is to enforce."""
    from strongroom.adapters.postgres.connection import connected
    from strongroom.adapters.schema.postgres.guard import PostgresGuard
    from strongroom.adapters.schema.project import open_project
    from strongroom.bootstrap.opening import server_addresses

    project = open_project(place)
    async with (
        server_addresses(settings) as server,
        connected(server.session_url, timeout=settings.connect_timeout) as connection,
    ):
        yield PostgresGuard(connection, project.contract)


def _render_status(found: "Sequence[ProtectionStatus]") -> Rendering:
    lines = []
    for one in found:
        lines.append(f"{'in place' if one.in_place else 'GAP':<9} {one.name}: {one.holds}")
        lines += [f"          {gap}" for gap in one.deviations]
    document = [{"name": one.name, "in_place": one.in_place, "gaps": list(one.deviations)} for one in found]
    return Rendering(lines, {"protections": document}, found_or_ok(any(not one.in_place for one in found)))


def _render_report(report: "GuardReport") -> Rendering:
    steps = [str(step) for step in report.steps]
    last = "Everything is in place." if report.complete else "Not everything could be done: see above."
    return Rendering([*steps, last], {"complete": report.complete, "steps": steps}, found_or_ok(not report.complete))
