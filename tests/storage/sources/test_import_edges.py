"""Imports lose nothing silently: fees, withdrawals, empty and compressed files, and values that look like others."""

import gzip
import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from support.exports import (
    ALICE,
    BOB,
    DAI,
    TIMESTAMP,
    block,
    hash_of,
    small_export,
    transaction,
    transfer,
    transfer_log,
    write_export,
    write_rows,
)

from strongroom.adapters.memory import MemoryStorage
from strongroom.adapters.sources import ImportRefused, import_ethereum_etl, import_prices, import_uniswap_v3_minutes
from strongroom.adapters.sources.lines import MAX_EXPANSION
from strongroom.domain.transactions.balance_change import BalanceChangeKind, BalanceSource
from strongroom.ports.results import BulkResult

FEES = {"receipt_gas_used": 21000, "receipt_effective_gas_price": 10**9, "gas_price": 10**9, "value": 0}
GAS = 21000 * 10**9
MINUTES = "timestamp,closeTick\n"
FORMATS = pytest.mark.parametrize("ending", ["json", "csv"])


@pytest.fixture
def storage() -> MemoryStorage:
    """An empty storage."""
    return MemoryStorage()


async def moved(storage: Any, address: str) -> dict[tuple[BalanceSource, int], int]:
    """Return what was done to an address, by source and position."""
    changes = await storage.balance_changes.find_by_address(address)
    return {(change.source, change.position): change.delta for change in changes}


@FORMATS
async def test_fees_for_blobs_and_to_the_chain_below_leave_the_sender(storage, tmp_path, ending):
    """What a transaction pays beyond its gas is a change of its own, and the report counts it."""
    blob = {"transaction_type": 3, "receipt_blob_gas_used": 131072, "receipt_blob_gas_price": 10**9}
    rows = [transaction(1, **FEES, **blob, receipt_l1_fee=5 * 10**13)]
    report = await import_ethereum_etl(
        storage, [write_export(tmp_path / "e", {"blocks": [block()], "transactions": rows}, ending)], chain_id=8453
    )
    gas = BalanceSource.GAS
    assert await moved(storage, ALICE) == {(gas, 0): -GAS, (gas, 1): -131072 * 10**9, (gas, 2): -5 * 10**13}
    assert {"1 transactions paid for blobs", "1 transactions paid a fee to the chain below"} <= set(report.notes)


async def test_fees_stand_in_the_file_of_receipts_too(storage, tmp_path):
    """Receipts that stand in a file of their own tell the same fees."""
    row = transaction(1, **FEES)
    receipt = {name.removeprefix("receipt_"): row.pop(name) for name in list(row) if name.startswith("receipt_")}
    receipt |= {"transaction_hash": row["hash"], "blob_gas_used": 2, "blob_gas_price": 3, "l1_fee": 7}
    files = {"blocks": [block()], "transactions": [row], "receipts": [receipt]}
    await import_ethereum_etl(storage, [write_export(tmp_path / "e", files, "csv")])
    assert sum((await moved(storage, ALICE)).values()) == -GAS - 6 - 7


@pytest.mark.parametrize(
    ("chain", "kind", "missing"),
    [(8453, 2, "L1 fee"), (8453, 126, None), (1, 3, "blobs"), (1, 2, None)],
)
async def test_fees_that_an_export_does_not_tell_are_noted(storage, tmp_path, chain, kind, missing):
    """A chain that charges for the chain below, and a transaction with blobs, are noted if the fee is not told."""
    files = {"blocks": [block()], "transactions": [transaction(1, **FEES, transaction_type=kind)]}
    report = await import_ethereum_etl(storage, [write_export(tmp_path / "e", files, "json")], chain_id=chain)
    told = [note for note in report.notes if "too high by it" in note]
    assert [missing in note for note in told] == ([True] if missing else [])


@FORMATS
async def test_withdrawals_of_validators_are_credited_in_wei(storage, tmp_path, ending):
    """A block's withdrawals, in gwei, are changes with one end; a second run changes nothing."""
    listed = [{"index": 7 + place, "validator_index": 2, "address": BOB, "amount": 5 - 5 * place} for place in (0, 1)]
    folder = write_export(tmp_path / "e", {"blocks": [{**block(), "withdrawals": listed}]}, ending)
    report = await import_ethereum_etl(storage, [folder])
    assert "1 validators' withdrawals were credited" in report.notes
    [change] = await storage.balance_changes.find_by_address(BOB)
    assert (change.source, change.kind, change.position) == (BalanceSource.WITHDRAWAL, BalanceChangeKind.MINT, 7)
    assert (change.delta, change.transaction_hash, change.block_hash) == (5 * 10**9, block()["hash"], block()["hash"])
    assert not any((await storage.balance_changes.totals(1)).values())
    assert (await import_ethereum_etl(storage, [folder])).total.inserted == 0


