"""``strongroom schema page``: its options, its use case, and what it prints."""

from contextlib import AsyncExitStack
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from strongroom.bootstrap.cli.options import Debug, Json
from strongroom.bootstrap.cli.schema.options import ContractOption, Rendering, ScratchUrl, run_command

if TYPE_CHECKING:
    from strongroom.bootstrap.settings import Settings
    from strongroom.domain.schema.page import Page


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

    async def use_case(settings: "Settings") -> "Page":
        from strongroom.adapters.schema.entities.catalog import areas_of
        from strongroom.adapters.schema.project import coordinate, open_project
        from strongroom.adapters.schema.scratch import ScratchServer
        from strongroom.bootstrap.cli.schema.database import configured_database
        from strongroom.ports.schema.page import read_page

        from .atomic_file import write_atomically
        from .renderer import render_page

        async with AsyncExitStack() as stack:
            project = open_project(contract)
            found = await stack.enter_async_context(configured_database(settings)) if database else None
            server = stack.enter_context(ScratchServer(scratch))
            today = datetime.now(UTC).date()
            described = await read_page(coordinate(project, server), found, today=today, areas=areas_of)
        write_atomically(to, render_page(described))
        return described

    run_command(use_case, lambda written: _render(written, to), database, json=json, debug=debug)


def _render(page: "Page", to: Path) -> Rendering:
    count = sum(one.accepted is None for one in page.drift)
    document = {"file": str(to), "tables": len(page.tables), "findings": count}
    drift = f"{count} finding{'s' * (count != 1)}" if count else "no drift"
    return Rendering([f"Wrote {to}: {len(page.tables)} tables and views, {drift}."], document)
