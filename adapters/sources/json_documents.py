"""Reads whole documents of JSON, as the interfaces of DefiLlama and lists of tokens give them, within bounds.

What stands in a document is told by its place among its like, from 1, where files of lines tell the line.
"""

from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any, Final

from strongroom.domain.pricing.price import PriceSource
from strongroom.domain.values.address import EVM_ADDRESS
from strongroom.domain.values.fields import CoinDecimals, Count64, NonNegativeUsd, Rate, Usd
from strongroom.domain.values.json_text import read_json
from strongroom.ports.use_cases.import_chain_facts import TokenFact
from strongroom.ports.use_cases.import_prices import PriceFact
from strongroom.ports.use_cases.import_report import FactWithOrigin, ImportCounter, ImportRefused, Origin
from strongroom.ports.use_cases.import_yields import YieldFact

from .lines import LineReader, open_file
from .price_files import read_price
from .rows import FieldInvalid, Row, fact_of

MAX_DOCUMENT_BYTES: Final = 64 * 2**20
PERCENT: Final = Decimal(100)
CHAIN_SLUGS: Final = {
    "ethereum": 1,
    "optimism": 10,
    "bsc": 56,
    "xdai": 100,
    "polygon": 137,
    "base": 8453,
    "arbitrum": 42161,
    "avax": 43114,
}
"""The names by which DefiLlama tells chains."""


def read_document(path: Path) -> dict[str, Any]:
    """Return the object that a file holds; one whose name ends in ``.gz`` is decompressed. Raises ImportRefused."""
    name = str(path)
    advice = "save it again, as the interface answered"
    try:
        with open_file(path) as file:
            raw = file.read(MAX_DOCUMENT_BYTES + 1)
    except (OSError, EOFError) as error:
        reason = f"the file cannot be read: {getattr(error, 'strerror', None) or error}"
        raise ImportRefused(reason, file=name, advice="check its path and permissions") from error
    if len(raw) > MAX_DOCUMENT_BYTES:
        reason = f"the document is larger than {MAX_DOCUMENT_BYTES // 2**20} MiB"
        raise ImportRefused(reason, file=name, advice="split it")
    try:
        document = read_json(raw.decode("utf-8-sig"))
    except ValueError as error:
        reason = f"it is no document of JSON: {error}"
        raise ImportRefused(reason, file=name, advice=advice) from error
    if type(document) is not dict:
        raise ImportRefused("it is no object of JSON", file=name, advice=advice)
    return document


def token_list(
    path: Path, chain_id: int, reader: LineReader, tally: ImportCounter
) -> Iterator[FactWithOrigin[TokenFact]]:
    """Yield the tokens of a chain in a token list (https://tokenlists.org); those of other chains are counted."""
    for row in _rows(path, "tokens", reader):
        fact = fact_of(row, _token, reader.rejections)
        if fact is None:
            continue
        of_chain, token = fact.fact
        if of_chain == chain_id:
            yield FactWithOrigin(token, fact.origin)
        else:
            tally.notes["tokens are of other chains: import them with --chain"] += 1


def defillama_prices(
    path: Path, chain_id: int, reader: LineReader, tally: ImportCounter
) -> Iterator[FactWithOrigin[PriceFact]]:
    """Yield the prices of a chain's coins in an answer of coins.llama.fi (current, historical, chart)."""
    coins = _member(read_document(path), "coins", dict, path)
    for place, (key, value) in enumerate(coins.items(), start=1):
        chain, _, address = key.partition(":")
        if not EVM_ADDRESS.fullmatch(address):
            tally.notes["coins are not told by chain and address, and were left out"] += 1
        elif CHAIN_SLUGS.get(chain.lower()) != chain_id:
            tally.notes["coins are of other chains: import them with --chain"] += 1
        else:
            yield from _prices_of(Row(Origin(str(path), place), _object(value, key, path)), address, reader)


def defillama_yields(path: Path, reader: LineReader) -> Iterator[FactWithOrigin[YieldFact]]:
    """Yield the yields of a pool in an answer of yields.llama.fi/chart; percents become fractions."""
    for row in _rows(path, "data", reader):
        fact = fact_of(row, _yield, reader.rejections)
        if fact is not None:
            yield fact


def _prices_of(row: Row, address: str, reader: LineReader) -> Iterator[FactWithOrigin[PriceFact]]:
    confidence = row.values.get("confidence")
    points = row.values.get("prices", [row.values])
    for point in points if type(points) is list else [points]:
        values = point if type(point) is dict else {}
        one = Row(row.origin, {**values, "confidence": values.get("confidence", confidence)})
        fact = fact_of(one, lambda each: _price(each, address), reader.rejections)
        if fact is not None:
            yield fact


def _price(row: Row, address: str) -> PriceFact:
    return PriceFact(
        coin=address.lower(),
        column="price",
        at=row.timestamp("timestamp"),
        source=PriceSource.DEFILLAMA,
        price_usd=read_price(row, "price"),
        confidence=row.value("confidence", Rate) if row.has("confidence") else None,
    )


def _token(row: Row) -> tuple[int, TokenFact]:
    return row.integer("chainId", Count64), TokenFact(
        address=row.address("address"),
        symbol=row.value("symbol", str),
        name=row.value("name", str),
        decimals=row.integer("decimals", CoinDecimals),
    )


def _yield(row: Row) -> YieldFact:
    fact = YieldFact(
        at=row.timestamp("timestamp"),
        apy=_fraction(row, "apy"),
        apy_base=_fraction(row, "apyBase"),
        apy_reward=_fraction(row, "apyReward"),
        tvl_usd=row.value("tvlUsd", NonNegativeUsd) if row.has("tvlUsd") else None,
    )
    if fact.apy is None and fact.apy_base is None and fact.apy_reward is None:
        raise FieldInvalid("apy", "no yield is told: neither apy, nor apyBase, nor apyReward")
    return fact


def _fraction(row: Row, name: str) -> Decimal | None:
    if not row.has(name):
        return None
    percent: Decimal = row.value(name, Usd)
    return percent / PERCENT


def _rows(path: Path, member: str, reader: LineReader) -> Iterator[Row]:
    for place, value in enumerate(_member(read_document(path), member, list, path), start=1):
        origin = Origin(str(path), place)
        if type(value) is dict:
            yield Row(origin, value)
        else:
            reader.rejections.refuse(origin, field=member, reason=f"object {place} is none")


def _object(value: Any, key: str, path: Path) -> dict[str, Any]:
    if type(value) is not dict:
        reason = f"what it says of {key[:100]!r} is no object"
        raise ImportRefused(reason, file=str(path), advice="save it again, as the interface answered")
    return value


def _member(document: dict[str, Any], name: str, kind: type, path: Path) -> Any:
    found = document.get(name)
    if type(found) is not kind:
        what = "list" if kind is list else "object"
        reason = f"the document has no {what} {name!r}: is it of another kind?"
        raise ImportRefused(reason, file=str(path), advice="give what this command imports: see --help")
    return found
