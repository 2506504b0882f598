"""``strongroom schema page`` as typer knows it, and its work."""

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from strongroom.bootstrap.cli.options import Debug, Json
from strongroom.bootstrap.cli.schema.options import ContractOption, ScratchUrl, run_and_print

if TYPE_CHECKING:
    from strongroom.bootstrap.cli.schema.operations import CommandResult
    from strongroom.bootstrap.settings import Settings


def page(  # noqa: PLR0913 - one parameter an option
    *,
    to: Annotated[
        Path, typer.Option("--to", metavar="FILE", help="The file to write; one that is there is replaced.")
    ] = Path("schema.html"),
    contract: ContractOption = Path(),
    scratch: ScratchUrl = None,
    database: Annotated[
        str | None,
        typer.Option(
            "--database",
            metavar="URL",
            help="Show what this database holds, and its drift; else what the histories make of an empty one.",
            show_default=False,
        ),
    ] = None,
    json: Json = False,
    debug: Debug = False,
) -> None:
    """Write the schema as one HTML file: every table, who owns and reads it, its migrations, its drift, a diagram.

    The file needs no network and no server: open it, attach it, or keep it beside the code. The same schema gives the
    same file. Drift is shown in it, and does not change the exit code: "schema check" is for that.

    [bold]Examples[/]

      strongroom schema page
      strongroom schema page --to docs/schema.html --database postgresql://me@localhost/platform
    """

    async def job(settings: "Settings") -> "CommandResult":
        return await _write_page(settings if database else None, contract, scratch, to)

    run_and_print(job, database, json=json, debug=debug)


async def _write_page(settings: "Settings | None", place: Path, scratch_url: str | None, to: Path) -> "CommandResult":
    from strongroom.adapters.schema.project import open_project
    from strongroom.adapters.schema.sources import ScratchServer
    from strongroom.bootstrap.cli.schema.operations import CommandResult, read_database_catalog

    from .atomic_file import write_atomically
    from .reader import read_page
    from .renderer import render_page

    project = open_project(place)
    found = None if settings is None else await read_database_catalog(settings, project)
    with ScratchServer(scratch_url) as scratch:
        described = await read_page(project, scratch, found, today=datetime.now(UTC).date())
    write_atomically(to, render_page(described))
    findings = sum(one.accepted is None for one in described.drift)
    document = {"file": str(to), "tables": len(described.tables), "findings": findings}
    drift = f"{findings} findings" if findings else "no drift"
    return CommandResult((f"Wrote {to}: {len(described.tables)} tables and views, {drift}.",), document)
