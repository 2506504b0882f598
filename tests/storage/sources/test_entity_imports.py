"""JSON Lines of any entity: every class comes back as it was written, and what is wrong is named by its field."""

import json
from base64 import b64encode
from enum import Enum
from pathlib import Path
from typing import Any

import attrs
import pytest

from strongroom.adapters.mapping.platform import PLATFORM
from strongroom.adapters.mapping.table import Table
from strongroom.adapters.memory import MemoryStorage
from strongroom.adapters.sources import Format, ImportRefused, import_entity_file
from strongroom.ports.clock import FixedClock, SequentialIds
from strongroom.ports.results import BulkResult
from strongroom.testing.comparison import exact_form
from strongroom.testing.factory import START_TIME, World

EVERY_TABLE = pytest.mark.parametrize("table", PLATFORM.tables, ids=lambda table: table.name)
CHAIN = {"id": 1, "family": "evm", "name": "Ethereum", "native_symbol": "ETH", "finality_depth": 64}
COIN = {"chain_id": 1, "address": "0x" + "d1" * 20, "standard": "erc20", "symbol": "D", "name": "Dai", "decimals": 18}
USER = {"email": "a@example.org", "base_currency": "USD", "status": "active"}


@pytest.fixture
def storage() -> MemoryStorage:
    """An empty storage at a fixed time."""
    return MemoryStorage(clock=FixedClock(START_TIME), ids=SequentialIds())


def written(value: Any) -> Any:
    """Return a value as a file may write it."""
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, bytes):
        return b64encode(value).decode()
    return value if value is None or isinstance(value, bool | int | dict) else str(value)


def write(path: Path, rows: list[Any]) -> Path:
    """Write rows as JSON Lines."""
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    return path


@EVERY_TABLE
async def test_every_entity_can_be_imported(storage: MemoryStorage, table: Table, tmp_path: Path) -> None:
    """Entities of every class are imported by any of its three names, exactly, and the second time nothing changes."""
    world = World(storage)
    entities = [await world.ready(table) for _ in range(3)]
    rows = [
        {name: written(value) for name, value in attrs.asdict(entity, recurse=False).items()} for entity in entities
    ]
    path = write(tmp_path / "rows.jsonl", rows)
    report = await import_entity_file(storage, table.name, path)
    assert report.entities == {table.label: BulkResult(inserted=3)}
    for entity in entities:
        stored = await getattr(storage, table.repository).get(table.key_of(entity))
        assert exact_form(stored) == exact_form(table.stored(entity))
    for name in (table.label, table.repository):
        assert (await import_entity_file(storage, name, path)).entities == {table.label: BulkResult(unchanged=3)}


async def test_identity_and_times_may_be_left_out(storage: MemoryStorage, tmp_path: Path) -> None:
    """Without an id a row is found by its table's other unique key; times of creation are now."""
    await import_entity_file(storage, "chain", write(tmp_path / "chains.jsonl", [CHAIN]))
    path = write(tmp_path / "coins.jsonl", [COIN])
    assert (await import_entity_file(storage, "coin", path)).total == BulkResult(inserted=1)
    assert (await import_entity_file(storage, "coin", path)).total == BulkResult(unchanged=1)
    write(path, [{**COIN, "decimals": "6"}])
    assert (await import_entity_file(storage, "coin", path)).total == BulkResult(updated=1)
    user = {**USER, "id": str(storage.users.next_id())}
    await import_entity_file(storage, "user", write(tmp_path / "users.jsonl", [user]))
    assert (await storage.users.find())[0].created_at == START_TIME


@pytest.mark.parametrize(
    ("row", "field", "reason"),
    [
        ({**CHAIN, "name": None}, "name", "null"),
        ({name: value for name, value in CHAIN.items() if name != "family"}, "family", "no value"),
        ({**CHAIN, "colour": "red"}, "colour", "no such field"),
        ({**CHAIN, "family": "bitcoin"}, "family", "'bitcoin' is not one of evm, solana"),
        ({**CHAIN, "finality_depth": -1}, "finality_depth", "-1"),
        ({**CHAIN, "finality_depth": 1.5}, "finality_depth", "'1.5' is not a whole number"),
        ({**CHAIN, "is_active": "perhaps"}, "is_active", "str where bool is expected"),
        ({**CHAIN, "name": "a\0b"}, "name", "NUL"),
    ],
)
async def test_bad_fields_are_named(
    storage: MemoryStorage, tmp_path: Path, row: dict[str, Any], field: str, reason: str
) -> None:
    """A missing, unknown, null or wrong field is named with its line; nothing is kept."""
    path = write(tmp_path / "chains.jsonl", [{**CHAIN, "id": 5, "name": "Other"}, row])
    with pytest.raises(ImportRefused, match=reason) as caught:
        await import_entity_file(storage, "chain", path)
    assert (caught.value.line, caught.value.field) == (2, field)
    assert await storage.chains.count() == 0


