"""The file in which rejected lines are written, as JSON Lines of file, line, field and reason."""

import io
import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from attrs import asdict

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
