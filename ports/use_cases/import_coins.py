"""Find the coins of an import by their address, and add placeholders for unknown coins."""

from collections.abc import Collection, Iterable
from typing import Final
from uuid import UUID

from attrs import evolve

from strongroom.domain.pricing.coin import Coin, CoinStandard
from strongroom.domain.values.address import ZERO_ADDRESS

from ..results import BulkResult
from ..storage import Transaction
from .import_batches import BatchWriter, batched
from .import_chain_facts import ImportedChain, TokenFact
from .import_report import FactWithOrigin

BY_ADDRESS: Final = ("chain_id", "address")
MAX_CACHED_COINS: Final = 100_000


class CoinDirectory:
    """The coins of one chain, by address.

    A coin that storage does not know is added as a placeholder: symbol "" and name "", 0 decimals, not verified. What
    a file says of tokens fills placeholders and never overwrites anything else.
    """

    def __init__(self, transaction: Transaction, writer: BatchWriter, chain_id: int) -> None:
        self._transaction = transaction
        self._writer = writer
        self._chain_id = chain_id
        self._ids: dict[str, UUID] = {}

    async def ids(self, addresses: Collection[str]) -> dict[str, UUID]:
        """Return the identities of the coins at the addresses, adding placeholders for unknown ones."""
        if len(self._ids) > MAX_CACHED_COINS:
            self._ids.clear()
        unknown = sorted(set(addresses) - self._ids.keys())
        if unknown:
            found = await self._transaction.coins.find_by_addresses(self._chain_id, unknown)
            self._count(unchanged=len(found))
            missing = sorted(set(unknown) - {coin.address for coin in found})
            added = [self._coin(TokenFact(address=address, symbol="", name="", decimals=0)) for address in missing]
            if added:
                self._writer.tally.add(
                    Coin.__name__, await self._transaction.coins.bulk_add_missing(added, by=BY_ADDRESS)
                )
                # Another session may have been faster: the identities are those that storage has now.
                found += await self._transaction.coins.find_by_addresses(self._chain_id, missing)
            self._ids.update((coin.address, coin.id) for coin in found)
        return {address: self._ids[address] for address in addresses}

    async def fill(self, tokens: Iterable[FactWithOrigin[TokenFact]]) -> None:
        """Add tokens that storage does not know, and complete placeholders."""
        for batch in batched(tokens):
            found = await self._transaction.coins.find_by_addresses(
                self._chain_id, [token.fact.address for token in batch]
            )
            stored = {coin.address: coin for coin in found}
            rows = [
                FactWithOrigin(self._filled(token.fact, stored.get(token.fact.address)), token.origin)
                for token in batch
            ]
            await self._writer.write("coins", rows, by=BY_ADDRESS)
            known = await self._transaction.coins.find_by_addresses(
                self._chain_id, [token.fact.address for token in batch]
            )
            self._ids.update((coin.address, coin.id) for coin in known)

    def _filled(self, token: TokenFact, stored: Coin | None) -> Coin:
        if stored is None:
            return self._coin(token)
        is_placeholder = not (stored.symbol or stored.name or stored.decimals or stored.is_verified)
        if not is_placeholder:
            return stored
        return evolve(stored, symbol=token.symbol, name=token.name, decimals=token.decimals)

    def _coin(self, token: TokenFact) -> Coin:
        return Coin(
            id=self._transaction.coins.next_id(),
            chain_id=self._chain_id,
            address=token.address,
            standard=CoinStandard.ERC20,
            symbol=token.symbol,
            name=token.name,
            decimals=token.decimals,
        )

    def _count(self, *, unchanged: int) -> None:
        self._writer.tally.add(Coin.__name__, BulkResult(unchanged=unchanged))


async def add_chain(transaction: Transaction, writer: BatchWriter, imported: ImportedChain) -> UUID:
    """Add a chain and its native coin if storage does not know them, and return the native coin's identity."""
    chain, native = imported.chain, imported.native
    writer.tally.add("Chain", await transaction.chains.bulk_add_missing([chain]))
    coin = Coin(
        id=transaction.coins.next_id(),
        chain_id=chain.id,
        address=ZERO_ADDRESS,
        standard=CoinStandard.NATIVE,
        symbol=chain.native_symbol,
        name=native.name,
        decimals=native.decimals,
        is_verified=True,
    )
    writer.tally.add("Coin", await transaction.coins.bulk_add_missing([coin], by=BY_ADDRESS))
    (stored,) = await transaction.coins.find_by_addresses(chain.id, [ZERO_ADDRESS])
    return stored.id
