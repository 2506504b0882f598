"""Reads entities of any class from JSON Lines or CSV: one a line, its fields named as the entity's.

Fields are written as ``values`` says, or as ``written`` writes them in CSV; null, or an empty cell, is None. ``id`` may
be left out where the table has another unique key, by which a stored row is found then; ``created_at`` and
``updated_at`` may be left out for now, and fields with a default for it. Unknown fields are refused.
"""

from collections.abc import Callable, Iterator, Sequence
from datetime import date, datetime
from difflib import get_close_matches
from pathlib import Path
from typing import Any, Final
from uuid import UUID

from attrs import frozen
from cattrs import AttributeValidationNote, ClassValidationError, Converter, ForbiddenExtraKeysError

from strongroom.adapters.mapping.model import Model
from strongroom.adapters.mapping.platform import PLATFORM
from strongroom.adapters.mapping.table import Table
from strongroom.domain.errors import InvalidValue
from strongroom.domain.values.fields import field_type_of
from strongroom.ports.use_cases.import_entities import EntityFact
from strongroom.ports.use_cases.import_report import FactWithOrigin, ImportRefused

from .formats import Format
from .lines import LineReader
from .rows import FieldInvalid, Row, csv_rows, facts, json_rows
from .value_reader import read_value, some
from .value_writer import from_cell, unescape_formulas

_TIMES: Final = ("created_at", "updated_at")


def table_for(name: str, *, with_views: bool = False, model: Model = PLATFORM) -> Table:
    """Return the table of an entity by the name of the table, the class or the repository. Raises ImportRefused."""
    for table in model.entities if with_views else model.tables:
        if name in (table.name, table.label, table.repository):
            return table
    view = next((view for view in model.views if name in (view.name, view.label, view.repository)), None)
    if view is not None:
        raise ImportRefused("a view is not imported", file=name, advice="import what it is made of, and refresh it")
    known = sorted({table.label for table in model.tables})
    spellings = {spelling.lower(): table.label for table in model.tables for spelling in (table.name, table.label)}
    close = get_close_matches(name.lower(), spellings, n=1)
    meant = f"did you mean {spellings[close[0]]}? " if close else ""
    raise ImportRefused("no entity has this name", file=name, advice=f"{meant}There are {', '.join(known)}")


@frozen
class EntityReader:
    """Makes entities of one class from rows; identity and time come from storage where a row has none.

    ``safe_csv`` says that CSV was exported with formulas escaped, which is undone.
    """

    table: Table
    next_id: Callable[[], UUID]
    now: Callable[[], datetime]
    safe_csv: bool = False

    def entities(self, path: Path, how: Format, reader: LineReader) -> Iterator[FactWithOrigin[EntityFact]]:
        """Yield the entities of a file. Raises ImportRefused."""
        if how is Format.CSV:
            return facts(csv_rows(path, reader, self._header_problem), self._of_cells, reader.rejections)
        return facts(json_rows(path, reader), self._entity, reader.rejections)

    def _header_problem(self, header: Sequence[str]) -> str | None:
        known = {column.name for column in self.table.columns}
        unknown = [name for name in header if name not in known]
        return f"{self.table.label} has no field {some(unknown)}" if unknown else None

    def _of_cells(self, row: Row) -> EntityFact:
        values: dict[str, Any] = {}
        for name, cell in row.values.items():
            try:
                text = unescape_formulas(cell) if self.safe_csv and cell else cell
                values[name] = None if text is None else from_cell(self.table.column(name).kind, text)
            except ValueError as error:
                raise FieldInvalid(name, str(error)) from None
        return self._entity(Row(row.origin, values))

    def _entity(self, row: Row) -> EntityFact:
        values = dict(row.values)
        by = None
        names = {column.name for column in self.table.columns}
        if "id" in names and self.table.key == ("id",) and values.get("id") is None and "id" not in self._required():
            values["id"], by = str(self.next_id()), self._natural_key()
        for name in _TIMES:
            if name in names and values.get(name) is None:
                values[name] = self.now().isoformat()
        try:
            return EntityFact(CONVERTER.structure(values, self.table.entity), by)
        except ClassValidationError as error:
            raise first_error(error) from None

    def _natural_key(self) -> tuple[str, ...] | None:
        """Return the fields of the first plain unique key beside the primary one, or None."""
        plain = (unique for unique in self.table.uniques[1:] if unique.where is None and unique.transform is None)
        return next((unique.fields for unique in plain), None)

    def _required(self) -> tuple[str, ...]:
        return () if self._natural_key() else ("id",)


def _converter() -> Converter:
    converter = Converter(forbid_extra_keys=True, detailed_validation=True)
    converter.register_structure_hook_factory(_has_kind, _reader_of)
    # cattrs looks for hooks of classes first, and its own would take any value for a text or a flag.
    for plain in (str, bool, bytes, UUID, datetime, date):
        converter.register_structure_hook(plain, _reader_of(plain))
    return converter


def _has_kind(annotation: Any) -> bool:
    try:
        field_type_of(annotation)
    except TypeError:
        return False
    return True


def _reader_of(annotation: Any) -> Callable[[Any, Any], Any]:
    kind, optional = field_type_of(annotation)

    def read(value: Any, _annotation: Any) -> Any:
        if value is None:
            if optional:
                return None
            message = "null where a value is required"
            raise ValueError(message)
        return read_value(kind, value)

    return read


def first_error(error: ClassValidationError) -> FieldInvalid:
    """Return the first problem that cattrs found, with the field that has it."""
    problem = error.exceptions[0]
    note = next((note for note in getattr(problem, "__notes__", ()) if isinstance(note, AttributeValidationNote)), None)
    field = note.name if note else None
    if isinstance(problem, ForbiddenExtraKeysError):
        extra = sorted(problem.extra_fields)
        return FieldInvalid(extra[0], f"{problem.cl.__name__} has no such field")
    if isinstance(problem, InvalidValue):
        return FieldInvalid(problem.field, problem.reason)
    if isinstance(problem, KeyError):
        return FieldInvalid(str(problem.args[0]), "the row has no value for it")
    return FieldInvalid(field, str(problem))


CONVERTER: Final = _converter()
