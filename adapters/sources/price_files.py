"""Reads files of prices, wide and long.

Wide CSV: the first column is the time (its header is empty, ``at``, ``time`` or ``timestamp``), every other one a coin,
by symbol or address; an empty cell is no price. Long CSV or JSON Lines: ``coin`` (a symbol or an address), ``at``,
``price_usd``, and where they are known ``source`` and ``confidence``.
"""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from decimal import Decimal
from functools import partial
from pathlib import Path
from typing import Final

from strongroom.domain.pricing.price import PriceSource
from strongroom.domain.values.address import parse_evm_address
from strongroom.domain.values.fields import NonNegativeUsd, Rate
from strongroom.domain.values.usd import USD_PLACES
from strongroom.ports.use_cases.import_prices import PriceFact
from strongroom.ports.use_cases.import_report import FactWithOrigin, ImportCounter

from .lines import LineReader, is_csv
from .rows import FieldInvalid, Row, csv_rows, fact_of, facts, json_rows
from .value_reader import some

TIME_HEADERS: Final = ("", "at", "time", "timestamp")
LEAST_PRICE: Final = Decimal(1).scaleb(-USD_PLACES)
LONG_COLUMNS: Final = ("coin", "at", "price_usd")


def price_facts(
    path: Path, source: PriceSource, reader: LineReader, tally: ImportCounter
) -> Iterator[FactWithOrigin[PriceFact]]:
    """Yield the prices of a file; ``source`` is that of prices that do not name one.

    Raises ImportRefused for a header that is neither wide nor long.
    """
    if not is_csv(path):
        yield from facts(json_rows(path, reader), lambda row: _long(row, source), reader.rejections)
        return
    for row in map(_stripped, csv_rows(path, reader, _header_problem)):
        for read in _readers(row, source, tally):
            fact = fact_of(row, read, reader.rejections)
            if fact is not None:
                yield fact


def _stripped(row: Row) -> Row:
    """Return a row without blanks around its names and cells: tables that people write have them after commas."""
    return Row(row.origin, {name.strip(): (cell and cell.strip()) or None for name, cell in row.values.items()})


def _header_problem(names: Sequence[str]) -> str | None:
    header = [name.strip() for name in names]
    if len(set(header)) < len(header):
        return f"it repeats {some(name for name, count in Counter(header).items() if count > 1)}"
    is_wide = header[0] in TIME_HEADERS and len(header) > 1 and "" not in header[1:]
    if is_wide or set(LONG_COLUMNS) <= set(header):
        return None
    return f"neither a time and one column per coin, nor the columns {', '.join(LONG_COLUMNS)}"


def _readers(row: Row, source: PriceSource, tally: ImportCounter) -> Iterator[Callable[[Row], PriceFact]]:
    """Yield a function for every price that a row of a CSV file has."""
    columns = tuple(row.values)
    if set(LONG_COLUMNS) <= set(columns):
        yield lambda row: _long(row, source)
        return
    for coin in columns[1:]:
        if row.has(coin):
            yield partial(_cell, coin=coin, source=source)
        else:
            tally.notes["cells hold no price"] += 1


def _long(row: Row, source: PriceSource) -> PriceFact:
    return PriceFact(
        coin=_coin(str(row.value("coin", str)), "coin"),
        column="coin",
        at=row.timestamp("at"),
        source=row.value("source", PriceSource) if row.has("source") else source,
        price_usd=read_price(row, "price_usd"),
        confidence=row.value("confidence", Rate) if row.has("confidence") else None,
    )


def _cell(row: Row, coin: str, source: PriceSource) -> PriceFact:
    time = next(iter(row.values))
    return PriceFact(
        coin=_coin(coin, coin), column=coin, at=row.timestamp(time), source=source, price_usd=read_price(row, coin)
    )


def read_price(row: Row, name: str) -> Decimal:
    """Return a price in USD. Raises FieldInvalid, also for one that is too small to be stored."""
    price: Decimal = row.value(name, NonNegativeUsd)
    if 0 < price < LEAST_PRICE:
        raise FieldInvalid(name, f"{price} is less than {LEAST_PRICE}, the least price that can be stored")
    return price


def _coin(text: str, column: str) -> str:
    if not text.startswith("0x"):
        return text
    try:
        return parse_evm_address(text)
    except ValueError as error:
        raise FieldInvalid(column, str(error)) from None
