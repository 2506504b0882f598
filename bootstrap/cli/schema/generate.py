"""``strongroom schema prisma generate``: its options, its use case, and how the files are named."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from strongroom.bootstrap.cli.options import Debug, Json

from .options import ContractOption, Rendering, ScratchUrl, found_or_ok, run_command

if TYPE_CHECKING:
    from strongroom.bootstrap.settings import Settings


def generate(
    *,
    contract: ContractOption = Path(),
    only_check: Annotated[
        bool, typer.Option("--check", help="Write nothing; the exit code is 1 where something would change.")
    ] = False,
    scratch: ScratchUrl = None,
    json: Json = False,
    debug: Debug = False,
) -> None:
    """Write the models of the others' tables into the frontend's schema.prisma, and its prisma.config.ts.

    The tables are those that the histories make. The frontend's own models stay as they are, but for the fields that
    relations need on their side.

    [bold]Examples[/]

      strongroom schema prisma generate
      strongroom schema prisma generate --check
    """

    async def use_case(_settings: "Settings") -> list[Path]:
        from strongroom.adapters.schema.prisma.generate.files import PrismaFrontend
        from strongroom.adapters.schema.project import coordinate, open_project
        from strongroom.adapters.schema.scratch import ScratchServer
        from strongroom.ports.schema import generate as generating

        project = open_project(contract)
        with ScratchServer(scratch) as server:
            files = PrismaFrontend(project.contract, project.folder, server)
            return await generating.generate(coordinate(project, server), files, only_check=only_check)

    run_command(use_case, lambda changed: _render(changed, only_check=only_check), None, json=json, debug=debug)


def _render(changed: Sequence[Path], *, only_check: bool) -> Rendering:
    did = "would change" if only_check else "wrote"
    lines = [f"{did} {path}" for path in changed] or ["Everything is up to date."]
    return Rendering(lines, {"changed": list(map(str, changed))}, found_or_ok(only_check and changed))
