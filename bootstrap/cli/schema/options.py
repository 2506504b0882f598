"""Define the options and the ending that the commands of ``strongroom schema`` share."""

from collections.abc import Callable, Coroutine, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, NamedTuple, NoReturn, TypeVar

import typer

from strongroom.bootstrap.cli.outcome import ExitCode, exit_code_of, run, settings_for

if TYPE_CHECKING:
    from rich.text import Text

    from strongroom.bootstrap.settings import Settings

T = TypeVar("T")
ContractOption = Annotated[
    Path, typer.Option("--contract", metavar="PATH", help="The contract, or the folder that holds strongroom.toml.")
]
ScratchUrl = Annotated[
    str | None,
    typer.Option(
        "--scratch",
        metavar="URL",
        help="A server for databases that are thrown away, else an embedded PostgreSQL 16.",
        show_default=False,
    ),
]
UseCase = Callable[["Settings"], Coroutine[Any, Any, T]]


class Rendering(NamedTuple):
    """The output of a command: lines for people, a document for machines, and the exit code.

    A line may be styled text; with ``raw`` lines are printed as they are, for another program to read.
    """

    lines: Sequence["str | Text"]
    document: Any
    exit_code: ExitCode = ExitCode.OK
    raw: bool = False


def run_command(
    use_case: UseCase[T], render: Callable[[T], Rendering], database: str | None, *, json: bool, debug: bool
) -> NoReturn:
    """Run a use case, print its result, and exit; an error that keeps it from running exits with code 2."""
    settings = settings_for(database, as_json=json, debug=debug, codes=_code_of, min_size=1)
    rendering = render(run(use_case(settings), settings, as_json=json, debug=debug, codes=_code_of))
    if json:
        from strongroom.bootstrap.cli.output import write_json

        write_json(rendering.document)
    else:
        _print_lines(rendering)
    raise typer.Exit(rendering.exit_code)


def found_or_ok(found: object) -> ExitCode:
    """Return 1 if something was found, else 0."""
    return ExitCode.FINDING if found else ExitCode.OK


def _print_lines(rendering: Rendering) -> None:
    from rich.text import Text

    from strongroom.bootstrap.cli.output import console
    from strongroom.bootstrap.cli.safe_text import escape_unprintable

    screen = console()
    for line in rendering.lines:
        if rendering.raw:
            print(line)  # noqa: T201
        elif isinstance(line, Text):
            screen.print(line, soft_wrap=True)
        else:
            screen.print(Text(escape_unprintable(line)), soft_wrap=True)


def _code_of(error: BaseException) -> ExitCode:
    """Return 2 for whatever kept a command from running: 1 is for what was found."""
    code = exit_code_of(error)
    return code if code is ExitCode.INTERNAL else ExitCode.BAD_INPUT
