"""How a command ends: its exit code, and one clear message for every error; never a traceback unless asked for."""

import asyncio
import json
import sys
import traceback
from collections.abc import Coroutine
from enum import IntEnum
from typing import Any, NoReturn, TypeVar
from urllib.parse import unquote, urlsplit

import typer

from strongroom.bootstrap.settings import SettingInvalid, Settings
from strongroom.domain.errors import DomainError, StrongroomError
from strongroom.ports.errors import NotFound, SchemaMismatch, StorageUnavailable, UnknownField
from strongroom.ports.use_cases.import_report import ImportRefused

T = TypeVar("T")


class ExitCode(IntEnum):
    """What the exit code of a command means."""

    OK = 0
    FINDING = 1
    BAD_INPUT = 2
    UNAVAILABLE = 3
    SCHEMA_MISMATCH = 4
    REFUSED = 5
    INTERNAL = 70
    INTERRUPTED = 130


EXIT_CODES = (
    "Exit codes: 0 all is well · 1 something was found, is behind, or was not found · 2 wrong usage or bad input · "
    "3 the database cannot be reached · 4 its schema is not what this version expects · "
    "5 it refused, or others were faster: try again · 70 a fault of strongroom · 130 interrupted"
)


def run(work: Coroutine[Any, Any, T], settings: Settings, *, as_json: bool, debug: bool) -> T:
    """Do a command's work on uvloop, where there is one, and return its result; an error ends the process."""
    try:
        with asyncio.Runner(loop_factory=_loop_factory()) as runner:
            return runner.run(work)
    except (typer.Exit, BrokenPipeError):
        raise
    except KeyboardInterrupt:
        print("interrupted: nothing of a transaction that was open is kept", file=sys.stderr)  # noqa: T201
        raise typer.Exit(ExitCode.INTERRUPTED) from None
    except Exception as error:  # noqa: BLE001 - the last stop before the user
        fail(error, as_json=as_json, debug=debug, settings=settings)


def settings_for(database: str | None, *, as_json: bool, debug: bool, **given: Any) -> Settings:
    """Return the settings of a command; a wrong one ends the process."""
    try:
        return Settings.read(database, **given)
    except SettingInvalid as error:
        fail(error, as_json=as_json, debug=debug)


def fail(error: BaseException, *, as_json: bool, debug: bool, settings: Settings | None = None) -> NoReturn:
    """Say what went wrong, on the error stream, and exit with the code of its kind."""
    code = code_of(error)
    known = isinstance(error, StrongroomError | OSError)
    text = str(error) if known else f"a fault of strongroom ({type(error).__name__}); --debug shows more"
    message = _without_password(text, settings)
    if debug:
        trace = "".join(traceback.format_exception(error))
        print(_without_password(trace, settings), file=sys.stderr)  # noqa: T201
    if as_json:
        said = json.dumps({"error": {"type": type(error).__name__, "message": message, "exit_code": int(code)}})
    else:
        said = f"strongroom: {message}"
    print(said, file=sys.stderr)  # noqa: T201
    raise typer.Exit(code) from None


def code_of(error: BaseException) -> ExitCode:
    """Return the exit code of an error."""
    kinds: tuple[tuple[tuple[type[BaseException], ...], ExitCode], ...] = (
        ((NotFound,), ExitCode.FINDING),
        ((SchemaMismatch,), ExitCode.SCHEMA_MISMATCH),
        ((StorageUnavailable,), ExitCode.UNAVAILABLE),
        ((SettingInvalid, DomainError, UnknownField, ImportRefused, OSError), ExitCode.BAD_INPUT),
        ((StrongroomError,), ExitCode.REFUSED),
    )
    return next((code for classes, code in kinds if isinstance(error, classes)), ExitCode.INTERNAL)


def _without_password(text: str, settings: Settings | None) -> str:
    """Return a text without the passwords of the settings' addresses, as written and as decoded."""
    for url in (settings.database_url, settings.direct_url) if settings else ():
        try:
            password = urlsplit(url or "").password
        except ValueError:
            password = None
        for secret in (password, unquote(password)) if password else ():
            text = text.replace(f":{secret}@", ":***@").replace(repr(secret), "'***'")
    return text


def _loop_factory() -> Any:
    try:
        import uvloop
    except ImportError:
        return None
    return uvloop.new_event_loop
