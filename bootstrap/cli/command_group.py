"""Register commands with typer, with help that wraps and usage errors that repeat no password."""

import re
import sys
from collections.abc import Callable
from contextlib import suppress
from importlib import import_module
from inspect import cleandoc
from types import ModuleType
from typing import Any, Final, TypeVar

from typer import Typer
from typer.core import TyperCommand, TyperGroup

from .outcome import EXIT_CODES
from .safe_text import escape_unprintable, mask_passwords

Command = TypeVar("Command", bound=Callable[..., Any])

_NEVER_RENDERED: Final = {"rich.markdown": "Markdown", "rich.traceback": "Traceback"}
"""Modules that typer's help renderer imports and our help never uses: they load a Markdown parser and pygments."""


class HelpedCommand(TyperCommand):
    """A command whose help is rendered without modules that it does not use."""

    def format_help(self, ctx: Any, formatter: Any) -> None:
        _import_help_renderer()
        super().format_help(ctx, formatter)


class CommandGroup(TyperGroup):
    """A group of commands whose usage errors, which repeat what was typed, are safe to show."""

    def format_help(self, ctx: Any, formatter: Any) -> None:
        _import_help_renderer()
        super().format_help(ctx, formatter)

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
        cls=CommandGroup,
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
        explained = join_lines(function.__doc__ or "")
        return group.command(name, cls=HelpedCommand, help=explained, epilog=EXIT_CODES)(function)

    return register


def join_lines(text: str) -> str:
    """Return a docstring with the lines of each paragraph joined, so that it wraps where the terminal does.

    Indented lines stay lines: they are examples.
    """
    return re.sub(r"(?<=[^\n])\n(?=[^\n ])", " ", cleandoc(text))


def _import_help_renderer() -> None:
    """Import typer's renderer with placeholders for what it never uses here; whoever imports those next gets them.

    If another version of typer needs more of them, its own import of the renderer succeeds with the real modules.
    """
    placeholders = {name: ModuleType(name) for name in _NEVER_RENDERED if name not in sys.modules}
    for name, module in placeholders.items():
        setattr(module, _NEVER_RENDERED[name], type(_NEVER_RENDERED[name], (), {}))
    sys.modules.update(placeholders)
    try:
        with suppress(ImportError):
            import_module("typer.rich_utils")
    finally:
        for name in placeholders:
            del sys.modules[name]


def _make_safe(error: Exception) -> None:
    message = getattr(error, "message", None)
    if isinstance(message, str):
        _import_help_renderer()
        error.message = escape_unprintable(mask_passwords(message))  # type: ignore[attr-defined]