@pytest.mark.parametrize("listed", ["7", "[7]", "[{", [{"index": 1}], [{"index": 1, "address": BOB, "amount": -1}]])
async def test_withdrawals_that_cannot_be_read_are_refused_by_name(storage, tmp_path, listed):
    """Withdrawals that are no list of objects with index, address and amount are refused, and nothing is kept."""
    rows = [{**block(), "withdrawals": listed}]
    with pytest.raises(ImportRefused) as caught:
        await import_ethereum_etl(storage, [write_export(tmp_path / "e", {"blocks": rows}, "json")])
    assert (caught.value.field, caught.value.line) == ("withdrawals", 1)
    assert await storage.block_headers.count() == 0


@pytest.mark.parametrize("text", ["", "\n\n", "\ufeff"])
async def test_an_empty_file_holds_no_rows_and_is_noted(storage, tmp_path, text):
    """ethereum-etl writes 0 bytes for a range without items: the rest is imported."""
    folder = write_export(tmp_path / "e", {"blocks": [block()]}, "json")
    for name in ("transactions.csv", "logs.json", "token_transfers.json"):
        (folder / name).write_text(text)
    report = await import_ethereum_etl(storage, [folder])
    assert report.entities["BlockHeader"] == BulkResult(inserted=1)
    assert report.notes == ("3 files are empty",)


@FORMATS
async def test_a_compressed_export_gives_the_same(tmp_path, ending):
    """An export that is compressed by gzip gives the same rows."""
    plain, compressed = MemoryStorage(), MemoryStorage()
    folder = write_export(tmp_path / "e", small_export(), ending)
    expected = await import_ethereum_etl(plain, [folder])
    for path in list(folder.iterdir()):
        path.with_name(f"{path.name}.gz").write_bytes(gzip.compress(path.read_bytes()))
        path.unlink()
    report = await import_ethereum_etl(compressed, [folder])
    assert (report.entities, report.notes) == (expected.entities, expected.notes)


async def test_a_damaged_or_exploding_file_is_refused(storage, tmp_path, monkeypatch):
    """A compressed file that is cut off, or that holds far more than its size, ends the run."""
    path = tmp_path / "blocks.json.gz"
    path.write_bytes(gzip.compress(b'{"number": 1}\n' * 100)[:-9])
    with pytest.raises(ImportRefused, match=r"damaged|cannot be read"):
        await import_ethereum_etl(storage, [path])
    path.write_bytes(b"no gzip at all")
    with pytest.raises(ImportRefused, match="cannot be read"):
        await import_ethereum_etl(storage, [path])
    monkeypatch.setattr("strongroom.adapters.sources.lines._FREE_EXPANSION_BYTES", 1000)
    path.write_bytes(gzip.compress(b" " * 1000 * MAX_EXPANSION + b"\n"))
    with pytest.raises(ImportRefused, match="more than 200 times its size"):
        await import_ethereum_etl(storage, [path])


async def test_topics_may_be_a_list_in_a_text(storage, tmp_path):
    """BigQuery writes topics as a list in a text, and a transfer is told from an id by them."""
    told = transfer(0, DAI, ALICE, BOB, 5)
    log = transfer_log(told)
    files = {
        "blocks": [block()],
        "transactions": [transaction(0, **FEES)],
        "logs": [{**log, "topics": json.dumps(log["topics"])}],
        "token_transfers": [told],
    }
    await import_ethereum_etl(storage, [write_export(tmp_path / "e", files, "json")])
    assert (await moved(storage, BOB))[BalanceSource.LOG, 0] == 5


async def test_receipts_without_transactions_are_noted(storage, tmp_path):
    """Receipts beside blocks alone are of no use, and the report says so."""
    files = {"blocks": [block()], "receipts": [{"transaction_hash": hash_of(1), "gas_used": 1, "status": 1}]}
    report = await import_ethereum_etl(storage, [write_export(tmp_path / "e", files, "json")])
    assert report.notes == ("1 files of receipts are of no use without the transactions",)


