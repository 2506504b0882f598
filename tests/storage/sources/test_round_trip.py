"""Export and import are each other's inverse: what one adapter wrote, the other reads to the last digit."""

import json
import os
import re
import sys
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import asyncpg
import attrs
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from strongroom.adapters.mapping.platform import PLATFORM
from strongroom.adapters.memory import MemoryStorage
from strongroom.adapters.postgres import PostgresSettings, open_postgres
from strongroom.adapters.sources import (
    ExportRefused,
    Format,
    ImportRefused,
    export_all,
    export_entity,
    import_entity_file,
    import_folder,
    table_for,
)
from strongroom.adapters.sources.value_writer import escape_cell, escape_formulas, unescape_cell, unescape_formulas
from strongroom.domain.accounts.user import User
from strongroom.domain.chat.message import Message
from strongroom.ports.errors import StrongroomError
from strongroom.ports.storage import Storage
from strongroom.testing.comparison import exact_form
from strongroom.testing.factory import World
from strongroom.testing.strategies import parent_rows, rows, values
from strongroom.testing.truncation import empty_tables

RELAXED = settings(max_examples=max(5, settings().max_examples // 10), suppress_health_check=list(HealthCheck))
FORMATS = pytest.mark.parametrize("how", Format, ids=lambda how: how.value)
NASTY = (
    "",
    "\\",
    "\\e",
    "\\n",
    "\n",
    "\r",
    "\r\n",
    "a\r",
    '"',
    '""',
    ",",
    ";",
    " a ",
    "\u2028",
    "\x85",
    "'=1+1",
    "null",
    "\ufeff",
)


@pytest.fixture(scope="session")
async def postgres_storage(new_database: Callable[..., Any], migrated_template: str) -> AsyncIterator[tuple[Any, Any]]:
    """PostgreSQL, and a connection that empties it."""
    url = await new_database(migrated_template)
    connection = await asyncpg.connect(url)
    async with await open_postgres(PostgresSettings(url=url, direct_url=url, min_size=1, max_size=2)) as storage:
        yield storage, connection
    await connection.close()


@pytest.fixture(params=["from memory", "from postgres"])
def pair(request: pytest.FixtureRequest, postgres_storage: tuple[Any, Any]) -> Callable[[], Any]:
    """Make two empty storages: where an export comes from, and where it goes to."""
    storage, connection = postgres_storage

    async def make() -> tuple[Storage, Storage]:
        await empty_tables(connection)
        twin = MemoryStorage()
        return (twin, storage) if request.param == "from memory" else (storage, twin)

    return make


async def contents(storage: Storage) -> dict[str, Any]:
    """Return everything that is stored."""
    return {table.name: exact_form(await getattr(storage, table.repository).find()) for table in PLATFORM.entities}


async def fill(storage: Storage, drawn: list[Any]) -> None:
    """Store the rows that can be stored."""
    for table, entities in parent_rows():
        await getattr(storage, table.repository).bulk_upsert(entities)
    for row in drawn:
        table = table_for(type(row).__name__)
        try:
            await getattr(storage, table.repository).upsert(row)
        except (StrongroomError, TypeError, ValueError):
            continue
    await storage.token_daily_values.refresh()


@FORMATS
@RELAXED
@given(data=st.data())
async def test_a_store_comes_back_whole_in_the_other_adapter(
    pair: Callable[[], Any], tmp_path_factory: pytest.TempPathFactory, how: Format, data: st.DataObject
) -> None:
    """Every entity of every class is the same after export and import, and a second import changes nothing."""
    source, target = await pair()
    drawn = data.draw(st.lists(st.sampled_from(PLATFORM.tables).flatmap(rows), min_size=10, max_size=30))
    await fill(source, drawn)
    folder = tmp_path_factory.mktemp("export") / "all"
    files = await export_all(source, folder, how)
    assert {file.entity for file in files} == {table.label for table in PLATFORM.entities}
    await import_folder(target, folder)
    assert await contents(target) == await contents(source)
    total = (await import_folder(target, folder)).total
    assert (total.inserted, total.updated) == (0, 0)


@FORMATS
@pytest.mark.parametrize("text", NASTY, ids=repr)
async def test_no_text_is_changed(pair: Callable[[], Any], tmp_path: Path, how: Format, text: str) -> None:
    """Line ends, quotation marks, separators, blanks and what looks like an escape come back as they were."""
    source, target = await pair()
    user = await World(source).added(User, display_name=text, email=None)
    path = tmp_path / "users"
    with path.open("wb") as file:
        assert await export_entity(source, table_for("User"), file, how) == 1
    await import_entity_file(target, "User", path, how)
    assert exact_form(await target.users.get(user.id)) == exact_form(user)


@given(text=values(table_for("User").column("display_name").kind) | st.text())
def test_a_cell_is_one_line_and_says_its_text(text: str) -> None:
    """Escaping leaves no line end and no empty cell, and is undone exactly."""
    cell = escape_cell(text)
    assert cell
    assert "\n" not in cell
    assert "\r" not in cell
    assert unescape_cell(cell) == text


DANGEROUS = "=+-@\t\r\uff1d\uff0b\uff0d\uff20"


@given(st.text(st.sampled_from(f"{DANGEROUS}';5.e ")) | st.text())
def test_escaped_formulas_are_no_formulas_and_come_back(cell: str) -> None:
    """No cell, nor what another locale takes for one, begins as a formula, unless it is a number; undoing is exact."""
    safe = escape_formulas(cell)
    assert unescape_formulas(safe) == cell
    if not re.fullmatch(r"-?\d+(\.\d+)?", cell):
        assert not any(part[:1] and part[0] in DANGEROUS for part in safe.split(";"))
        assert not any(part[:1] and part[0] in DANGEROUS for part in safe.split("\t")[1:])


@pytest.mark.parametrize(
    ("cell", "safe"),
    [
        ("=1+1", "'=1+1"),
        ("+49 30", "'+49 30"),
        ("@SUM(A1)", "'@SUM(A1)"),
        ("-1+cmd|' /C calc'!A0", "'-1+cmd|' /C calc'!A0"),
        ("a;=1+1", "a;'=1+1"),
        ("'=1+1", "''=1+1"),
        ("-5.25", "-5.25"),
        ("it's", "it's"),
        ("", ""),
    ],
)
def test_an_apostrophe_stands_before_what_a_spreadsheet_executes(cell: str, safe: str) -> None:
    """A formula becomes text, also after a semicolon; numbers and plain texts stay as they are."""
    assert escape_formulas(cell) == safe


@pytest.mark.parametrize("text", [*NASTY, "=1+1", "\t@x", "a;-b"], ids=repr)
async def test_a_safe_file_comes_back_as_it_was(tmp_path: Path, text: str) -> None:
    """What ``safe_csv`` escaped is imported exactly: by the manifest of a folder, and by the option for a file."""
    source = MemoryStorage()
    user = await World(source).added(User, display_name=text, email=None)
    folder = tmp_path / "all"
    await export_all(source, folder, Format.CSV, safe_csv=True)
    whole, single = MemoryStorage(), MemoryStorage()
    await import_folder(whole, folder)
    await import_entity_file(single, "User", folder / "user.csv", Format.CSV, safe_csv=True)
    for target in (whole, single):
        assert exact_form(await target.users.get(user.id)) == exact_form(user)


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no modes")
@pytest.mark.parametrize("umask", [0o000, 0o022, 0o077])
async def test_only_the_owner_may_read_an_export(tmp_path: Path, umask: int) -> None:
    """Whatever the umask allows, files are 600 and the folder is 700: rows hold e-mail addresses and messages."""
    before = os.umask(umask)
    try:
        await export_all(MemoryStorage(), tmp_path / "all", Format.JSONL)
    finally:
        os.umask(before)
    assert (tmp_path / "all").stat().st_mode & 0o777 == 0o700
    assert {file.stat().st_mode & 0o777 for file in (tmp_path / "all").iterdir()} == {0o600}


async def test_the_order_of_messages_in_a_file_does_not_matter(pair: Callable[[], Any], tmp_path: Path) -> None:
    """An answer may stand before what it answers, and two messages may answer each other."""
    source, target = await pair()
    world = World(source)
    first = await world.added(Message)
    chain = [first]
    for _ in range(5):
        chain.append(await world.added(Message, chat_id=first.chat_id, reply_to_id=chain[-1].id))
    await source.messages.update(attrs.evolve(first, reply_to_id=chain[-1].id))
    folder = tmp_path / "all"
    await export_all(source, folder, Format.JSONL)
    lines = (folder / "messages.jsonl").read_text().splitlines(keepends=True)
    (folder / "messages.jsonl").write_text("".join(reversed(lines)))
    with pytest.raises(ImportRefused, match="was changed since it was exported"):
        await import_folder(target, folder)
    manifest = json.loads((folder / "manifest.json").read_text())
    for name in ("user.jsonl", "chats.jsonl", "messages.jsonl"):
        assert name in {file["file"] for file in manifest["files"]}
        await import_entity_file(target, name.removesuffix(".jsonl"), folder / name)
    assert await contents(target) == await contents(source)


@pytest.mark.parametrize(
    ("prepare", "reason"),
    [
        (lambda folder: folder.write_text("x"), "it is a file"),
        (lambda folder: (folder.mkdir(), (folder / "own.txt").write_text("x")), "holds something else"),
    ],
    ids=["a file", "a folder of others"],
)
async def test_folders_that_are_no_export_are_never_replaced(tmp_path: Path, prepare: Any, reason: str) -> None:
    """A file, or a folder that holds something else, stays as it is."""
    folder = tmp_path / "place"
    prepare(folder)
    with pytest.raises(ExportRefused, match=reason):
        await export_all(MemoryStorage(), folder, Format.JSONL, replace=True)
    assert [path.name for path in tmp_path.iterdir()] == ["place"]


async def test_an_earlier_export_is_replaced_when_asked(tmp_path: Path) -> None:
    """Without being asked the export is refused; replaced, the folder holds the new one alone."""
    folder = tmp_path / "place"
    storage = MemoryStorage()
    await export_all(storage, folder, Format.CSV)
    with pytest.raises(ExportRefused, match="is there already"):
        await export_all(storage, folder, Format.JSONL)
    await export_all(storage, folder, Format.JSONL, replace=True)
    assert {path.suffix for path in folder.iterdir()} == {".jsonl", ".json"}
    assert [path.name for path in tmp_path.iterdir()] == ["place"]


async def test_a_folder_that_is_no_export_is_refused(tmp_path: Path) -> None:
    """A folder without a manifest, and one that is not there, are named with what to do."""
    for place in (tmp_path, tmp_path / "absent"):
        with pytest.raises(ImportRefused, match=r"manifest.json.*name a folder that was exported"):
            await import_folder(MemoryStorage(), place)
    (tmp_path / "manifest.json").write_text("[]")
    with pytest.raises(ImportRefused, match="it is no manifest"):
        await import_folder(MemoryStorage(), tmp_path)


async def test_a_wrong_cell_is_named(tmp_path: Path) -> None:
    """An unknown escape and an unknown column are refused by file, line and field."""
    path = tmp_path / "users.csv"
    path.write_text("id,base_currency\n00000000-0000-7000-8000-000000000001,\\x\n")
    with pytest.raises(ImportRefused, match="is no escape") as caught:
        await import_entity_file(MemoryStorage(), "User", path, Format.CSV)
    assert (caught.value.line, caught.value.field) == (2, "base_currency")
    path.write_text("id,nonsense\n1,2\n")
    with pytest.raises(ImportRefused, match="User has no field 'nonsense'"):
        await import_entity_file(MemoryStorage(), "User", path, Format.CSV)
