"""Users in PostgreSQL."""

from typing import Final
from uuid import UUID

from strongroom.adapters.mapping.user import USER
from strongroom.domain.accounts.user import User
from strongroom.ports.repositories.user import UserRepository

from .repository import PostgresRepository
from .sql import EQ, table_statements

BY_EMAIL: Final = f"""
    SELECT {table_statements(USER).columns} FROM {USER.sql_name}
    WHERE email IS NOT NULL
        AND pg_catalog.lower(email COLLATE pg_catalog."C") {EQ} pg_catalog.lower($1 COLLATE pg_catalog."C")
"""


class PostgresUserRepository(PostgresRepository[User, UUID], UserRepository):
    """Users, by id."""

    table = USER

    async def find_by_email(self, email: str) -> User | None:
        """Return the user with the e-mail address, or None."""
        wanted = USER.checked_value(USER.column("email"), email)
        found = await self._read(BY_EMAIL, [wanted])
        return found[0] if found else None
