"""The repository of wallets."""

from datetime import datetime
from typing import Protocol
from uuid import UUID

from attrs import frozen

from strongroom.domain.accounts.wallet import Wallet
from strongroom.domain.values.address import ChainFamily

from ..creation import new_entity
from ..criteria import Criteria, asc, eq
from ..repository import Creating, Repository

BY_USER = Criteria(where=(eq("user_id"),), order=(asc("connected_at"),))
BY_ADDRESS = Criteria(where=(eq("family"), eq("address")))


@frozen(kw_only=True)
class CreateWallet:
    """The fields of a wallet that a user connects."""

    user_id: UUID
    family: ChainFamily
    address: str
    label: str | None = None
    is_primary: bool = False
    connected_at: datetime


class WalletRepository(Repository[Wallet, UUID], Creating, Protocol):
    """Wallets, by id."""

    async def create(self, command: CreateWallet) -> Wallet:
        """Add a wallet. Raises AlreadyExists when the address, or the user's primary wallet, is there already."""
        return await self.add(new_entity(Wallet, command, id=self.next_id(), now=self.now()))

    async def find_by_user(self, user_id: UUID, *, limit: int | None = None) -> list[Wallet]:
        """Return a user's wallets, the longest connected first."""
        return await self.find(BY_USER, user_id, limit=limit)

    async def find_by_address(self, family: ChainFamily, address: str) -> Wallet | None:
        """Return the wallet with an address in its stored form, or None."""
        return await self.find_one(BY_ADDRESS, family, address)
