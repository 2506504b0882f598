"""The repository of users' addresses."""

from typing import Protocol
from uuid import UUID

from attrs import frozen

from strongroom.domain.accounts.user_address import AddressKind, UserAddress
from strongroom.domain.values.address import ChainFamily

from ..creation import new_entity
from ..criteria import Criteria, asc, eq
from ..repository import Creating, Repository

BY_USER = Criteria(where=(eq("user_id"),), order=(asc("created_at"),))


@frozen(kw_only=True)
class CreateUserAddress:
    """The fields of an address that a user saves."""

    user_id: UUID
    family: ChainFamily
    address: str
    label: str | None = None
    kind: AddressKind = AddressKind.WATCH


class UserAddressRepository(Repository[UserAddress, UUID], Creating, Protocol):
    """Users' addresses, by id."""

    async def create(self, command: CreateUserAddress) -> UserAddress:
        """Add an address. Raises AlreadyExists when the user has it for the same purpose."""
        return await self.add(new_entity(UserAddress, command, id=self.next_id(), now=self.now()))

    async def find_by_user(self, user_id: UUID, *, limit: int | None = None) -> list[UserAddress]:
        """Return a user's addresses, the oldest first."""
        return await self.find(BY_USER, user_id, limit=limit)
