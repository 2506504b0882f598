"""Rows of JSON Lines and CSV files, alike: values by field name, and where the row stands."""

import csv
import json
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any, Final, TypeVar

from attrs import frozen

from strongroom.domain.errors import InvalidValue
from strongroom.domain.values.field_types import Timestamp
from strongroom.domain.values.fields import EvmAddress, Hash32, Uint256, field_type_of
from strongroom.domain.values.json_text import MAX_VALUES, read_json
from strongroom.ports.use_cases.import_report import FactWithOrigin, ImportRefused, Origin, Rejections

from .lines import MAX_LINE_BYTES, LineReader, is_csv
from .value_reader import read_value, shorten_value, some

FactT = TypeVar("FactT")

HeaderProblem = Callable[[Sequence[str]], str | None]
"""Says what is wrong with a CSV file's header, or None."""

MAX_COLUMNS: Final = 2**14
"""As wide as a spreadsheet is."""
MAX_LINES_PER_ROW: Final = 100
"""A quoted value of a CSV file may hold line breaks (names of tokens do), but not as many as this."""
_MISSING: Final = object()


class FieldInvalid(Exception):
    """A row has a value that cannot be read; it becomes a reject before it leaves this package."""

    def __init__(self, field: str | None, reason: str) -> None:
        self.field = field
        self.reason = reason
        super().__init__(reason)


@frozen
class Row:
    """One row. Of a CSV file all values are texts, and an empty one is no value."""

    origin: Origin
    values: dict[str, Any]

    def has(self, name: str) -> bool:
        """Say whether the row has a value for the field."""
        return self.values.get(name) is not None

    def value(self, name: str, annotation: Any = None) -> Any:
        """Return a field's value, read as one for an entity's field with the annotation. Raises FieldInvalid."""
        value = self.values.get(name, _MISSING)
        if value is None or value is _MISSING:
            raise FieldInvalid(name, "the row has no value for it")
        if annotation is None:
            return value
        try:
            return read_value(field_type_of(annotation)[0], value)
        except ValueError as error:
            raise FieldInvalid(name, str(error)) from None

    def integer(self, name: str, annotation: Any = Uint256) -> int:
        """Return a whole number within the annotation's range. Raises FieldInvalid."""
        number: int = self.value(name, annotation)
        return number

    def address(self, name: str) -> str:
        """Return an EVM address. Raises FieldInvalid."""
        address: str = self.value(name, EvmAddress)
        return address

    def hash(self, name: str) -> str:
        """Return a 32-byte hash. Raises FieldInvalid."""
        text: str = self.value(name, Hash32)
        return text

    def timestamp(self, name: str) -> datetime:
        """Return a time. Raises FieldInvalid."""
        try:
            moment: datetime = read_value(Timestamp(), self.value(name))
        except ValueError as error:
            raise FieldInvalid(name, str(error)) from None
        return moment


def fact_of(row: Row, read: Callable[[Row], FactT], rejections: Rejections) -> FactWithOrigin[FactT] | None:
    """Return what ``read`` makes of a row; None for one with a bad value, which is refused by its field."""
    try:
        return FactWithOrigin(read(row), row.origin)
    except (FieldInvalid, InvalidValue) as error:
        rejections.refuse(row.origin, field=error.field, reason=error.reason)
        return None


def facts(rows: Iterable[Row], read: Callable[[Row], FactT], rejections: Rejections) -> Iterator[FactWithOrigin[FactT]]:
    """Yield what ``read`` makes of each row, as ``fact_of`` does."""
    for row in rows:
        fact = fact_of(row, read, rejections)
        if fact is not None:
            yield fact


def rows_of(path: Path, reader: LineReader, header_problem: HeaderProblem) -> Iterator[Row]:
    """Yield the rows of a file, by its ending: ``.csv``, else JSON Lines. Raises ImportRefused."""
    return csv_rows(path, reader, header_problem) if is_csv(path) else json_rows(path, reader)


