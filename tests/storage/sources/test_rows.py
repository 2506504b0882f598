"""JSON Lines and CSV: what any bytes give, how bad lines are named, and that both formats say the same."""

import io
import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.exports import write_rows

from strongroom.adapters.sources import ImportRefused, Progress
from strongroom.adapters.sources import lines as lines_module
from strongroom.adapters.sources.lines import LineReader
from strongroom.adapters.sources.rows import csv_rows, json_rows, require_columns, rows_of
from strongroom.ports.use_cases.import_report import Reject, Rejections

TEXTS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0\r"), max_size=20)
NAMES = st.text("abcdefgh_", min_size=1, max_size=8)
TABLES = st.lists(NAMES, min_size=1, max_size=5, unique=True).flatmap(
    lambda names: st.lists(st.fixed_dictionaries(dict.fromkeys(names, TEXTS)), min_size=1, max_size=8)
)
NO_RULE = require_columns()


def rejects_of(path: Path, read: Any) -> tuple[list[Any], list[Reject]]:
    """Return the rows that were read, and what was refused."""
    rejects: list[Reject] = []
    return list(read(path, LineReader(Rejections(rejects.append)))), rejects


def read_csv(path: Path, reader: LineReader) -> Any:
    """Read a CSV file of any columns."""
    return csv_rows(path, reader, NO_RULE)


@given(rows=TABLES)
def test_json_lines_and_csv_give_equal_rows(tmp_path: Path, rows: list[dict[str, str]]) -> None:
    """The same rows are read from both formats, line breaks, quotation marks and all; an empty CSV cell is no value."""
    written = [write_rows(tmp_path / f"rows.{ending}", rows) for ending in ("json", "csv")]
    from_json, from_csv = ([row.values for row in rows_of(path, LineReader(Rejections()), NO_RULE)] for path in written)
    assert from_json == rows
    expected = [{name: value or None for name, value in row.items()} for row in rows]
    blank = [row for row in expected if len(row) == 1 and not (next(iter(row.values())) or "").strip()]
    if not blank:
        assert from_csv == expected


@pytest.mark.parametrize("ending", ["json", "csv"])
@given(
    content=st.one_of(
        st.binary(max_size=200), st.text(max_size=100).map(str.encode), st.text('{}[]",:01eE.\n').map(str.encode)
    )
)
def test_any_bytes_give_rows_or_the_typed_error(tmp_path: Path, ending: str, content: bytes) -> None:
    """Whatever a file holds, it is read, or refused by ImportRefused; with rejects every refused line is told."""
    path = tmp_path / f"any.{ending}"
    path.write_bytes(content)
    count = content.count(b"\n") + 1
    refused, rows, rejects = outcome(path, rejects_of)
    if refused:
        assert refused.file == str(path)
        return
    assert all(1 <= place.line <= count for place in [row.origin for row in rows] + rejects)
    error, strict_rows, _ = outcome(path, lambda path, read: (list(read(path, LineReader(Rejections()))), []))
    if error:
        assert (error.line, error.reason) == (rejects[0].line, rejects[0].reason)
    else:
        assert (strict_rows, rejects) == (rows, [])


def outcome(path: Path, how: Any) -> tuple[ImportRefused | None, list[Any], list[Any]]:
    """Return the error that reading a file of either format raises, or its rows and rejects."""
    try:
        rows, rejects = how(path, lambda path, reader: rows_of(path, reader, NO_RULE))
    except ImportRefused as error:
        return error, [], []
    return None, rows, rejects


BAD_LINES = [b'{"a": 1', b"[1]", b"\xff\xfe", b'{"a": "\0"}', b"nonsense", b'{"a": NaN}', b"[" * 100_000, b"9" * 5000]


@given(bad=st.dictionaries(st.integers(1, 30), st.sampled_from(BAD_LINES), min_size=1, max_size=5))
def test_bad_lines_are_named_by_their_numbers(tmp_path: Path, bad: dict[int, bytes]) -> None:
    """However bad lines are spread among good ones, exactly they are refused, the first one in strict reading."""
    path = tmp_path / "some.jsonl"
    path.write_bytes(b"".join(bad.get(number, b'{"a": %d}' % number) + b"\n" for number in range(1, 31)))
    rows, rejects = rejects_of(path, json_rows)
    assert [reject.line for reject in rejects] == sorted(bad)
    assert [row.values["a"] for row in rows] == [number for number in range(1, 31) if number not in bad]
    with pytest.raises(ImportRefused) as caught:
        list(json_rows(path, LineReader(Rejections())))
    assert caught.value.line == min(bad)


