"""Writes a file so that nobody ever sees half of it."""

import tempfile
from pathlib import Path

from strongroom.domain.errors import StrongroomError


class PageNotWritten(StrongroomError):
    """The page cannot be written where it was asked for."""


def write_whole(file: Path, text: str) -> None:
    """Write a file that takes its name when it is whole; one that is there is replaced. Raises PageNotWritten."""
    try:
        with tempfile.NamedTemporaryFile(dir=file.parent, prefix=f".{file.name}-", delete=False) as written:
            made = Path(written.name)
            try:
                written.write(text.encode())
                written.flush()
                made.chmod(0o644)
                made.replace(file)
            finally:
                made.unlink(missing_ok=True)
    except OSError as error:
        message = f"{file} cannot be written ({error.strerror}): choose another file by --to"
        raise PageNotWritten(message) from None
