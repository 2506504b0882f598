"""How commands are made known to typer: with a help that flows, and usage errors that repeat no password."""

import re
from collections.abc import Callable
from inspect import cleandoc
from typing import Any, TypeVar

from typer import Typer
from typer.core import TyperGroup

from .outcome import EXIT_CODES
from .safe_text import printable, without_passwords

Command = TypeVar("Command", bound=Callable[..., Any])


class Commands(TyperGroup):
    """A group of commands whose usage errors, which repeat what was typed, are safe to show."""

    def make_context(self, *arguments: Any, **options: Any) -> Any:
        try:
            return super().make_context(*arguments, **options)
        except Exception as error:
            _make_safe(error)
            raise

    def invoke(self, ctx: Any) -> Any:
        try:
            return super().invoke(ctx)
        except Exception as error:
            _make_safe(error)
            raise


def new_group(name: str, explained: str) -> Typer:
    """Return an empty group of commands."""
    return Typer(
        name=name,
        cls=Commands,
        help=explained,
        epilog=EXIT_CODES,
        no_args_is_help=True,
        rich_markup_mode="rich",
        pretty_exceptions_enable=False,
        context_settings={"help_option_names": ["-h", "--help"]},
    )


def command(group: Typer, name: str) -> Callable[[Command], Command]:
    """Register a function as a command that is explained by its docstring, and the exit codes below it."""

    def register(function: Command) -> Command:
        explained = flowing(function.__doc__ or "")
        return group.command(name, help=explained, epilog=EXIT_CODES)(function)

    return register


def flowing(text: str) -> str:
    """Return a docstring with the lines of each paragraph joined, so that it wraps where the terminal does.

    Indented lines stay lines: they are examples.
    """
    return re.sub(r"(?<=[^\n])\n(?=[^\n ])", " ", cleandoc(text))


def _make_safe(error: Exception) -> None:
    message = getattr(error, "message", None)
    if isinstance(message, str):
        error.message = printable(without_passwords(message))  # type: ignore[attr-defined]
