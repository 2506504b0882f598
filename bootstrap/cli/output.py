"""Print the output of commands: tables and text for people, JSON for machines."""

import json
import os
from datetime import datetime
from decimal import Decimal
from typing import Any

from rich.console import Console
from rich.markup import escape

from strongroom.domain.values import usd

from .safe_text import escape_unprintable


def console() -> Console:
    """Return the console of the output stream; it is wide if the stream is no terminal and COLUMNS is not set."""
    made = Console(highlight=False)
    if not made.is_terminal and not os.environ.get("COLUMNS"):
        made.width = max(made.width, 110)
    return made


def write_json(document: Any) -> None:
    """Write one JSON document, in ASCII: no encoding of the output stream can change it."""
    print(json.dumps(document, indent=2))  # noqa: T201


def escape_text(text: str) -> str:
    """Return a text that others wrote for a console: markup and control characters in it are shown, not obeyed."""
    return escape(escape_unprintable(text))


def as_usd(value: Decimal) -> str:
    """Return USD in whole cents, as people read them: $1,234.50, -$0.07."""
    cents = usd.to_cents(value)
    return f"{'-' if cents < 0 else ''}${abs(cents):,.2f}"


def as_gain(value: Decimal) -> str:
    """Return a gain or loss in USD with its sign, green or red on a terminal."""
    cents = usd.to_cents(value)
    if not cents:
        return as_usd(cents)
    return f"[green]+{as_usd(cents)}[/]" if cents > 0 else f"[red]{as_usd(cents)}[/]"


def as_percent(value: Decimal | None, *, signed: bool = False) -> str:
    """Return a fraction in percent, to two places; a dash for None."""
    if value is None:
        return "-"
    return f"{value * 100:{'+' if signed else ''},.2f}%"


def as_exact(value: Decimal | None) -> str | None:
    """Return a number as JSON carries it here: all its digits, as text, without an exponent."""
    if value is None:
        return None
    text = f"{value:f}"
    return text.rstrip("0").rstrip(".") or "0" if "." in text else text


def as_iso8601(value: datetime | None) -> str | None:
    """Return a time as JSON carries it here: ISO 8601, in UTC."""
    return None if value is None else value.isoformat().replace("+00:00", "Z")
