"""The options that commands share, each explained once."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Literal

import typer

Database = Annotated[
    str | None,
    typer.Option(
        "--database",
        metavar="URL",
        help="postgresql://user:password@host/name, embedded:, embedded:/folder, or memory: (the twin). "
        "Else STRONGROOM_DATABASE_URL, else DATABASE_URL, else the embedded PostgreSQL 16.",
        show_default=False,
    ),
]
Json = Annotated[bool, typer.Option("--json", help="Write one JSON document, for machines; money as text, exact.")]
Debug = Annotated[bool, typer.Option("--debug", help="Show where an error came from (never a password).")]


def parse_timestamp(text: str) -> datetime:
    """Return the time that a text writes in ISO 8601; without a zone it is in UTC, a day alone is its start."""
    try:
        time = datetime.fromisoformat(text)
        return time.replace(tzinfo=UTC) if time.tzinfo is None else time.astimezone(UTC)
    except (ValueError, OverflowError):
        message = f"{text!r} is not a time like 2026-10-31 or 2026-10-31T12:00:00Z"
        raise typer.BadParameter(message) from None


At = Annotated[
    datetime | None,
    typer.Option(
        "--at",
        metavar="TIME",
        parser=parse_timestamp,
        help="As of this time: 2026-10-31 (its start, in UTC) or 2026-10-31T12:00:00Z. Now, unless given.",
        show_default=False,
    ),
]
Paths = Annotated[list[Path], typer.Argument(metavar="DIR|FILES...", help="A folder, or files.", show_default=False)]
Source = Literal["coingecko", "defillama", "chainlink", "uniswap_twap", "manual"]
"""The sources of prices, as PriceSource has them: typed here again, so that the help is shown without the domain."""
CostMethodName = Literal["average", "fifo", "lifo", "hifo"]
"""The methods of cost, as CostMethod has them: typed here again, for the same reason."""