async def test_a_time_may_be_whole_seconds_with_a_point(storage, tmp_path):
    """Pandas writes 1717281407.0 where another cell of the column is empty."""
    path = write_rows(tmp_path / "blocks.json", [{**block(), "timestamp": float(TIMESTAMP)}])
    await import_ethereum_etl(storage, [path])
    [header] = await storage.block_headers.find()
    assert header.at.timestamp() == TIMESTAMP


async def priced(storage: Any, tmp_path: Path, text: str, name: str = "p.csv") -> Any:
    """Import prices of coins by their addresses."""
    path = tmp_path / name
    path.write_text(text)
    return await import_prices(storage, path, chain_id=1)


@pytest.mark.parametrize(
    ("at", "price", "said"),
    [
        ("45658", "1", "spreadsheet's number of the day 2025-01-01"),
        ("45658.5", "1", "spreadsheet's number of the day 2025-01-01"),
        ("1717281407.5", "1", "no whole number"),
        ("2025-01-01", "1.5E-19", "less than 1E-18"),
    ],
)
async def test_a_price_that_would_become_another_is_refused(storage, tmp_path, at, price, said):
    """A spreadsheet's date is no time in 1970, and a price that rounds to 0 is not 0."""
    with pytest.raises(ImportRefused, match=said):
        await priced(storage, tmp_path, f"coin,at,price_usd\n{DAI},{at},{price}\n")
    assert await storage.prices.count() == 0


async def test_two_prices_of_one_time_are_counted_and_told(storage, tmp_path):
    """Of two prices of one coin, time and source the last counts, and the report names both lines."""
    rows = "".join(f"{DAI},2025-01-0{day},{price}\n" for day, price in ((1, 1), (2, 5), (1, 2), (1, 2)))
    report = await priced(storage, tmp_path, f"coin,at,price_usd\n{rows}")
    assert [price.price_usd for price in await storage.prices.find()] == [2, 5]
    counted, told = report.notes
    assert counted == "1 prices replace another of the same coin, time and source: the last counts"
    assert told.startswith("two prices: 1 and 2 USD at 2025-01-01 00:00:00")
    assert told.endswith("lines 2 and 4)")


async def test_blanks_after_commas_are_no_part_of_a_price_table(storage, tmp_path):
    """A wide table that a person wrote may have blanks around its names and cells."""
    await priced(storage, tmp_path, f"time, {DAI}\n2025-01-01, 3300\n2025-01-02, \n")
    assert [price.price_usd for price in await storage.prices.find()] == [Decimal(3300)]
    with pytest.raises(ImportRefused, match="repeats"):
        await priced(storage, tmp_path, f"time, {DAI},{DAI}\n2025-01-01,1,2\n")


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("ethereum-0xcbcdf9626bc03e24f779434178a73a0b4bad62ed-2023-08-15.minute.csv", "chain ethereum"),
        ("polygon-0xcbcdf9626bc03e24f779434178a73a0b4bad62ed-2023-08-15.minute.csv", "the pool 0xcbcd"),
        ("0xcbcdf9626bc03e24f779434178a73a0b4bad62ed-2023-08-15.minute.csv", "the pool 0xcbcd"),
    ],
)
async def test_a_file_that_names_another_pool_is_refused(storage, tmp_path, name, said):
    """The chain and the pool that a minute series' name tells are compared with those it is imported as."""
    path = tmp_path / name
    path.write_text(f"{MINUTES}2023-08-15 00:00:00,201125\n")
    with pytest.raises(ImportRefused, match=said):
        await import_uniswap_v3_minutes(storage, [path])
    known = path.rename(tmp_path / "polygon-0x45dda9cb7c25131df268515131f647d726f50608-2023-08-15.minute.csv")
    assert (await import_uniswap_v3_minutes(storage, [known])).entities["Price"] == BulkResult(inserted=1)


async def test_two_ticks_of_one_minute_are_told(storage, tmp_path):
    """Two closing ticks of one minute, 9 % apart, are two prices of one time."""
    path = tmp_path / "two.minute.csv"
    path.write_text(f"{MINUTES}2023-08-15 00:26:00,201999\n2023-08-15 00:26:00,201125\n")
    report = await import_uniswap_v3_minutes(storage, [path])
    assert [note for note in report.notes if note.startswith("two prices: 1689.4")]
