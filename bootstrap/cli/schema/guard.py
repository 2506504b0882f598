"""``strongroom schema guard`` as typer knows it, and its work."""

from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from strongroom.bootstrap.cli.command_group import command, new_group
from strongroom.bootstrap.cli.options import Database, Debug, Json

from .options import ContractOption, run_and_print

if TYPE_CHECKING:
    import asyncpg

    from strongroom.bootstrap.settings import Settings
    from strongroom.domain.schema.contract import Contract

    from .operations import CommandResult

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
    run_and_print(lambda settings: _with_connection(settings, contract, _install), database, json=json, debug=debug)


@command(guard, "status")
def status(
    *, contract: ContractOption = Path(), database: Database = None, json: Json = False, debug: Debug = False
) -> None:
    """Say of every protection whether it is in place, by looking at the database; a gap exits with 1.

    [bold]Examples[/]

      strongroom schema guard status --database postgresql://admin@localhost/platform
    """
    run_and_print(lambda settings: _with_connection(settings, contract, _status), database, json=json, debug=debug)


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

    async def work(connection: "asyncpg.Connection[Any]", found: "Contract") -> "CommandResult":
        from strongroom.adapters.schema.postgres.guard import remove as take_away

        return _report_result(await take_away(connection, found, heir=heir))

    run_and_print(lambda settings: _with_connection(settings, contract, work), database, json=json, debug=debug)


GuardAction = Callable[["asyncpg.Connection[Any]", "Contract"], Awaitable["CommandResult"]]


async def _with_connection(settings: "Settings", place: Path, work: GuardAction) -> "CommandResult":
    """Do something to the database of the settings."""
    from strongroom.adapters.postgres.connection import connected
    from strongroom.adapters.schema.project import open_project
    from strongroom.bootstrap.opening import server_addresses

    project = open_project(place)
    async with (
        server_addresses(settings) as server,
        connected(server.session_url, timeout=settings.connect_timeout) as connection,
    ):
        return await work(connection, project.contract)


async def _install(connection: "asyncpg.Connection[Any]", contract: "Contract") -> "CommandResult":
    from strongroom.adapters.schema.postgres.guard import install as put_in_place

    return _report_result(await put_in_place(connection, contract))


async def _status(connection: "asyncpg.Connection[Any]", contract: "Contract") -> "CommandResult":
    from strongroom.adapters.schema.postgres.guard import status as look

    from .operations import CommandResult

    found = await look(connection, contract)
    lines = []
    for one in found:
        lines.append(f"{'in place' if one.in_place else 'GAP':<9} {one.name}: {one.holds}")
        lines += [f"          {gap}" for gap in one.deviations]
    document = [{"name": one.name, "in_place": one.in_place, "gaps": list(one.deviations)} for one in found]
    return CommandResult(tuple(lines), {"protections": document}, found=any(not one.in_place for one in found))


def _report_result(report: Any) -> "CommandResult":
    from .operations import CommandResult

    lines = [str(step) for step in report.steps]
    lines.append("Everything is in place." if report.complete else "Not everything could be done: see above.")
    document = {"complete": report.complete, "steps": [str(step) for step in report.steps]}
    return CommandResult(tuple(lines), document, found=not report.complete)