async def test_lines_that_storage_refuses_are_found(storage: MemoryStorage, tmp_path: Path) -> None:
    """Of many rows exactly those that break a rule of the table are refused, the others are kept."""
    rows = [{**CHAIN, "id": number, "name": f"Chain {number}"} for number in range(1, 41)]
    rows[16]["name"] = "Chain 3"
    rows[30]["name"] = "Chain 4"
    path = write(tmp_path / "chains.jsonl", rows)
    with pytest.raises(ImportRefused, match="chain_name_key") as caught:
        await import_entity_file(storage, "chain", path)
    assert caught.value.line == 17
    assert await storage.chains.count() == 0
    rejects = tmp_path / "rejects.jsonl"
    report = await import_entity_file(storage, "chain", path, rejects=rejects)
    assert report.entities == {"Chain": BulkResult(inserted=38)}
    assert [json.loads(line)["line"] for line in rejects.read_text().splitlines()] == [17, 31]


async def test_a_reference_to_nothing_is_refused_by_its_line(storage: MemoryStorage, tmp_path: Path) -> None:
    """A row that refers to a row that does not exist is named with the foreign key."""
    with pytest.raises(ImportRefused, match="coin_chain_id_fkey") as caught:
        await import_entity_file(storage, "coins", write(tmp_path / "coins.jsonl", [COIN]))
    assert caught.value.line == 1


@pytest.mark.parametrize(("name", "meant"), [("Positon", "Position"), ("COIN_DAT", "CoinData"), ("x", "")])
async def test_an_unknown_entity_is_told_what_there_is(
    storage: MemoryStorage, tmp_path: Path, name: str, meant: str
) -> None:
    """A misspelt name gets the nearest one, and any the whole list."""
    with pytest.raises(ImportRefused, match=f"{name}: no entity has this name") as caught:
        await import_entity_file(storage, name, tmp_path / "x.jsonl")
    assert (f"did you mean {meant}?" in caught.value.advice) == bool(meant)
    assert "Wallet" in caught.value.advice


async def test_rejects_need_a_place(storage: MemoryStorage, tmp_path: Path) -> None:
    """A file for rejects that cannot be written is told before anything is read."""
    path = write(tmp_path / "chains.jsonl", [CHAIN])
    with pytest.raises(ImportRefused, match="rejects cannot be written"):
        await import_entity_file(storage, "chain", path, rejects=tmp_path / "no" / "folder")
    with pytest.raises(ImportRefused, match="would replace what is to be imported"):
        await import_entity_file(storage, "chain", path, rejects=path)
    assert json.loads(path.read_text()) == CHAIN


@pytest.mark.parametrize(
    ("header", "said"),
    [
        (",".join(f"c{number}" for number in range(10_000)), "no field 'c0', 'c1', 'c2', 'c3', 'c4' and 9,995 more"),
        (",".join(["id", "name"] * 5_000), "it repeats 'id', 'name'"),
        ("," * 100_000, "it has 100,001 columns, more than 16,384"),
        ("," * 300_000, "the row has more than 250,000 values"),
    ],
)
async def test_a_wide_header_is_refused_in_a_short_message(
    storage: MemoryStorage, tmp_path: Path, header: str, said: str
) -> None:
    """Of many wrong columns a few are named, and however many there are they are read at once."""
    path = tmp_path / "wide.csv"
    path.write_text(f"{header}\n", encoding="utf-8")
    with pytest.raises(ImportRefused, match=said) as caught:
        await import_entity_file(storage, "chain", path, Format.CSV)
    assert len(str(caught.value)) < 600


@pytest.mark.parametrize(
    ("links", "said"),
    [
        ("[" * 500 + "]" * 500, "nested more than 128 deep"),
        ("[" + "[]," * 250_000 + "[]]", "more than 250,000 values"),
        ('{"a": 1e99999999999999999999}', "exponent is out of range"),
        ('{"a": NaN}', "NaN is no number of JSON"),
    ],
)
async def test_json_beyond_bounds_is_refused_with_its_line(
    storage: MemoryStorage, tmp_path: Path, links: str, said: str
) -> None:
    """Depth, number of values and exponents are bounded, and the error says which line exceeds them."""
    path = tmp_path / "deep.jsonl"
    path.write_text(f'\n{{"links": {links}}}\n', encoding="utf-8")
    with pytest.raises(ImportRefused, match=f"line 2: JSON that cannot be read: .*{said}"):
        await import_entity_file(storage, "coin_data", path)
