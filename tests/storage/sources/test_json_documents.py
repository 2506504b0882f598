"""Documents of JSON: token lists and DefiLlama's answers; and balances that are known from a chain."""

import gzip
import json
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
from support.exports import ALICE, BOB, DAI, WETH, small_export, write_export

from strongroom.adapters.memory import MemoryStorage
from strongroom.adapters.sources import (
    ImportRefused,
    assert_balance_file,
    import_defillama_prices,
    import_defillama_yields,
    import_ethereum_etl,
    import_token_list,
)
from strongroom.domain.positions.pool import Pool
from strongroom.domain.pricing.price import PriceSource
from strongroom.domain.protocols.chain import Chain
from strongroom.domain.values.address import ZERO_ADDRESS
from strongroom.ports.results import BulkResult
from strongroom.testing.factory import World

TOKENS = {
    "name": "a list",
    "tokens": [
        {"chainId": 1, "address": DAI, "symbol": "DAI", "name": "Dai Stablecoin", "decimals": 18, "logoURI": "x"},
        {"chainId": 10, "address": DAI, "symbol": "DAI", "name": "Dai on Optimism", "decimals": 18},
    ],
}
CURRENT = {"coins": {f"ethereum:{DAI}": {"decimals": 18, "price": 0.999, "timestamp": 1717281407, "confidence": 0.99}}}
CHART = {
    "coins": {
        f"ethereum:{DAI}": {
            "symbol": "DAI",
            "confidence": 0.99,
            "prices": [{"timestamp": 1717281407, "price": 1.0001}, {"timestamp": 1717285007, "price": 1}],
        },
        f"base:{DAI}": {"prices": []},
        "coingecko:dai": {"price": 1, "timestamp": 1},
    }
}
YIELDS = {
    "status": "success",
    "data": [
        {"timestamp": "2024-05-03T00:00:00.000Z", "tvlUsd": 100, "apy": 5.25, "apyBase": 5, "apyReward": 0.25},
        {"timestamp": "2024-05-04T00:00:00.000Z", "tvlUsd": None, "apy": -0.5, "apyBase": None, "apyReward": None},
    ],
}


@pytest.fixture
def storage() -> MemoryStorage:
    """An empty storage."""
    return MemoryStorage()


def write(tmp_path, document, name="document.json"):
    """Write a document and return its path."""
    path = tmp_path / name
    text = document if isinstance(document, str) else json.dumps(document, indent=1)
    path.write_bytes(gzip.compress(text.encode()) if name.endswith(".gz") else text.encode())
    return path


async def test_a_token_list_adds_coins_and_overwrites_nothing(storage, tmp_path):
    """The chain's tokens become coins, those of other chains are counted, and a second run changes nothing."""
    path = write(tmp_path, TOKENS, "list.json.gz")
    report = await import_token_list(storage, path, chain_id=1)
    coin = await storage.coins.find_by_address(1, DAI)
    assert coin is not None
    assert (coin.symbol, coin.name, coin.decimals) == ("DAI", "Dai Stablecoin", 18)
    assert report.notes == ("1 tokens are of other chains: import them with --chain",)
    assert (await import_token_list(storage, path, chain_id=1)).total.inserted == 0


@pytest.mark.parametrize(("document", "prices"), [(CURRENT, ["0.999"]), (CHART, ["1.0001", "1"])])
async def test_defillamas_prices_are_read_exactly(storage, tmp_path, document, prices):
    """Current prices and charts become prices of DefiLlama with their confidence, to the last digit."""
    report = await import_defillama_prices(storage, write(tmp_path, document), chain_id=1)
    found = await storage.prices.find()
    assert [price.price_usd for price in found] == [Decimal(text) for text in prices]
    assert {(price.source, price.confidence) for price in found} == {(PriceSource.DEFILLAMA, Decimal("0.99"))}
    assert found[0].at == datetime.fromtimestamp(1717281407, UTC)
    left_out = [note for note in report.notes if "other chains" in note or "left out" in note]
    assert len(left_out) == 2 * (document is CHART)


