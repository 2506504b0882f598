"""The repository of users."""

from typing import Protocol
from uuid import UUID

from attrs import frozen

from strongroom.domain.accounts.user import User, UserStatus

from ..creation import new_entity
from ..repository import Creating, Repository


@frozen(kw_only=True)
class CreateUser:
    """The fields of a new user."""

    email: str | None = None
    display_name: str | None = None
    base_currency: str = "USD"
    status: UserStatus = UserStatus.ACTIVE


class UserRepository(Repository[User, UUID], Creating, Protocol):
    """Users, by id."""

    async def create(self, command: CreateUser) -> User:
        """Add a new user. Raises AlreadyExists if the e-mail address is taken, in any case."""
        return await self.add(new_entity(User, command, id=self.next_id(), now=self.now()))

    async def find_by_email(self, email: str) -> User | None:
        """Return the user with the e-mail address, or None; the case of ASCII letters does not count."""
        ...
