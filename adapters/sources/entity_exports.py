"""Writes entities as JSON Lines or CSV: one class to a stream, or all of them to a folder, from one snapshot."""

import csv
import hashlib
import io
import json
import shutil
import tempfile
from collections.abc import AsyncIterator, Callable, Sequence
from pathlib import Path
from typing import Any, Final, Protocol

from attrs import asdict

from strongroom.adapters.mapping.model import Model
from strongroom.adapters.mapping.platform import PLATFORM
from strongroom.adapters.mapping.table import Table
from strongroom.ports.errors import UnreadableRow
from strongroom.ports.progress import track
from strongroom.ports.storage import Isolation, Storage
from strongroom.ports.use_cases.export_report import ExportedFile, ExportRefused, export_failure

from .formats import MANIFEST, Format, open_private
from .value_writer import escape_formulas, for_csv, for_json

_CHUNK: Final = 1000


class Sink(Protocol):
    """Where bytes go."""

    def write(self, data: bytes, /) -> object:
        """Take bytes."""
        ...


OnUnreadable = Callable[[UnreadableRow], None]


async def export_entity(  # noqa: PLR0913 - the options of the export, by name
    storage: Storage,
    table: Table,
    sink: Sink,
    how: Format,
    *,
    safe_csv: bool = False,
    on_unreadable: OnUnreadable | None = None,
) -> int:
    """Write all entities of a table by key, from one snapshot, and return how many. Raises what storage raises.

    ``safe_csv`` escapes what a spreadsheet would execute; importing such a file needs ``safe_csv``, too.
    ``on_unreadable`` is told of each row that cannot be read, which is left out then.
    """
    async with storage.transaction(isolation=Isolation.REPEATABLE_READ, read_only=True) as transaction:
        entities = getattr(transaction, table.repository).stream(on_unreadable=on_unreadable)
        return await _write(entities, table, sink, how, safe_csv=safe_csv)


async def export_all(  # noqa: PLR0913 - the options of the export, by name
    storage: Storage,
    folder: Path,
    how: Format,
    *,
    model: Model = PLATFORM,
    replace: bool = False,
    safe_csv: bool = False,
    on_unreadable: OnUnreadable | None = None,
) -> Sequence[ExportedFile]:
    """Write all entities to a folder, a file each, and a manifest that names them; all of one snapshot.

    The folder appears when everything is written. An earlier export there is refused, unless it is to be replaced;
    any other folder that holds something always is. Only the owner may read the folder and its files. ``safe_csv``
    escapes what a spreadsheet would execute; the manifest says so, and ``import_folder`` undoes it. ``on_unreadable``
    is told of each row that cannot be read, which is left out then. Raises ExportRefused, and what storage raises.
    """
    _require_free(folder, replace=replace)
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        made = Path(tempfile.mkdtemp(prefix=f".{folder.name}-", dir=folder.parent))
    except OSError as error:
        raise export_failure(folder, error, advice="choose another place") from None
    try:
        files = await _write_all(storage, made, how, model, safe_csv=safe_csv, on_unreadable=on_unreadable)
        form = {"format": how.value, **({"safe_csv": True} if safe_csv else {})}
        _finish(made, folder, {**form, "files": [asdict(file) for file in files]})
    except OSError as error:
        raise export_failure(folder, error, advice="choose another place") from None
    finally:
        shutil.rmtree(made, ignore_errors=True)
    return files


async def _write_all(  # noqa: PLR0913 - the options of the export, by name
    storage: Storage,
    folder: Path,
    how: Format,
    model: Model,
    *,
    safe_csv: bool,
    on_unreadable: OnUnreadable | None,
) -> list[ExportedFile]:
    files = []
    async with storage.transaction(isolation=Isolation.REPEATABLE_READ, read_only=True) as transaction:
        for table in track("export tables", model.entities, len(model.entities)):
            path = folder / f"{table.name}.{how.value}"
            entities = getattr(transaction, table.repository).stream(on_unreadable=on_unreadable)
            with open_private(path) as file:
                sink = _Digesting(file)
                rows = await _write(entities, table, sink, how, safe_csv=safe_csv)
            files.append(ExportedFile(table.label, path.name, rows, sink.digest.hexdigest()))
    return files


async def _write(entities: AsyncIterator[Any], table: Table, sink: Sink, how: Format, *, safe_csv: bool) -> int:
    rows = 0
    encode = _csv_row(table, safe=safe_csv) if how is Format.CSV else _json_line(table)
    if how is Format.CSV:
        sink.write(_cells([column.name for column in table.columns]))
    chunk: list[bytes] = []
    async for entity in entities:
        chunk.append(encode(entity))
        rows += 1
        if len(chunk) == _CHUNK:
            sink.write(b"".join(chunk))
            chunk.clear()
    sink.write(b"".join(chunk))
    return rows


def _json_line(table: Table) -> Callable[[Any], bytes]:
    fields = [(column.name, for_json(column.kind)) for column in table.columns]

    def encode(entity: Any) -> bytes:
        row = {name: write(getattr(entity, name)) for name, write in fields}
        return json.dumps(row, ensure_ascii=False).encode() + b"\n"

    return encode


def _csv_row(table: Table, *, safe: bool) -> Callable[[Any], bytes]:
    fields = [(column.name, for_csv(column)) for column in table.columns]
    if safe:
        return lambda entity: _cells([escape_formulas(write(getattr(entity, name))) for name, write in fields])
    return lambda entity: _cells([write(getattr(entity, name)) for name, write in fields])


def _cells(cells: Sequence[str]) -> bytes:
    line = io.StringIO()
    csv.writer(line, lineterminator="\n").writerow(cells)
    return line.getvalue().encode()


class _Digesting:
    """Writes to a file and keeps the digest of what was written."""

    def __init__(self, file: Sink) -> None:
        self._file = file
        self.digest = hashlib.sha256()

    def write(self, data: bytes) -> None:
        self.digest.update(data)
        self._file.write(data)


def _require_free(folder: Path, *, replace: bool) -> None:
    if not folder.exists():
        return
    if not folder.is_dir():
        raise ExportRefused(folder, "it is a file, not a folder", advice="choose another place")
    if not any(folder.iterdir()):
        return
    if not (folder / MANIFEST).is_file():
        raise ExportRefused(folder, "the folder holds something else than an export", advice="choose another place")
    if not replace:
        raise ExportRefused(folder, "an export is there already", advice="choose another place, or have it replaced")


def _finish(made: Path, folder: Path, manifest: dict[str, Any]) -> None:
    with open_private(made / MANIFEST) as file:
        file.write(json.dumps(manifest, indent=2).encode() + b"\n")
    _put_in_place(made, folder)


def _put_in_place(made: Path, folder: Path) -> None:
    if not folder.exists():
        made.rename(folder)
        return
    before = Path(tempfile.mkdtemp(prefix=f".{folder.name}-", dir=folder.parent))
    folder.rename(before / "before")
    try:
        made.rename(folder)
    except OSError:
        (before / "before").rename(folder)
        raise
    finally:
        shutil.rmtree(before, ignore_errors=True)