async def test_defillamas_yields_become_fractions_of_a_known_pool(storage, tmp_path):
    """Percents become fractions, what is not told stays unknown, and an unknown pool is refused."""
    path = write(tmp_path, YIELDS)
    with pytest.raises(ImportRefused, match="knows 0 pools"):
        await import_defillama_yields(storage, path, pool_address=WETH, chain_id=1)
    world = World(storage)
    chain = await world.added(Chain)
    pool = await world.added(Pool, chain_id=chain.id, address=WETH)
    report = await import_defillama_yields(storage, path, pool_address=WETH, chain_id=chain.id)
    assert report.total == BulkResult(inserted=2)
    first, second = await storage.apy_history.find()
    assert (first.pool_id, first.apy, first.apy_base, first.tvl_usd) == (
        pool.id,
        Decimal("0.0525"),
        Decimal("0.05"),
        Decimal(100),
    )
    assert (second.apy, second.apy_base, second.tvl_usd) == (Decimal("-0.005"), None, None)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "no document of JSON"),
        ("[]", "no object"),
        ("{}", "no object 'coins'"),
        ('{"coins": []}', "no object 'coins'"),
        (json.dumps({"coins": {f"ethereum:{DAI}": 1}}), "no object"),
        (json.dumps({"coins": {f"ethereum:{DAI}": {"price": 1}}}), "no value for it"),
        (json.dumps({"coins": {f"ethereum:{DAI}": {"price": 1e-19, "timestamp": 1717281407}}}), "less than 1E-18"),
        ("[" * 200, "no document of JSON"),
    ],
)
async def test_a_document_of_another_kind_is_refused(storage, tmp_path, text, said):
    """What is no answer of the interface is refused, saying what was expected; nothing is kept."""
    with pytest.raises(ImportRefused, match=said) as refused:
        await import_defillama_prices(storage, write(tmp_path, text), chain_id=1)
    assert refused.value.advice
    assert await storage.prices.count() == 0


async def test_a_damaged_document_is_refused(storage, tmp_path):
    """A compressed document that is cut off, and one that is not there, are refused."""
    path = tmp_path / "list.json.gz"
    path.write_bytes(gzip.compress(b'{"tokens": []}')[:-9])
    for each in (path, tmp_path / "absent.json"):
        with pytest.raises(ImportRefused, match="cannot be read"):
            await import_token_list(storage, each, chain_id=1)


async def imported(tmp_path) -> Any:
    """Return a storage with the small export."""
    storage = MemoryStorage()
    await import_ethereum_etl(storage, [write_export(tmp_path / "export", small_export(), "json")])
    return storage


async def test_known_balances_that_the_sums_give_are_no_differences(tmp_path):
    """Balances of tokens and of the chain's own coin, now and after a block, agree."""
    storage = await imported(tmp_path)
    coins = {coin.id: coin.address for coin in await storage.coins.find()}
    known = [
        {"address": owner, "coin": coins[coin], "amount": str(amount), "block_number": 1}
        for owner in (ALICE, BOB)
        for coin, amount in (await storage.balance_changes.balances(owner)).items()
    ]
    known += [{**row, "block_number": None} for row in known]
    known += [{"address": ALICE, "amount": 0, "block_number": 0}, {"address": "0x" + "77" * 20, "amount": 0}]
    path = tmp_path / "known.jsonl"
    path.write_text("".join(json.dumps(row) + "\n" for row in known))
    check = await assert_balance_file(storage, path, chain_id=1)
    assert (check.compared, check.differences) == (len(known), ())


async def test_a_balance_that_differs_is_named_with_what_is_missing(tmp_path):
    """The address, the coin, what was expected, what was found and the line are told."""
    storage = await imported(tmp_path)
    [ether] = [coin.id for coin in await storage.coins.find() if coin.address == ZERO_ADDRESS]
    held = (await storage.balance_changes.balances(BOB))[ether]
    path = tmp_path / "known.csv"
    path.write_text(f"address,coin,amount\n{BOB},native,{held + 5}\n{BOB},{'0x' + '99' * 20},7\n{BOB},,{held}\n")
    check = await assert_balance_file(storage, path, chain_id=1)
    assert [(each.known.coin, each.found, each.missing, each.origin.line) for each in check.differences] == [
        (ZERO_ADDRESS, held, 5, 2),
        ("0x" + "99" * 20, 0, 7, 3),
    ]
    with pytest.raises(ImportRefused, match="address"):
        path.write_text("address,amount\nnobody,1\n")
        await assert_balance_file(storage, path, chain_id=1)
