"""Reads the minute series of Uniswap v3 pools as prices: ``*.minute.csv`` with a closing tick for every minute.

A tick i is the price 1.0001^i of token0 in token1, both in raw units (Uniswap v3 whitepaper, §6.1).
"""

import re
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from functools import lru_cache
from pathlib import Path
from typing import Final

from attrs import frozen

from strongroom.domain.pricing.price import PriceSource
from strongroom.domain.values import usd
from strongroom.domain.values.field_types import DECIMAL_CONTEXT
from strongroom.domain.values.fields import NonNegativeUsd, Tick, field_type_of
from strongroom.ports.use_cases.import_chain_facts import ImportedChain, TokenFact
from strongroom.ports.use_cases.import_prices import PriceFact
from strongroom.ports.use_cases.import_report import FactWithOrigin, ImportCounter, ImportRefused

from .chains import POLYGON
from .lines import LineReader
from .rows import FieldInvalid, Row, csv_rows, facts, require_columns

MINUTE: Final = timedelta(minutes=1)
MAX_GAPS_REPORTED: Final = 5
_BASE: Final = Decimal("1.0001")
_NAME: Final = re.compile(r"(?:([a-z]+)-)?(0x[0-9a-fA-F]{40})-.*\.minute\.csv(?:\.gz)?")
"""The names that demeter gives: the chain, where it is told, the pool and the day."""


@frozen(kw_only=True)
class MinutePool:
    """The pool that a series is of; the quote coin, token0 unless ``quote_is_token1``, counts as one USD."""

    chain: ImportedChain
    token0: TokenFact
    token1: TokenFact
    quote_is_token1: bool = False
    addresses: frozenset[str] = frozenset()
    """The pools that files may name; a file may name any where there are none."""

    @property
    def priced(self) -> TokenFact:
        """The coin that is priced: the one that is not the quote."""
        return self.token0 if self.quote_is_token1 else self.token1

    def price_at(self, tick: int) -> Decimal:
        """Return what a whole coin costs in whole quote coins at a tick, to 18 places.

        Raises InvalidValue for a price that is too large to be rounded.
        """
        exponent = tick if self.quote_is_token1 else -tick
        shift = self.token0.decimals - self.token1.decimals
        ratio = _power(abs(exponent))
        exact = ratio if exponent >= 0 else DECIMAL_CONTEXT.divide(Decimal(1), ratio)
        return usd.rounded(exact.scaleb(shift if self.quote_is_token1 else -shift, DECIMAL_CONTEXT))


POLYGON_USDC_WETH: Final = MinutePool(
    chain=POLYGON,
    token0=TokenFact(
        address="0x2791bca1f2de4661ed88a30c99a7a9449aa84174", symbol="USDC", name="USD Coin (PoS)", decimals=6
    ),
    token1=TokenFact(
        address="0x7ceb23fd6bc0add59e62ac25578270cff1b9f619", symbol="WETH", name="Wrapped Ether", decimals=18
    ),
    addresses=frozenset({"0x45dda9cb7c25131df268515131f647d726f50608"}),
)
"""The 0.05 % pool of these two coins."""


def minute_files(given: Sequence[Path], pool: MinutePool) -> tuple[Path, ...]:
    """Return the files that are given, and the ``*.minute.csv`` of the folders that are given, by name.

    Raises ImportRefused for a path that does not exist, a folder without such a file, and a file whose name tells
    another pool or chain.
    """
    found: list[Path] = []
    for path in given:
        if not path.exists():
            raise ImportRefused("there is no such file or folder", file=str(path), advice="check the path")
        inside = sorted((*path.glob("*.minute.csv"), *path.glob("*.minute.csv.gz"))) if path.is_dir() else [path]
        if not inside:
            raise ImportRefused(
                "the folder has no minute series", file=str(path), advice="their names end in .minute.csv"
            )
        for file in inside:
            _require_pool(file, pool)
        found += inside
    return tuple(sorted(set(found), key=lambda path: (path.name, path)))


def _require_pool(path: Path, pool: MinutePool) -> None:
    named = _NAME.fullmatch(path.name)
    if named is None:
        return
    chain, address = named[1], named[2].lower()
    if chain not in (None, pool.chain.chain.name.lower()):
        reason = f"its name says that it is of the chain {chain}, and the pool is on {pool.chain.chain.name}"
    elif pool.addresses and address not in pool.addresses:
        reason = f"its name says that it is of the pool {address}, which is not {' or '.join(sorted(pool.addresses))}"
    else:
        return
    advice = "say which pool it is (--chain, --token0, --token1, --quote), or rename the file"
    raise ImportRefused(reason, file=str(path), advice=advice)


def minute_prices(
    paths: Sequence[Path], pool: MinutePool, reader: LineReader, tally: ImportCounter
) -> Iterator[FactWithOrigin[PriceFact]]:
    """Yield the price at the end of every minute, by its closing tick; missing minutes are noted in the tally."""
    gaps = _Gaps(tally)
    for path in paths:
        rows = csv_rows(path, reader, require_columns("timestamp", "closeTick"))
        for fact in facts(rows, lambda row: _price(row, pool), reader.rejections):
            gaps.follow(fact.fact.at)
            yield fact
    gaps.tell_rest()


def _price(row: Row, pool: MinutePool) -> PriceFact:
    price = pool.price_at(row.integer("closeTick", Tick))
    problem = field_type_of(NonNegativeUsd)[0].validate(price) if price else "it is less than 10^-18"
    if problem:
        raise FieldInvalid("closeTick", f"the price at it cannot be stored: {problem}")
    return PriceFact(
        coin=pool.priced.address,
        column="closeTick",
        at=row.timestamp("timestamp"),
        source=PriceSource.UNISWAP_TWAP,
        price_usd=price,
    )


@lru_cache(maxsize=10_000)
def _power(exponent: int) -> Decimal:
    return DECIMAL_CONTEXT.power(_BASE, exponent)


class _Gaps:
    """Notes where a series leaves minutes out."""

    def __init__(self, tally: ImportCounter) -> None:
        self._tally = tally
        self._last: datetime | None = None
        self._found = 0

    def follow(self, at: datetime) -> None:
        """Compare a minute with the last one."""
        if self._last is not None and at - self._last > MINUTE:
            missing = (at - self._last - timedelta(microseconds=1)) // MINUTE
            self._tally.notes["minutes are missing"] += missing
            self._found += 1
            if self._found <= MAX_GAPS_REPORTED:
                first = self._last + MINUTE
                until = f" to {at - MINUTE:%Y-%m-%d %H:%M}" if missing > 1 else ""
                self._tally.remarks.append(f"missing: {first:%Y-%m-%d %H:%M}{until}")
        self._last = max(at, self._last or at)

    def tell_rest(self) -> None:
        """Note how many gaps were not told one by one."""
        if self._found > MAX_GAPS_REPORTED:
            self._tally.remarks.append(f"missing in {self._found - MAX_GAPS_REPORTED} more places")
