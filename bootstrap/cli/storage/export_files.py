"""``strongroom export``: what storage holds, written to files or to the output."""

import hashlib
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

from attrs import asdict
from rich.console import Console
from rich.table import Table

from strongroom.adapters.sources import ExportedFile, ExportRefused, Format, export_all, export_entity, table_for
from strongroom.bootstrap.cli.output import escape_text
from strongroom.bootstrap.opening import open_with
from strongroom.bootstrap.settings import Settings


async def export_folder(
    settings: Settings, folder: Path, how: Format, *, replace: bool, safe_csv: bool
) -> Sequence[ExportedFile]:
    """Write all entities to a folder."""
    async with open_with(settings) as storage:
        return await export_all(storage, folder, how, replace=replace, safe_csv=safe_csv)


async def export_one(  # noqa: PLR0913 - the options of the export, by name
    settings: Settings, entity: str, to: Path | None, how: Format, *, replace: bool, safe_csv: bool
) -> Sequence[ExportedFile]:
    """Write one entity to a file, which appears when it is whole, or to the output."""
    table = table_for(entity, with_views=True)
    if to is None:
        async with open_with(settings) as storage:
            await export_entity(storage, table, sys.stdout.buffer, how, safe_csv=safe_csv)
        sys.stdout.buffer.flush()
        return []
    with _atomic_output(to, replace=replace) as file:
        async with open_with(settings) as storage:
            rows = await export_entity(storage, table, file, how, safe_csv=safe_csv)
    return [ExportedFile(table.label, to.name, rows, _digest(to))]


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
        raise ExportRefused(path, f"it cannot be written: {error.strerror}", advice="choose another file") from None


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def document(files: Sequence[ExportedFile]) -> dict[str, Any]:
    """Return what was written as JSON."""
    return {"files": [asdict(file) for file in files]}


def show(console: Console, files: Sequence[ExportedFile], to: Path) -> None:
    """Write what was written for people."""
    table = Table(show_footer=True, header_style="bold")
    table.add_column("Entity", footer="Total")
    table.add_column("Rows", footer=f"{sum(file.rows for file in files):,}", justify="right")
    for file in files:
        if file.rows or len(files) == 1:
            table.add_row(file.entity, f"{file.rows:,}")
    console.print(table)
    console.print(f"Written to {escape_text(str(to))}.")
