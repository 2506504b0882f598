"""What PostgreSQL, or a pooler before it, said in an error: as a message of ours may repeat it, without values."""

import re
from typing import Final

import asyncpg

_QUOTED: Final = re.compile("\"[^\"]*\"|'[^']*'")
_WITHOUT_VALUES: Final = frozenset({"08", "0A", "25", "40", "42", "53", "54", "55", "57", "58", "XX"})
"""Classes of SQLSTATE whose messages name objects, files and settings, but never what a caller sent."""
_NEVER: Final = frozenset({"P0"})
"""The class of what functions raise: their authors may have put anything into it."""
_MAX_LENGTH: Final = 200
READ_ONLY_SERVER: Final = (
    "the server takes no writes: it is a standby, or was set read-only (default_transaction_read_only); use the "
    "primary's address"
)


def server_words(error: asyncpg.PostgresError) -> str:
    """Return the message of an error in brackets, to be put after ours, or nothing; quoted values are hidden."""
    state = error.sqlstate or ""
    text = (error.args[0] if error.args else "") or ""
    first = str(text).partition("\n")[0][:_MAX_LENGTH]
    if not first or state[:2] in _NEVER:
        return f" (SQLSTATE {state})" if state else ""
    shown = first if state[:2] in _WITHOUT_VALUES else _QUOTED.sub("…", first)
    return f" (SQLSTATE {state}: {shown})"


def last_words(error: BaseException) -> str:
    """Return what the server said before it closed the connection: asyncpg keeps it as the cause."""
    said = error if getattr(error, "severity", None) else error.__cause__
    return server_words(said) if isinstance(said, asyncpg.PostgresError) and said.severity else ""  # type: ignore[attr-defined, unused-ignore]