def test_numbers_are_read_exactly(tmp_path: Path) -> None:
    """Whole numbers keep all digits and fractions are decimals, never floats."""
    path = tmp_path / "numbers.json"
    path.write_text('{"large": 7786596450288373164569331648084, "price": 0.1000000000000000055511151231257827}\n')
    (row,) = json_rows(path, LineReader(Rejections()))
    assert row.values["large"] == 7786596450288373164569331648084
    assert row.values["price"] == Decimal("0.1000000000000000055511151231257827")


def test_a_cut_off_line_says_so(tmp_path: Path) -> None:
    """JSON that ends too early asks whether the line is cut off."""
    path = tmp_path / "cut.json"
    path.write_text('{"a": 1}\n{"a": 1, "b": [2, ')
    with pytest.raises(ImportRefused, match=r"cut\.json, line 2: no JSON: .* is the line cut off\?; correct the line"):
        list(json_rows(path, LineReader(Rejections())))


@pytest.mark.parametrize(
    ("text", "values", "refused"),
    [
        ('a,b\n1,"2\n3"\n4,5\n', [("1", "2\n3"), ("4", "5")], []),
        ("a,b\r\n1,2\r\n\r\n3,4\r\n", [("1", "2"), ("3", "4")], []),
        ('\ufeffa,b\n1,"x ""y"" z"\n', [("1", 'x "y" z')], []),
        ("a,b\n1\n2,3,4\n5,6\n", [("5", "6")], [2, 3]),
        ('a,b\n1,"2\n3,4\n5,6\n', [("3", "4"), ("5", "6")], [2]),
        ('a,b\n1,"2"x\n3,4\n', [("3", "4")], [2]),
    ],
)
def test_csv_is_read_as_rfc_4180_says(
    tmp_path: Path, text: str, values: list[tuple[str, str]], refused: list[int]
) -> None:
    """Quoted line breaks, doubled quotation marks, a byte order mark; a quote never closed costs its line alone."""
    path = tmp_path / "some.csv"
    path.write_text(text, encoding="utf-8", newline="")
    rows, rejects = rejects_of(path, read_csv)
    assert [tuple(row.values.values()) for row in rows] == values
    assert [reject.line for reject in rejects] == refused


def test_a_huge_line_is_refused_without_being_held(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A line beyond the limit is refused, and the next one is read."""
    monkeypatch.setattr(lines_module, "MAX_LINE_BYTES", 100)
    path = tmp_path / "huge.jsonl"
    path.write_text('{"a": "' + "x" * 1000 + '"}\n{"a": 2}\n' + "y" * 500)
    rows, rejects = rejects_of(path, json_rows)
    assert [row.values for row in rows] == [{"a": 2}]
    assert [reject.line for reject in rejects] == [1, 3]


def test_progress_reaches_the_size_of_the_file(tmp_path: Path) -> None:
    """Progress is told now and then, and at the end in full."""
    path = tmp_path / "long.json"
    path.write_text("".join(json.dumps({"text": "x" * 1000}) + "\n" for _ in range(1000)))
    told: list[Progress] = []
    list(json_rows(path, LineReader(Rejections(), told.append)))
    size = path.stat().st_size
    assert told[-1] == Progress(str(path), size, size)
    assert 3 <= len(told) <= 6
    assert [progress.done_bytes for progress in told] == sorted(progress.done_bytes for progress in told)


def test_a_folder_is_no_file(tmp_path: Path) -> None:
    """What cannot be opened is refused with the system's reason."""
    with pytest.raises(ImportRefused, match="cannot be read"):
        list(json_rows(tmp_path, LineReader(Rejections())))
    with pytest.raises(ImportRefused, match="cannot be read: No such file"):
        list(json_rows(tmp_path / "absent", LineReader(Rejections())))


def test_memory_does_not_grow_with_the_file(tmp_path: Path) -> None:
    """A file is read line by line: the reader holds one of them, not the file."""
    path = tmp_path / "long.json"
    path.write_text('{"a": 1}\n' * 10_000)
    rows = json_rows(path, LineReader(Rejections()))
    assert next(rows).origin.line == 1
    with path.open("ab") as file:
        file.seek(0, io.SEEK_END)
        file.write(b'{"a": 2}\n')
    assert sum(1 for _ in rows) == 10_000
