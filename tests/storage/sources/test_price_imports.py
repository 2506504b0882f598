"""Prices from files: minute series of Uniswap v3, wide and long tables."""

import json
import math
from datetime import UTC, datetime
from decimal import Decimal
from fractions import Fraction
from pathlib import Path

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.exports import DAI, WETH

from strongroom.adapters.memory import MemoryStorage
from strongroom.adapters.sources import (
    POLYGON_USDC_WETH,
    ImportRefused,
    TokenFact,
    import_prices,
    import_uniswap_v3_minutes,
)
from strongroom.domain.pricing.coin import Coin, CoinStandard
from strongroom.domain.pricing.price import PriceSource
from strongroom.domain.protocols.chain import Chain
from strongroom.domain.protocols.tick_math import sqrt_ratio_at_tick
from strongroom.domain.values.address import ChainFamily
from strongroom.ports.results import BulkResult

MINUTES = "timestamp,netAmount0,closeTick\n"


@pytest.fixture
def storage() -> MemoryStorage:
    """An empty storage."""
    return MemoryStorage()


@pytest.fixture
async def coins(storage: MemoryStorage) -> dict[str, Coin]:
    """Coins on Ethereum: WETH, and DAI twice, of which one is verified."""
    await storage.chains.add(
        Chain(id=1, family=ChainFamily.EVM, name="Ethereum", native_symbol="ETH", finality_depth=64)
    )
    named = {}
    for symbol, address, verified in (("WETH", WETH, False), ("DAI", DAI, True), ("DAI", "0x" + "dd" * 20, False)):
        coin = Coin(
            id=storage.coins.next_id(),
            chain_id=1,
            address=address,
            standard=CoinStandard.ERC20,
            symbol=symbol,
            name=symbol,
            decimals=18,
            is_verified=verified,
        )
        named.setdefault(symbol, await storage.coins.add(coin))
    return named


@given(tick=st.integers(-400_000, 400_000), decimals0=st.integers(0, 18), decimals1=st.integers(0, 18))
def test_prices_agree_with_the_pool_contract(tick: int, decimals0: int, decimals1: int) -> None:
    """The price at a tick is the square of the contract's root price, and the two coins' prices are inverse."""
    tokens = [TokenFact(address=DAI, symbol="", name="", decimals=places) for places in (decimals0, decimals1)]
    pool = attrs.evolve(POLYGON_USDC_WETH, token0=tokens[0], token1=tokens[1], quote_is_token1=True)
    exact = Decimal(sqrt_ratio_at_tick(tick)) ** 2 / Decimal(2) ** 192 * Decimal(10) ** (decimals0 - decimals1)
    price, inverse = pool.price_at(tick), attrs.evolve(pool, quote_is_token1=False).price_at(tick)
    assert math.isclose(price, exact, rel_tol=1e-9, abs_tol=1e-18)
    assert math.isclose(inverse, 1 / exact, rel_tol=1e-9, abs_tol=1e-18)


async def test_minutes_become_prices(storage: MemoryStorage, tmp_path: Path) -> None:
    """The closing tick prices WETH in USDC; missing minutes are noted, and a second run changes nothing."""
    path = tmp_path / "pool.minute.csv"
    rows = ["2023-08-13 00:00:00,-1,201101", "2023-08-13 00:01:00,0,201101.0", "2023-08-13 00:05:00,0,198133.0"]
    path.write_text(MINUTES + "\n".join(rows) + "\n")
    report = await import_uniswap_v3_minutes(storage, [tmp_path])
    assert report.entities["Price"] == BulkResult(inserted=3)
    assert report.notes == ("3 minutes are missing", "missing: 2023-08-13 00:02 to 2023-08-13 00:04")
    weth = await storage.coins.find_by_address(137, POLYGON_USDC_WETH.token1.address)
    assert weth is not None
    prices = await storage.prices.find()
    assert {(price.coin_id, price.source) for price in prices} == {(weth.id, PriceSource.UNISWAP_TWAP)}
    assert prices[0].at == datetime(2023, 8, 13, tzinfo=UTC)
    exact = Fraction(10**12) / Fraction(10001, 10000) ** 201101
    assert prices[0].price_usd == Decimal(round(exact * 10**18)).scaleb(-18)
    assert round(prices[0].price_usd, 2) == Decimal("1848.12")
    assert (await import_uniswap_v3_minutes(storage, [path])).total == BulkResult(unchanged=7)


@pytest.mark.parametrize(
    ("row", "field"),
    [
        ("2023-08-13 00:00:00,0,198133.5", "closeTick"),
        ("2023-08-13 00:00:00,0,", "closeTick"),
        ("2023-08-13 00:00:00,0,887273", "closeTick"),
        ("2023-08-13 00:00:00,0,-700000", "closeTick"),
        ("2023-13-01,0,1", "timestamp"),
        ("2023-08-13 00:00:00,0", None),
    ],
)
async def test_bad_minutes_are_named(storage: MemoryStorage, tmp_path: Path, row: str, field: str | None) -> None:
    """A tick with a fraction, none, one out of range, a wrong time and a short row are refused by line and field."""
    path = tmp_path / "pool.minute.csv"
    path.write_text(f"{MINUTES}2023-08-12 00:00:00,0,1\n{row}\n")
    with pytest.raises(ImportRefused) as caught:
        await import_uniswap_v3_minutes(storage, [path])
    assert (caught.value.line, caught.value.field) == (3, field)
    assert await storage.prices.count() == 0


