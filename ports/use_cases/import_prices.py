"""Import prices of coins that are identified by address or by symbol."""

from collections.abc import Iterable
from datetime import datetime
from decimal import Decimal
from typing import Final
from uuid import UUID

from attrs import frozen

from strongroom.domain.pricing.coin import Coin
from strongroom.domain.pricing.price import Price, PriceSource

from ..criteria import Criteria, eq
from ..storage import Storage, Transaction
from .import_batches import BatchWriter, batched
from .import_chain_facts import ImportedChain, TokenFact
from .import_coins import CoinDirectory, add_chain
from .import_report import FactWithOrigin, ImportCounter, ImportReport, Origin, Rejections

MAX_REMEMBERED: Final = 200_000
MAX_REPEATS_TOLD: Final = 5
BY_SYMBOL_ON_CHAIN: Final = Criteria(where=(eq("symbol"), eq("chain_id")))


@frozen(kw_only=True)
class PriceFact:
    """A coin's price; ``coin`` is its address (0x…) or its symbol, ``column`` the file's column that names it."""

    coin: str
    column: str
    at: datetime
    source: PriceSource
    price_usd: Decimal
    confidence: Decimal | None = None


@frozen(kw_only=True)
class CoinsOfPrices:
    """Find the coins that prices refer to.

    Addresses, and the ``tokens`` that are added where storage does not know them, are on the chain. Symbols are looked
    for on all chains, or on the chain alone where ``symbols_on_chain``; of several coins with a symbol the only
    verified one is meant.
    """

    chain: ImportedChain
    tokens: tuple[TokenFact, ...] = ()
    symbols_on_chain: bool = False


async def import_prices(
    storage: Storage,
    facts: Iterable[FactWithOrigin[PriceFact]],
    coins: CoinsOfPrices,
    *,
    rejections: Rejections,
    tally: ImportCounter | None = None,
) -> ImportReport:
    """Import prices in one transaction and return what was done; imported again they change nothing.

    Of several prices of a coin at the same time by the same source the last counts, and the report says how many there
    were and where the first stand (found among the last MAX_REMEMBERED prices). A coin that storage does not know
    at an address is added as a placeholder; a symbol that no coin has, or several, is refused. Raises ImportRefused for
    the first bad line, unless bad lines are skipped, and whatever storage raises; nothing is kept then.
    """
    tally = tally or ImportCounter()
    async with storage.transaction() as transaction:
        writer = BatchWriter(transaction, tally, rejections)
        told = _CoinsByName(transaction, writer, coins)
        repeats = _Repeats(tally)
        for batch in batched(facts):
            await told.learn(batch)
            rows = [
                FactWithOrigin(_price(row.fact, told.known[row.fact.coin]), row.origin)
                for row in batch
                if told.accepts(row)
            ]
            repeats.follow(rows)
            await writer.write("prices", rows)
    return tally.report(rejections)


class _Repeats:
    """Notes prices of one coin, time and source that differ within a run."""

    def __init__(self, tally: ImportCounter) -> None:
        self._tally = tally
        self._seen: dict[tuple[UUID, datetime, PriceSource], tuple[Decimal, Origin]] = {}
        self._told = 0

    def follow(self, rows: Iterable[FactWithOrigin[Price]]) -> None:
        """Compare prices with those before them."""
        for row in rows:
            price = row.fact
            key = (price.coin_id, price.at, price.source)
            before = self._seen.pop(key, None)
            self._seen[key] = (price.price_usd, row.origin)
            if len(self._seen) > MAX_REMEMBERED:
                del self._seen[next(iter(self._seen))]
            if before is None or before[0] == price.price_usd:
                continue
            self._tally.notes["prices replace another of the same coin, time and source: the last counts"] += 1
            self._told += 1
            if self._told <= MAX_REPEATS_TOLD:
                place = f"{row.origin.file}, lines {before[1].line} and {row.origin.line}"
                told = f"{before[0]:f} and {price.price_usd:f} USD at {price.at:%Y-%m-%d %H:%M:%S}"
                self._tally.remarks.append(f"two prices: {told} ({place})")


class _CoinsByName:
    """The coins of a run's prices, by address and symbol."""

    def __init__(self, transaction: Transaction, writer: BatchWriter, coins: CoinsOfPrices) -> None:
        self.known: dict[str, UUID] = {}
        self._problems: dict[str, str] = {}
        self._transaction = transaction
        self._writer = writer
        self._coins = coins
        self._directory: CoinDirectory | None = None

    async def learn(self, rows: Iterable[FactWithOrigin[PriceFact]]) -> None:
        """Find out which coins the rows are of."""
        names = sorted({row.fact.coin for row in rows} - self.known.keys() - self._problems.keys())
        addresses = [name for name in names if name.startswith("0x")]
        if addresses:
            directory = await self._on_chain()
            self.known |= await directory.ids(addresses)
        for symbol in (name for name in names if not name.startswith("0x")):
            found = await self._with_symbol(symbol)
            meant = found if len(found) == 1 else [coin for coin in found if coin.is_verified]
            if len(meant) == 1:
                self.known[symbol] = meant[0].id
            elif found:
                self._problems[symbol] = f"{len(found)} coins have the symbol {symbol!r}: write the address instead"
            else:
                self._problems[symbol] = f"no coin has the symbol {symbol!r}: write the address, or import coins first"

    def accepts(self, row: FactWithOrigin[PriceFact]) -> bool:
        """Return whether the row's coin is known; an unknown coin is refused."""
        problem = self._problems.get(row.fact.coin)
        if problem:
            self._writer.rejections.refuse(row.origin, field=row.fact.column, reason=problem)
        return problem is None

    async def _on_chain(self) -> CoinDirectory:
        if self._directory is None:
            chain = self._coins.chain
            await add_chain(self._transaction, self._writer, chain)
            self._directory = CoinDirectory(self._transaction, self._writer, chain.chain.id)
            given = Origin("coins of the prices", 0)
            await self._directory.fill([FactWithOrigin(token, given) for token in self._coins.tokens])
        return self._directory

    async def _with_symbol(self, symbol: str) -> list[Coin]:
        if self._coins.symbols_on_chain:
            return await self._transaction.coins.find(BY_SYMBOL_ON_CHAIN, symbol, self._coins.chain.chain.id)
        return await self._transaction.coins.find_by_symbol(symbol)


def _price(fact: PriceFact, coin_id: UUID) -> Price:
    return Price(coin_id=coin_id, at=fact.at, source=fact.source, price_usd=fact.price_usd, confidence=fact.confidence)
