"""Text files, plain or compressed by gzip, line by line with bounded memory, each line told by its number."""

import gzip
import zlib
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import IO, Final, cast

from attrs import field, frozen

from strongroom.ports.use_cases.import_report import ImportRefused, Origin, Rejections

MAX_LINE_BYTES: Final = 16 * 2**20
"""In bytes: a transaction's input takes at most 256 KiB as hex, and a block's gas would not pay for 16 MiB."""
MAX_EXPANSION: Final = 200
"""How many times its size a compressed file may hold: text shrinks to a tenth or so, and a bomb to a thousandth."""
_FREE_EXPANSION_BYTES: Final = 64 * 2**20
"""Up to here a file may hold as many times its size as it likes: blank columns shrink well."""
_REPORT_INTERVAL_BYTES: Final = 2**18
_BYTE_ORDER_MARK: Final = b"\xef\xbb\xbf"


@frozen
class Progress:
    """How far a file was read, in bytes; a file that is read twice says so by starting again."""

    file: str
    done_bytes: int
    total_bytes: int


OnProgress = Callable[[Progress], None]
TextLine = tuple[Origin, str]


def ignore_progress(_progress: Progress) -> None:
    """Tell nobody."""


@frozen
class LineReader:
    """Reads the files of one run: bad lines go to its rejections, progress to its callback, and notes to its notes."""

    rejections: Rejections
    on_progress: OnProgress = ignore_progress
    notes: Counter[str] = field(factory=Counter)

    def lines(self, path: Path) -> Iterator[TextLine]:
        """Yield the lines of a UTF-8 text file without their ends; blank ones are "", a byte order mark is ignored.

        A file whose name ends in ``.gz`` is decompressed. One without any text yields nothing and is noted. A line that
        is not UTF-8, holds a NUL or is longer than MAX_LINE_BYTES is refused. Raises ImportRefused for a file that
        cannot be read, or that holds more than MAX_EXPANSION times its size.
        """
        name = str(path)
        try:
            yield from self._lines(path, name)
        except OSError as error:
            reason = f"the file cannot be read: {error.strerror or error}"
            raise ImportRefused(reason, file=name, advice="check its path and permissions") from error
        except (EOFError, zlib.error) as error:
            reason = f"the file is compressed and damaged: {error}"
            raise ImportRefused(reason, file=name, advice="compress it again") from error

    def _lines(self, path: Path, name: str) -> Iterator[TextLine]:
        total = path.stat().st_size
        done = reported = number = 0
        found = False
        with open_file(path) as file:
            while raw := file.readline(MAX_LINE_BYTES + 1):
                number += 1
                done += len(raw)
                origin = Origin(name, number)
                if len(raw) > MAX_LINE_BYTES:
                    while rest := (b"" if raw.endswith(b"\n") else file.readline(MAX_LINE_BYTES)):
                        raw = rest
                        done += len(rest)
                    found = True
                    reason = f"the line is longer than {MAX_LINE_BYTES // 2**20} MiB: is this a text file of lines?"
                    self.rejections.refuse(origin, field=None, reason=reason)
                    continue
                text = self._text(origin, raw.removeprefix(_BYTE_ORDER_MARK) if number == 1 else raw)
                found = found or text != ""
                if text is not None:
                    yield origin, text
                if done > max(_FREE_EXPANSION_BYTES, MAX_EXPANSION * total):
                    reason = f"the compressed file holds more than {MAX_EXPANSION} times its size"
                    raise ImportRefused(reason, file=name, line=number, advice="decompress it, if it is yours")
                if done - reported >= _REPORT_INTERVAL_BYTES:
                    reported = done
                    self.on_progress(Progress(name, done, max(done, total)))
        if not found:
            self.notes["files are empty"] += 1
        self.on_progress(Progress(name, done, max(done, total)))

    def _text(self, origin: Origin, raw: bytes) -> str | None:
        """Return a line's text, "" for a blank one, None for one that was refused."""
        try:
            text = raw.decode().rstrip("\r\n")
        except UnicodeDecodeError as error:
            reason = f"byte {error.start + 1} of the line is not UTF-8 (0x{raw[error.start]:02x})"
            self.rejections.refuse(origin, field=None, reason=reason)
            return None
        if "\0" in text:
            self.rejections.refuse(origin, field=None, reason="the line holds a NUL character (U+0000)")
            return None
        return text if text.strip() else ""


def is_csv(path: Path) -> bool:
    """Say whether a file's name is that of a CSV file, compressed or not."""
    return path.name.removesuffix(".gz").endswith(".csv")


def open_file(path: Path) -> IO[bytes]:
    """Open a file for reading, decompressed if its name ends in ``.gz``. Raises OSError."""
    return cast("IO[bytes]", gzip.open(path)) if path.suffix == ".gz" else path.open("rb")
