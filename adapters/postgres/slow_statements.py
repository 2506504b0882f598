"""Logging the statements that take long: their text, which has places for values and never the values."""

import logging
from typing import Any, Final

_LOG: Final = logging.getLogger("strongroom.statements")
_SHOWN_LENGTH: Final = 300


def log_slow_statement(seconds: float, record: Any) -> None:
    """Log a statement of asyncpg's record if it took so many seconds; also as the attributes of the log record."""
    if record.elapsed < seconds:
        return
    statement = " ".join(record.query.split())[:_SHOWN_LENGTH]
    error = type(record.exception).__name__ if record.exception else None
    details = {"statement": statement, "elapsed_seconds": record.elapsed, "error": error}
    _LOG.warning("slow statement: %.3f s: %s", record.elapsed, statement, extra=details)
