"""The files in which what is left out is written, as JSON Lines: of imports and of exports."""

import io
import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

from attrs import asdict

from strongroom.ports.errors import UnreadableRow
from strongroom.ports.use_cases.export_report import ExportRefused
from strongroom.ports.use_cases.import_report import ImportRefused, Reject, Rejections

from .formats import open_private


@contextmanager
def rejections_to(path: Path | None, inputs: Sequence[Path]) -> Iterator[Rejections]:
    """Collect rejects in a file that is replaced; without one the first bad line ends the import.

    Only its owner may read a new file: reasons quote what was rejected. Raises ImportRefused for a file that cannot be
    written, or is among the inputs.
    """
    if path is None:
        yield Rejections()
        return
    if path.exists() and any(given.exists() and path.samefile(given) for given in inputs):
        reason = "the file for rejects would replace what is to be imported"
        raise ImportRefused(reason, file=str(path), advice="choose another place for it")
    try:
        file = io.TextIOWrapper(open_private(path), encoding="utf-8")
    except OSError as error:
        reason = f"the file for rejects cannot be written: {error.strerror or error}"
        raise ImportRefused(reason, file=str(path), advice="choose another place for it") from error

    def keep(reject: Reject) -> None:
        file.write(json.dumps(asdict(reject)) + "\n")

    with file:
        yield Rejections(keep)


class LeftOutRows:
    """Writes the rows that an export leaves out, and counts them."""

    def __init__(self, file: IO[str]) -> None:
        self._file = file
        self.count = 0

    def __call__(self, row: UnreadableRow) -> None:
        key = row.key if isinstance(row.key, tuple) else (row.key,)
        told: dict[str, Any] = {"table": row.table, "key": [str(part) for part in key]}
        told |= {"column": row.column, "value": row.value, "reason": row.reason}
        self._file.write(json.dumps(told) + "\n")
        self.count += 1


@contextmanager
def left_out_rows_to(path: Path | None) -> Iterator[LeftOutRows | None]:
    """Collect the rows that cannot be read in a file that is replaced; without one the first of them ends the export.

    Only its owner may read a new file. Raises ExportRefused for a file that cannot be written.
    """
    if path is None:
        yield None
        return
    try:
        file = io.TextIOWrapper(open_private(path), encoding="utf-8")
    except OSError as error:
        reason = f"the file for bad rows cannot be written: {error.strerror or error}"
        raise ExportRefused(path, reason, advice="choose another place for it") from None
    with file:
        yield LeftOutRows(file)
