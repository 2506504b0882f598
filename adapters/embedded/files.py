"""Files in the server's data folder, which root shares with the user that the server runs as.

That user may put a link, or a pipe, in the place of any file: nothing is read or written through one. Windows has no
such user, and no operations relative to an open folder.
"""

import os
import secrets
import stat
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final

from .users import server_user

MAX_BYTES: Final = 1_000_000
"""Every file that is read is far shorter, but the log, of which the end tells."""

if sys.platform == "win32":

    def read_text(file: Path, start: int = 0) -> str:
        """Return a file's text from a byte on. Raises OSError."""
        return file.read_bytes()[start:].decode(errors="replace")

    def replace_text(file: Path, text: str) -> None:
        """Write a file that takes its name when it is whole. Raises OSError."""
        fresh = file.with_name(f"{file.name}.new")
        fresh.write_text(text, encoding="utf-8")
        fresh.replace(file)

    def remove(file: Path) -> None:
        """Remove a file, if it is there. Raises OSError."""
        file.unlink(missing_ok=True)

else:
    from .places import entered

    def read_text(file: Path, start: int = 0) -> str:
        """Return a file's text from a byte on, of a very long one the end. Raises OSError."""
        with _folder_of(file) as folder:
            target = os.open(file.name, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK, dir_fd=folder)
            with os.fdopen(target, "rb") as opened:
                status = os.fstat(target)
                if not stat.S_ISREG(status.st_mode):
                    raise _no_file(file)
                opened.seek(max(start, status.st_size - MAX_BYTES))
                return opened.read(MAX_BYTES).decode(errors="replace")

    def replace_text(file: Path, text: str) -> None:
        """Write a file of the server's user that takes its name when it is whole. Raises OSError."""
        user = server_user()
        fresh = f".{file.name}.{secrets.token_hex(8)}"
        with _folder_of(file) as folder:
            target = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600, dir_fd=folder)
            try:
                with os.fdopen(target, "w", encoding="utf-8") as opened:
                    if user.uid != os.geteuid():
                        os.fchown(target, user.uid, user.gid)
                    opened.write(text)
                os.replace(fresh, file.name, src_dir_fd=folder, dst_dir_fd=folder)
            except BaseException:
                with suppress(OSError):
                    os.unlink(fresh, dir_fd=folder)
                raise

    def remove(file: Path) -> None:
        """Remove a file, if it is there. Raises OSError."""
        with _folder_of(file) as folder, suppress(FileNotFoundError):
            os.unlink(file.name, dir_fd=folder)

    @contextmanager
    def _folder_of(file: Path) -> Iterator[int]:
        """Open the folder of a file, once it belongs to the server's user or to ours."""
        with entered(file.parent) as folder:
            if os.fstat(folder).st_uid not in (server_user().uid, os.geteuid()):
                raise _no_file(file)
            yield folder

    def _no_file(file: Path) -> OSError:
        return FileNotFoundError(f"{file} is no file of the server's")
