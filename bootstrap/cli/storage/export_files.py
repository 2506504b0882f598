"""``strongroom export``: what storage holds, written to files or to the output."""

import hashlib
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

from attrs import asdict, frozen
from rich.console import Console
from rich.table import Table

from strongroom.adapters.mapping.model import Model
from strongroom.adapters.sources import ExportedFile, ExportRefused, Format, export_all, export_entity, table_for
from strongroom.adapters.sources.rejects import left_out_rows_to
from strongroom.bootstrap.cli.outcome import ExitCode
from strongroom.bootstrap.cli.output import escape_text
from strongroom.bootstrap.opening import open_with
from strongroom.bootstrap.settings import Settings
from strongroom.ports.use_cases.export_report import export_failure


@frozen
class Export:
    """The result of an export, and the number of unreadable rows that it left out."""

    files: Sequence[ExportedFile]
    left_out: int

    @property
    def exit_code(self) -> ExitCode:
        """FINDING if rows were left out."""
        return ExitCode.FINDING if self.left_out else ExitCode.OK


async def export_folder(  # noqa: PLR0913 - the options of the export, by name
    settings: Settings, model: Model, folder: Path, how: Format, *, replace: bool, safe_csv: bool, skip_bad: Path | None
) -> Export:
    """Write all entities to a folder."""
    with left_out_rows_to(skip_bad) as left_out:
        async with open_with(settings, model=model) as storage:
            files = await export_all(
                storage, folder, how, model=model, replace=replace, safe_csv=safe_csv, on_unreadable=left_out
            )
        return Export(files, left_out.count if left_out else 0)


async def export_one(  # noqa: PLR0913 - the options of the export, by name
    settings: Settings,
    model: Model,
    entity: str,
    to: Path | None,
    how: Format,
    *,
    replace: bool,
    safe_csv: bool,
    skip_bad: Path | None,
) -> Export:
    """Write one entity to a file, which appears when it is whole, or to the output."""
    table = table_for(entity, with_views=True, model=model)
    with left_out_rows_to(skip_bad) as left_out:
        if to is None:
            async with open_with(settings, model=model) as storage:
                await export_entity(storage, table, sys.stdout.buffer, how, safe_csv=safe_csv, on_unreadable=left_out)
            sys.stdout.buffer.flush()
            return Export([], left_out.count if left_out else 0)
        with _atomic_output(to, replace=replace) as file:
            async with open_with(settings, model=model) as storage:
                rows = await export_entity(storage, table, file, how, safe_csv=safe_csv, on_unreadable=left_out)
        return Export([ExportedFile(table.label, to.name, rows, _digest(to))], left_out.count if left_out else 0)


@contextmanager
def _atomic_output(path: Path, *, replace: bool) -> Iterator[IO[bytes]]:
    """Open a file that only its owner may read, and that takes its name when everything is written.

    Raises ExportRefused.
    """
    if path.exists() and not (replace and path.is_file()):
        raise ExportRefused(path, "it is there already", advice="choose another file, or have it replaced")
    try:
        with tempfile.NamedTemporaryFile(dir=path.parent, prefix=f".{path.name}-", delete=False) as file:
            made = Path(file.name)
            try:
                yield file
                file.flush()
                made.replace(path)
            finally:
                made.unlink(missing_ok=True)
    except OSError as error:
        raise export_failure(path, error, advice="choose another file") from None


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def document(done: Export) -> dict[str, Any]:
    """Return what was written as JSON."""
    return {"files": [asdict(file) for file in done.files], "left_out": done.left_out}


def show(console: Console, done: Export, to: Path) -> None:
    """Write what was written for people."""
    files = done.files
    table = Table(show_footer=True, header_style="bold")
    table.add_column("Entity", footer="Total")
    table.add_column("Rows", footer=f"{sum(file.rows for file in files):,}", justify="right")
    for file in files:
        if file.rows or len(files) == 1:
            table.add_row(file.entity, f"{file.rows:,}")
    console.print(table)
    console.print(f"Written to {escape_text(str(to))}.")
