"""Users in memory."""

from uuid import UUID

from strongroom.adapters.mapping.user import EMAIL, USER, lower_ascii
from strongroom.domain.accounts.user import User
from strongroom.ports.repositories.user import UserRepository

from .repository import MemoryRepository


class MemoryUserRepository(MemoryRepository[User, UUID], UserRepository):
    """Users, by id."""

    table = USER

    async def find_by_email(self, email: str) -> User | None:
        """Return the user with the e-mail address, or None."""
        wanted = lower_ascii(USER.checked_value(USER.column("email"), email))
        view = await self._session.view(
            USER, lambda: lambda row: row.email is not None and lower_ascii(row.email) == wanted
        )
        key = view.key_of_unique(USER.uniques.index(EMAIL), wanted)
        return None if key is None else view.get(key)
