"""The repository of coins."""

from typing import Protocol
from uuid import UUID

from attrs import frozen

from strongroom.domain.pricing.coin import Coin, CoinStandard

from ..creation import new_entity
from ..criteria import Criteria, eq, in_
from ..repository import Creating, Repository

BY_ADDRESS = Criteria(where=(eq("chain_id"), eq("address")))
BY_ADDRESSES = Criteria(where=(eq("chain_id"), in_("address")))
BY_SYMBOL = Criteria(where=(eq("symbol"),))


@frozen(kw_only=True)
class CreateCoin:
    """The fields of a new coin."""

    chain_id: int
    address: str
    standard: CoinStandard
    symbol: str
    name: str
    decimals: int
    coingecko_id: str | None = None
    logo_url: str | None = None
    is_stable: bool = False
    is_verified: bool = False


class CoinRepository(Repository[Coin, UUID], Creating, Protocol):
    """Coins, by id."""

    async def create(self, command: CreateCoin) -> Coin:
        """Add a coin. Raises AlreadyExists when the chain has one at the address."""
        return await self.add(new_entity(Coin, command, id=self.next_id(), now=self.now()))

    async def find_by_address(self, chain_id: int, address: str) -> Coin | None:
        """Return the coin at an address (the zero address: the chain's native coin), or None."""
        return await self.find_one(BY_ADDRESS, chain_id, address)

    async def find_by_addresses(self, chain_id: int, addresses: list[str], *, limit: int | None = None) -> list[Coin]:
        """Return the coins of a chain at the addresses, absent ones left out, by id."""
        return await self.find(BY_ADDRESSES, chain_id, addresses, limit=limit)

    async def find_by_symbol(self, symbol: str, *, limit: int | None = None) -> list[Coin]:
        """Return the coins with a symbol (which anyone may give a coin), by id."""
        return await self.find(BY_SYMBOL, symbol, limit=limit)
