"""The table of users."""

from string import ascii_lowercase, ascii_uppercase
from typing import Final

from strongroom.domain.accounts.user import User
from strongroom.ports.repositories.user import UserRepository

from .declaration import declare
from .table import Owner, Unique

_LOWER_CASE: Final = str.maketrans(ascii_uppercase, ascii_lowercase)


def lower_ascii(email: str) -> str:
    """Lower the case of ASCII letters alone, as ``lower_ascii`` does under the collation "C"."""
    return email.translate(_LOWER_CASE)


EMAIL: Final = Unique(
    "user_email_key",
    ("email",),
    where="email IS NOT NULL",
    applies=lambda user: user.email is not None,
    expression='lower(email COLLATE "C")',
    transform=lower_ascii,
)
"""The key of e-mail addresses."""

USER = declare(
    User,
    "user",
    repository=UserRepository,
    owner=Owner.FRONTEND,
    uniques=(EMAIL,),
    defaults={"created_at": "CURRENT_TIMESTAMP"},
    memory="strongroom.adapters.memory.user:MemoryUserRepository",
    postgres="strongroom.adapters.postgres.user:PostgresUserRepository",
)
