"""Read files of a project: a pull request can make any of them a link to a device that never ends."""

import errno
import os
import stat
from pathlib import Path
from typing import Final

MAX_BYTES: Final = 2**26
"""Read of one file. A longer one is no migration and no schema, and would take memory without a bound."""


def read_regular_file(path: Path, limit: int = MAX_BYTES) -> bytes:
    """Return the bytes of a file. Raises OSError also for a device, a pipe, and a file of more bytes than the limit."""
    # A pipe would block before it is known to be one.
    descriptor = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0))
    try:
        mode = os.fstat(descriptor).st_mode
        if stat.S_ISDIR(mode):
            raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR), str(path))
        if not stat.S_ISREG(mode):
            raise OSError(errno.EINVAL, "it is no regular file", str(path))
        with open(descriptor, "rb", closefd=False) as file:
            found = file.read(limit + 1)
    finally:
        os.close(descriptor)
    if len(found) > limit:
        raise OSError(errno.EFBIG, f"it has more than {limit:,} bytes", str(path))
    return found


def read_regular_text(path: Path, encoding: str = "utf-8") -> str:
    """Return the text of a file, every end of line as a line feed. Raises UnicodeDecodeError, and as the bytes do."""
    return read_regular_file(path).decode(encoding).replace("\r\n", "\n").replace("\r", "\n")
