"""Real exports, over both adapters: every number that was counted in them by other means comes out."""

import json
from collections import Counter
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from support.exports import write_export

from strongroom.adapters.memory import MemoryStorage
from strongroom.adapters.postgres import PostgresSettings, open_postgres
from strongroom.adapters.sources import import_ethereum_etl, import_prices, import_uniswap_v3_minutes
from strongroom.domain.transactions.balance_change import BalanceChangeKind
from strongroom.domain.transactions.errors import ReorganisationDetected
from strongroom.domain.values.address import ZERO_ADDRESS
from strongroom.ports.clock import FixedClock, SequentialIds
from strongroom.ports.results import BulkResult
from strongroom.ports.use_cases.ingest_blocks import ingest_blocks
from strongroom.ports.use_cases.roll_back_chain import roll_back_chain
from strongroom.testing.comparison import exact_form
from strongroom.testing.contract.blocks import FACTS, Chains
from strongroom.testing.factory import START_TIME

LARGEST = 7786596450288373164569331648084


@pytest.fixture(params=["memory", "postgres"])
def url(request: pytest.FixtureRequest) -> str | None:
    """The database of the storage: none for the twin."""
    return request.getfixturevalue("database") if request.param == "postgres" else None


@pytest.fixture
async def storage(url: str | None) -> AsyncIterator[Any]:
    """An empty storage of either kind."""
    if url is None:
        yield MemoryStorage()
        return
    opened = await open_postgres(PostgresSettings(url=url, min_size=1, max_size=2))
    yield opened
    await opened.close()


def native_sums(folder: Path) -> dict[str, int]:
    """Sum up what every address gained and lost of the native coin, in wei, from the files alone."""
    sums: Counter[str] = Counter()
    for line in (folder / "transactions.json").read_text().splitlines():
        row = json.loads(line)
        sums[row["from_address"]] -= row["receipt_gas_used"] * row["receipt_effective_gas_price"]
        if row["receipt_status"]:
            sums[row["from_address"]] -= row["value"]
            sums[row["to_address"] or row["receipt_contract_address"]] += row["value"]
    for line in (folder / "blocks.json").read_text().splitlines():
        for row in json.loads(line)["withdrawals"]:
            sums[row["address"]] += row["amount"] * 10**9
    return {address: wei for address, wei in sums.items() if wei}


async def native_balances(storage: Any) -> dict[str, int]:
    """Return the native balance of every address, in wei, as storage sums it up."""
    [coin] = [coin for coin in await storage.coins.find() if coin.address == ZERO_ADDRESS]
    owners = sorted({change.address for change in await storage.balance_changes.find() if change.coin_id == coin.id})
    found = {owner: (await storage.balance_changes.balances(owner)).get(coin.id, 0) for owner in owners}
    return {owner: wei for owner, wei in found.items() if wei}


async def test_two_blocks_of_ethereum(storage: Any, real_data: Path) -> None:
    """Blocks 17173049 and 17173050 are imported to the last unit; the second run inserts and updates nothing."""
    report = await import_ethereum_etl(storage, [real_data / "ethereum_etl"])
    inserted = {name: result.inserted for name, result in report.entities.items()}
    assert inserted == {
        "Chain": 1,
        "Coin": 72,
        "BlockHeader": 2,
        "EthTransaction": 298,
        "BalanceChange": 2 * (291 - 9 - 3 - 13) + 2 * 127 + 298 + 32,
        "Swap": 79,
    }
    assert set(report.notes) == {
        "32 validators' withdrawals were credited",
        "9 transactions failed",
        "1 transactions created a contract",
        "127 transactions moved native value",
        "291 token transfers were read",
        "3 token transfers move nothing",
        "13 token transfers go to themselves",
        "12 token transfers are mints",
        "3 token transfers are burns",
        "9 token transfers are of ERC-721: their values are ids and no amounts",
        "69 swaps in pools of Uniswap v2",
        "10 swaps in pools of Uniswap v3",
    }
    totals = await storage.balance_changes.totals(1)
    assert len(totals) == 71
    assert not any(totals.values())
    changes = await storage.balance_changes.find()
    assert max(change.delta for change in changes) == LARGEST
    assert min(change.delta for change in changes) == -LARGEST
    assert sum(change.kind is BalanceChangeKind.GAS for change in changes) == 298
    assert await native_balances(storage) == native_sums(real_data / "ethereum_etl")
    again = await import_ethereum_etl(storage, [real_data / "ethereum_etl"])
    assert (again.total.inserted, again.total.updated) == (0, 0)
    assert await storage.balance_changes.find() == changes


