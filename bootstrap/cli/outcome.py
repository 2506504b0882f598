"""How a command ends: its exit code, and one clear message for every error; never a traceback unless asked for.

Help is shown without what only a command's work needs, so the settings and the errors are imported in functions.
"""

import json
import os
import sys
from collections.abc import Callable, Coroutine, Sequence
from enum import IntEnum
from typing import TYPE_CHECKING, Any, NoReturn, TypeVar

import typer

from strongroom.domain.errors import DomainError, StrongroomError

from .safe_text import escape_unprintable, mask_passwords

if TYPE_CHECKING:
    from strongroom.bootstrap.settings import Settings

T = TypeVar("T")


class ExitCode(IntEnum):
    """The exit codes of commands."""

    OK = 0
    FINDING = 1
    BAD_INPUT = 2
    UNAVAILABLE = 3
    SCHEMA_MISMATCH = 4
    REFUSED = 5
    INTERNAL = 70
    UNWRITABLE = 74
    INTERRUPTED = 130


EXIT_CODES = (
    "Exit codes: 0 all is well · 1 something was found, is behind, or was not found · 2 wrong usage or bad input · "
    "3 the database cannot be reached · 4 its schema is not what this version expects · "
    "5 it refused, or others were faster: try again · 70 a fault of strongroom · 74 the output cannot be written · "
    "130 interrupted"
)


Codes = Callable[[BaseException], ExitCode]


def run(
    work: Coroutine[Any, Any, T],
    settings: "Settings",
    *,
    as_json: bool,
    debug: bool,
    codes: Codes | None = None,
) -> T:
    """Run a command's coroutine, on uvloop if it is installed, and return its result; an error ends the process.

    ``codes`` gives the exit codes of a command that has others.
    """
    import asyncio

    from .progress import progress_on_terminal

    try:
        with progress_on_terminal(quiet=as_json), asyncio.Runner(loop_factory=_loop_factory()) as runner:
            return runner.run(work)
    except (typer.Exit, BrokenPipeError):
        raise
    except KeyboardInterrupt:
        print("interrupted: nothing of a transaction that was open is kept", file=sys.stderr)  # noqa: T201
        raise typer.Exit(ExitCode.INTERRUPTED) from None
    except Exception as error:  # noqa: BLE001 - the last stop before the user
        exit_with_error(error, as_json=as_json, debug=debug, settings=settings, codes=codes)


def settings_for(
    database: str | None, *, as_json: bool, debug: bool, codes: Codes | None = None, **given: Any
) -> "Settings":
    """Return the settings of a command; a wrong one ends the process."""
    from strongroom.bootstrap.settings import SettingInvalid, Settings

    try:
        return Settings.read(database, **given)
    except SettingInvalid as error:
        exit_with_error(error, as_json=as_json, debug=debug, codes=codes)


def exit_with_error(
    error: BaseException,
    *,
    as_json: bool,
    debug: bool,
    settings: "Settings | None" = None,
    codes: Codes | None = None,
) -> NoReturn:
    """Say what went wrong, and exit with the code of its kind."""
    code = (codes or exit_code_of)(error)
    _write_error(error, _lines(error), code, as_json=as_json, debug=debug, settings=settings)
    raise typer.Exit(code) from None


def report_after_output(error: Exception, *, as_json: bool, debug: bool) -> ExitCode:
    """Say what went wrong after a command's work was done, as its output was written, and return the exit code."""
    if not isinstance(error, OSError):
        _write_error(error, _lines(error), ExitCode.INTERNAL, as_json=as_json, debug=debug)
        return ExitCode.INTERNAL
    # What could not be written would be tried again as the interpreter ends.
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
    text = f"the output cannot be written: {error.strerror or error}"
    _write_error(error, (text,), ExitCode.UNWRITABLE, as_json=as_json, debug=debug)
    return ExitCode.UNWRITABLE


def _lines(error: BaseException) -> tuple[str, ...]:
    if isinstance(error, StrongroomError):
        return error.lines
    if isinstance(error, OSError):
        return (str(error),)
    return (f"a fault of strongroom ({type(error).__name__}); --debug shows more",)


def _write_error(  # noqa: PLR0913 - an error, and how it is to be said
    error: BaseException,
    lines: Sequence[str],
    code: ExitCode,
    *,
    as_json: bool,
    debug: bool,
    settings: "Settings | None" = None,
) -> None:
    """Write a line for each thing that is wrong, or JSON, to the error stream, behind the traceback if asked for."""
    addresses = (settings.database_url, settings.direct_url) if settings else ()
    if debug:
        import traceback

        trace = "".join(traceback.format_exception(error))
        print(mask_passwords(trace, addresses), file=sys.stderr)  # noqa: T201
    shown = [mask_passwords(line, addresses) for line in lines]
    if as_json:
        message = "\n".join(shown)
        said = json.dumps({"error": {"type": type(error).__name__, "message": message, "exit_code": int(code)}})
    else:
        said = "\n".join(f"strongroom: {escape_unprintable(line)}" for line in shown)
    print(said, file=sys.stderr)  # noqa: T201


def exit_code_of(error: BaseException) -> ExitCode:
    """Return the exit code of an error."""
    from strongroom.bootstrap.settings import SettingInvalid
    from strongroom.ports.errors import (
        ModelInvalid,
        NotFound,
        SchemaMismatch,
        StorageUnavailable,
        UnknownField,
        UnreadableRow,
    )
    from strongroom.ports.use_cases.export_report import NO_ROOM, ExportRefused, ExportUnwritable
    from strongroom.ports.use_cases.import_report import ImportRefused

    if isinstance(error, ExportUnwritable) or (isinstance(error, OSError) and error.errno in NO_ROOM):
        return ExitCode.UNWRITABLE
    bad_input = (SettingInvalid, DomainError, ModelInvalid, UnknownField, ImportRefused, ExportRefused, OSError)
    kinds: tuple[tuple[tuple[type[BaseException], ...], ExitCode], ...] = (
        ((NotFound, UnreadableRow), ExitCode.FINDING),
        ((SchemaMismatch,), ExitCode.SCHEMA_MISMATCH),
        ((StorageUnavailable,), ExitCode.UNAVAILABLE),
        (bad_input, ExitCode.BAD_INPUT),
        ((StrongroomError,), ExitCode.REFUSED),
    )
    return next((code for classes, code in kinds if isinstance(error, classes)), ExitCode.INTERNAL)


def _loop_factory() -> Any:
    try:
        import uvloop
    except ImportError:
        return None
    return uvloop.new_event_loop