async def test_wide_and_long_tables_give_the_same_prices(
    storage: MemoryStorage, coins: dict[str, Coin], tmp_path: Path
) -> None:
    """A wide table, a long one and JSON Lines tell the same prices, by symbol or address, and say so."""
    (tmp_path / "wide.csv").write_text(f",WETH,{DAI}\n2023-08-13 00:00:00,1848.12,1\n2023-08-13T00:01:00Z,1848.2,\n")
    long = [
        ("WETH", "2023-08-13 00:00", "1848.12"),
        ("DAI", "1691884800", "1"),
        (WETH, "2023-08-13T02:01+02:00", "1848.2"),
    ]
    (tmp_path / "long.csv").write_text("coin,at,price_usd\n" + "".join(",".join(row) + "\n" for row in long))
    named = [dict(zip(("coin", "at", "price_usd"), row, strict=True)) for row in long]
    (tmp_path / "long.jsonl").write_text("".join(json.dumps({**row, "source": "manual"}) + "\n" for row in named))
    report = await import_prices(storage, tmp_path / "wide.csv")
    assert report.entities["Price"] == BulkResult(inserted=3)
    assert report.notes == ("1 cells hold no price",)
    for name in ("wide.csv", "long.csv", "long.jsonl"):
        assert (await import_prices(storage, tmp_path / name)).entities["Price"] == BulkResult(unchanged=3)
    dearest = await storage.prices.as_of(coins["WETH"].id, datetime(2023, 8, 14, tzinfo=UTC))
    assert dearest is not None
    assert (dearest.price_usd, dearest.source) == (Decimal("1848.2"), PriceSource.MANUAL)


async def test_sources_and_confidence_are_read(storage: MemoryStorage, coins: dict[str, Coin], tmp_path: Path) -> None:
    """A row may name its source and its confidence; the others have the source of the run."""
    path = tmp_path / "long.csv"
    path.write_text("coin,at,price_usd,source,confidence\nWETH,1,2.5,chainlink,0.99\nWETH,1,2.4,,\n")
    await import_prices(storage, path, source=PriceSource.COINGECKO)
    prices = {price.source: price for price in await storage.prices.find()}
    assert prices[PriceSource.CHAINLINK].confidence == Decimal("0.99")
    assert prices[PriceSource.COINGECKO].price_usd == Decimal("2.4")


@pytest.mark.parametrize(
    ("text", "line", "reason"),
    [
        (",WETH,SHIB\n2023-01-01,1,2\n", 2, "no coin has the symbol 'SHIB'"),
        ("at,WETH\n2023-01-01,-1\n", 2, "less than 0"),
        ("at,WETH\n2023-01-01,1e999\n", 2, "digits"),
        ("at,WETH\n2023-01-01,NaN\n", 2, "not a decimal number"),
        ("day,WETH\n2023-01-01,1\n", 1, "header"),
        (",WETH,\n", 1, "header"),
        ("coin,at\n", 1, "header"),
        ("coin,at,price_usd,source\nWETH,1,1,oracle\n", 2, "'oracle' is not one of"),
        ("coin,at,price_usd\n0xAb" + "ab" * 19 + ",1,1\n", 2, "checksum"),
    ],
)
async def test_bad_tables_of_prices_are_named(
    storage: MemoryStorage, coins: dict[str, Coin], tmp_path: Path, text: str, line: int, reason: str
) -> None:
    """An unknown symbol, a price that is none, a wrong header, an unknown source, a wrong checksum."""
    path = tmp_path / "prices.csv"
    path.write_text(text)
    with pytest.raises(ImportRefused, match=reason) as caught:
        await import_prices(storage, path)
    assert caught.value.line == line


async def test_an_ambiguous_symbol_is_refused(storage: MemoryStorage, coins: dict[str, Coin], tmp_path: Path) -> None:
    """Of two coins with a symbol the only verified one is meant; where none is, nobody guesses."""
    path = tmp_path / "prices.csv"
    path.write_text("at,DAI\n2023-01-01,1\n")
    await import_prices(storage, path, chain_id=1)
    assert [price.coin_id for price in await storage.prices.find()] == [coins["DAI"].id]
    await storage.coins.update(attrs.evolve(coins["DAI"], is_verified=False))
    with pytest.raises(ImportRefused, match="2 coins have the symbol 'DAI': write the address instead"):
        await import_prices(storage, path)


async def test_an_unknown_address_becomes_a_placeholder(storage: MemoryStorage, tmp_path: Path) -> None:
    """A price of a coin that nobody knows is kept: the coin is added without a name, and its chain with it."""
    path = tmp_path / "prices.jsonl"
    path.write_text(json.dumps({"coin": DAI.upper().replace("X", "x"), "at": 0, "price_usd": 1.25}) + "\n")
    report = await import_prices(storage, path, chain_id=8453)
    assert {name: result.inserted for name, result in report.entities.items()} == {"Chain": 1, "Coin": 2, "Price": 1}
