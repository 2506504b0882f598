"""``strongroom schema diff``: its options, its use case, and how differences are printed."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated

import typer

from strongroom.bootstrap.cli.options import Debug, Json

from .options import Rendering, ScratchUrl, found_or_ok, run_command

if TYPE_CHECKING:
    from strongroom.bootstrap.settings import Settings
    from strongroom.domain.schema.comparison import Difference


def diff(
    one: Annotated[str, typer.Argument(metavar="A", help="What is expected.")],
    other: Annotated[str, typer.Argument(metavar="B", help="What is found.")],
    *,
    scratch: ScratchUrl = None,
    json: Json = False,
    debug: Debug = False,
) -> None:
    """Say how two schemas differ: a database's address, a schema.prisma, a folder of migrations, or "entities".

    [bold]Examples[/]

      strongroom schema diff prisma/ postgresql://me@localhost/platform
      strongroom schema diff entities migrations/
    """

    async def use_case(_settings: "Settings") -> "list[Difference]":
        from strongroom.adapters.schema.scratch import ScratchServer
        from strongroom.adapters.schema.sources import SourceReader
        from strongroom.ports.schema import diff as comparing

        with ScratchServer(scratch) as server:
            return await comparing.diff(one, other, SourceReader(server))

    run_command(use_case, render_differences, None, json=json, debug=debug)


def render_differences(found: "Sequence[Difference]", *, none: str = "No difference.") -> Rendering:
    """Return differences as lines and a document; ``none`` is the line if there are none."""
    document = [
        {
            "object": str(difference.target),
            "part": difference.part,
            "aspect": difference.aspect.value,
            "expected": difference.expected,
            "found": difference.found,
        }
        for difference in found
    ]
    lines = [str(difference) for difference in found] or [none]
    return Rendering(lines, {"differences": document}, found_or_ok(found))
