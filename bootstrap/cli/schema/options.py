"""What the commands of ``strongroom schema`` share: options, and how each ends."""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from strongroom.bootstrap.cli.outcome import ExitCode, exit_code_of, run, settings_for

if TYPE_CHECKING:
    from collections.abc import Coroutine

    from strongroom.bootstrap.settings import Settings

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
Job = Callable[["Settings"], "Coroutine[Any, Any, Any]"]


def run_and_print(job: Job, database: str | None, *, json: bool, debug: bool) -> None:
    """Do a job, and write what it has to say."""
    told = run_or_exit(job, database, json=json, debug=debug)
    from strongroom.bootstrap.cli.output import console, escape_text, write_json

    if json:
        write_json(told.document)
    else:
        for line in told.lines:
            console().print(escape_text(line), soft_wrap=True)
    raise typer.Exit(ExitCode.FINDING if told.found else ExitCode.OK)


def run_or_exit(job: Job, database: str | None, *, json: bool, debug: bool) -> Any:
    """Do a job; whatever keeps it from being done ends the process with exit code 2."""
    settings = settings_for(database, as_json=json, debug=debug, codes=_code_of, min_size=1)
    return run(job(settings), settings, as_json=json, debug=debug, codes=_code_of)


def _code_of(error: BaseException) -> ExitCode:
    """Return 2 for whatever kept a command from running: 1 is for what was found."""
    code = exit_code_of(error)
    return code if code is ExitCode.INTERNAL else ExitCode.BAD_INPUT