def json_rows(path: Path, reader: LineReader) -> Iterator[Row]:
    """Yield the objects of a JSON Lines file; numbers are read exactly, as int and Decimal. Raises ImportRefused."""
    for origin, text in reader.lines(path):
        if not text.strip():
            continue
        try:
            value = read_json(text)
        except json.JSONDecodeError as error:
            cut = ": is the line cut off?" if error.pos >= len(text.rstrip()) else ""
            reason = f"no JSON: {error.msg} at character {error.pos + 1}{cut}"
            reader.rejections.refuse(origin, field=None, reason=reason)
        except ValueError as error:
            reader.rejections.refuse(origin, field=None, reason=f"JSON that cannot be read: {error}")
        else:
            if type(value) is dict:
                yield Row(origin, value)
            else:
                reason = f"a JSON object is expected, not {shorten_value(value)}"
                reader.rejections.refuse(origin, field=None, reason=reason)


def csv_rows(path: Path, reader: LineReader, header_problem: HeaderProblem) -> Iterator[Row]:
    """Yield the rows of a CSV file (RFC 4180) by the names in its header. Raises ImportRefused for a wrong header."""
    header: list[str] | None = None
    for origin, cells in csv_cells(path, reader):
        if header is None:
            header = cells
            _check_header(origin, header, header_problem)
        elif len(cells) != len(header):
            reason = f"{len(cells)} values where the header has {len(header)} columns"
            reader.rejections.refuse(origin, field=None, reason=reason)
        else:
            yield Row(origin, {name: cell or None for name, cell in zip(header, cells, strict=True)})


def require_columns(*columns: str) -> HeaderProblem:
    """Return the rule that a header has all of the columns."""

    def problem(header: Sequence[str]) -> str | None:
        known = set(header)
        missing = [name for name in columns if name not in known]
        return f"it has no column {', '.join(missing)}" if missing else None

    return problem


def _check_header(origin: Origin, header: Sequence[str], header_problem: HeaderProblem) -> None:
    repeated = [name for name, count in Counter(header).items() if count > 1]
    if len(header) > MAX_COLUMNS:
        problem: str | None = f"it has {len(header):,} columns, more than {MAX_COLUMNS:,}"
    else:
        problem = f"it repeats {some(repeated)}" if repeated else header_problem(header)
    if problem:
        reason = f"the header is wrong: {problem} (it reads {shorten_value(','.join(header[:MAX_COLUMNS]))})"
        advice = "write the columns' names in the first line, as the tool that exports them does"
        raise ImportRefused(reason, file=origin.file, line=origin.line, advice=advice)


def csv_cells(path: Path, reader: LineReader) -> Iterator[tuple[Origin, list[str]]]:
    """Yield the cells of every row, header included, with the line on which the row starts. Raises ImportRefused."""
    # The limit is one for the whole process: it is only ever raised, since calldata is longer than its 128 KiB.
    csv.field_size_limit(max(csv.field_size_limit(), MAX_LINE_BYTES))
    open_lines: list[tuple[Origin, str]] = []
    length = quotes = 0
    for origin, text in reader.lines(path):
        if not open_lines and not text.strip():
            continue
        open_lines.append((origin, text))
        length += len(text)
        quotes += text.count('"')
        too_long = len(open_lines) > MAX_LINES_PER_ROW or length > MAX_LINE_BYTES
        if quotes % 2 == 0 or too_long:
            yield from _cells(open_lines, reader.rejections)
            open_lines, length, quotes = [], 0, 0
    if open_lines:
        yield from _cells(open_lines, reader.rejections)


def _cells(lines: list[tuple[Origin, str]], rejections: Rejections) -> Iterator[tuple[Origin, list[str]]]:
    """Yield the row that the lines write; of lines that write none the first is refused and the others stand alone."""
    origin = lines[0][0]
    rows: list[list[str]] = []
    reason: str | None = f"the row has more than {MAX_VALUES:,} values"
    if sum(text.count(",") for _, text in lines) <= MAX_VALUES:
        try:
            rows = list(csv.reader([text + "\n" for _, text in lines], strict=True))
            reason = None if len(rows) == 1 else "no CSV: a quotation mark stands within a value"
        except csv.Error as error:
            reason = f"no CSV: {error}"
    if reason is None:
        yield origin, rows[0]
        return
    rejections.refuse(origin, field=None, reason=reason)
    for line in lines[1:]:
        if line[1].strip():
            yield from _cells([line], rejections)