async def test_minutes_and_prices_of_polygon(storage: Any, real_data: Path) -> None:
    """Two days of a pool and five days of prices are imported; the one minute that is missing is told."""
    folder = real_data / "uniswap_v3_polygon"
    minutes = await import_uniswap_v3_minutes(storage, [folder])
    assert minutes.entities["Price"] == BulkResult(inserted=2879)
    assert minutes.notes == ("1 minutes are missing", "missing: 2023-08-14 00:00")
    wide = folder / "price_weth_usdc_0813_0817.csv"
    assert (await import_prices(storage, wide, chain_id=137)).entities["Price"] == BulkResult(inserted=14400)
    assert (await import_uniswap_v3_minutes(storage, [folder])).total.inserted == 0
    assert (await import_prices(storage, wide, chain_id=137)).total == BulkResult(unchanged=14400)


async def test_csv_of_two_blocks_gives_the_same(real_data: Path, tmp_path: Path) -> None:
    """The same export as CSV, whose transfers and logs carry no times, gives the same report and the same changes."""
    folder = real_data / "ethereum_etl"
    export = {path.stem: [json.loads(line) for line in path.read_text().splitlines()] for path in folder.glob("*.json")}
    times = ("block_timestamp", "item_timestamp")
    for kind, left_out in (("logs", times), ("token_transfers", (*times, "block_hash"))):
        export[kind] = [{name: row[name] for name in row if name not in left_out} for row in export[kind]]
    storages = [MemoryStorage(clock=FixedClock(START_TIME), ids=SequentialIds()) for _ in range(2)]
    paths = [folder, write_export(tmp_path / "csv", export, "csv")]
    reports = [await import_ethereum_etl(*pair) for pair in zip(storages, ([path] for path in paths), strict=True)]
    assert reports[0] == reports[1]
    for name in ("coins", "block_headers", "eth_transactions", "balance_changes", "swaps"):
        first, second = [await getattr(storage, name).find() for storage in storages]
        assert first == second


async def test_a_reorganisation_above_the_real_blocks_leaves_them_and_the_canonical_chain_alone(
    storage: Any, real_data: Path
) -> None:
    """Twelve blocks on top of the real ones are lost to another branch: every table is as if they never were."""

    async def contents() -> dict[str, Any]:
        return {name: exact_form(await getattr(storage, name).find()) for name in FACTS}

    await import_ethereum_etl(storage, [real_data / "ethereum_etl"])
    real = await contents()
    head = await storage.block_headers.head(1)
    coins = [coin.id for coin in (await storage.coins.page(limit=2)).items]
    chains = Chains(1, coins)
    lost, won = (chains.branch(name, head.number + 1, 12, head.hash) for name in ("lost", "won"))
    await ingest_blocks(storage, "blocks", lost)
    with pytest.raises(ReorganisationDetected) as caught:
        await ingest_blocks(storage, "blocks", won)
    assert caught.value.fork_number == head.number
    await roll_back_chain(storage, 1, head.number)
    assert await contents() == real
    await ingest_blocks(storage, "blocks", won)
    after = await contents()
    await roll_back_chain(storage, 1, 0)
    await import_ethereum_etl(storage, [real_data / "ethereum_etl"])
    await ingest_blocks(storage, "blocks", won)
    for name in set(FACTS) - {"swaps"}:
        assert after[name] == (await contents())[name]
    assert len(after["swaps"]) - 1 == await storage.swaps.count() == 79 + sum(len(block.swaps) for block in won)
