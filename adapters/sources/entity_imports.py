"""Imports entities of any class: a file of one, or a folder that was exported."""

import hashlib
from collections.abc import Callable
from pathlib import Path
from typing import Any, cast

from strongroom.adapters.mapping.model import Model
from strongroom.adapters.mapping.platform import PLATFORM
from strongroom.adapters.mapping.table import Table
from strongroom.domain.values.json_text import read_json
from strongroom.ports.storage import Storage
from strongroom.ports.use_cases.import_entities import EntityImport, import_entities
from strongroom.ports.use_cases.import_report import ImportRefused, ImportReport

from .entity_files import EntityReader, table_for
from .formats import MANIFEST, Format
from .lines import LineReader, OnProgress, ignore_progress
from .rejects import rejections_to


async def import_entity_file(  # noqa: PLR0913 - the options of the import, by name
    storage: Storage,
    entity: str,
    path: Path,
    how: Format = Format.JSONL,
    *,
    model: Model = PLATFORM,
    safe_csv: bool = False,
    rejects: Path | None = None,
    on_progress: OnProgress = ignore_progress,
) -> ImportReport:
    """Import entities of one class, named by table, class or repository, from a file (see ``entity_files``).

    ``safe_csv`` undoes the escapes of a CSV file that was exported with it. With ``rejects`` bad lines are written
    there and left out. Raises ImportRefused (nothing is kept) and what storage raises.
    """
    table = table_for(entity, model=model)
    with rejections_to(rejects, [path]) as rejections:
        entities = _reader_of(storage, table, safe_csv=safe_csv)
        imports = [_import_of(entities, path, how, LineReader(rejections, on_progress))]
        return await import_entities(storage, imports, rejections=rejections)


async def import_folder(
    storage: Storage,
    folder: Path,
    *,
    model: Model = PLATFORM,
    rejects: Path | None = None,
    on_progress: OnProgress = ignore_progress,
) -> ImportReport:
    """Import a folder that ``export_all`` wrote, in one transaction; views are refreshed in the end.

    The files have to be as they were written: their digests stand in the manifest. Raises as ``import_entity_file``.
    """
    how, safe_csv, digests = _manifest(folder)
    files = {table: folder / f"{table.name}.{how.value}" for table in model.tables}
    for path in (path for path in files.values() if digests.get(path.name) is not None):
        _require_unchanged(path, digests[path.name])
    with rejections_to(rejects, [*files.values()]) as rejections:
        reader = LineReader(rejections, on_progress)
        imports = [
            _import_of(_reader_of(storage, table, safe_csv=safe_csv), path, how, reader)
            for table, path in files.items()
            if path.name in digests and path.stat().st_size
        ]
        views = [view.repository for view in model.views]
        return await import_entities(storage, imports, rejections=rejections, refresh=views)


def _reader_of(storage: Storage, table: Table, *, safe_csv: bool) -> EntityReader:
    own: Any = storage.repository(cast("type[Any]", table.port))
    return EntityReader(table, own.next_id, own.now, safe_csv)


def _import_of(entities: EntityReader, path: Path, how: Format, reader: LineReader) -> EntityImport:
    table = entities.table
    return EntityImport(
        table.repository, entities.entities(path, how, reader), key_of=table.key_of, refers_to=_refers_to(table)
    )


def _refers_to(table: Table) -> Callable[[Any], Any] | None:
    """Return the function from an entity to the key of the one of its class that it refers to, where there is such."""
    own = next((key for key in table.foreign_keys if key.target == table.name), None)
    if own is None:
        return None
    fields = dict(zip(own.target_fields, own.fields, strict=True))
    names = [fields[name] for name in table.key]

    def key(entity: Any) -> Any:
        values = [getattr(entity, name) for name in names]
        return None if None in values else tuple(values) if len(values) > 1 else values[0]

    return key


def _manifest(folder: Path) -> tuple[Format, bool, dict[str, str]]:
    """Return the form of an exported folder, whether its CSV has formulas escaped, and the digest of each file."""
    path = folder / MANIFEST
    advice = "name a folder that was exported with strongroom export"
    try:
        document = read_json(path.read_text(encoding="utf-8"))
        digests = {str(row["file"]): str(row["sha256"]) for row in document["files"]}
        return Format(document["format"]), document.get("safe_csv", False) is True, digests
    except OSError as error:
        reason = f"it cannot be read: {error.strerror or error}"
        raise ImportRefused(reason, file=str(path), advice=advice) from None
    except (ValueError, KeyError, TypeError):
        raise ImportRefused("it is no manifest of an export", file=str(path), advice=advice) from None


def _require_unchanged(path: Path, digest: str) -> None:
    advice = "export again, or import the file by itself"
    try:
        with path.open("rb") as file:
            found = hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        reason = f"the file cannot be read: {error.strerror or error}"
        raise ImportRefused(reason, file=str(path), advice=advice) from None
    if found != digest:
        raise ImportRefused("the file was changed since it was exported", file=str(path), advice=advice)
