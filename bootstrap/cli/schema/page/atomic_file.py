"""Write a file atomically, so that no reader sees half of it."""

import secrets
from pathlib import Path

from strongroom.domain.errors import StrongroomError


class PageNotWritten(StrongroomError):
    """The page cannot be written where it was asked for."""


def write_atomically(file: Path, text: str) -> None:
    """Write a file atomically, replacing an existing file. Raises PageNotWritten."""
    made = file.with_name(f".{file.name}-{secrets.token_hex(8)}")
    try:
        try:
            with made.open("x", encoding="utf-8", newline="") as written:
                written.write(text)
            made.replace(file)
        finally:
            made.unlink(missing_ok=True)
    except OSError as error:
        message = f"{file} cannot be written ({error.strerror}): choose another file by --to"
        raise PageNotWritten(message) from None
