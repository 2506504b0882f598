"""The repository of Safes."""

from typing import Protocol
from uuid import UUID

from strongroom.domain.safes.safe_account import SafeAccount

from ..repository import Repository


class SafeAccountRepository(Repository[SafeAccount, UUID], Protocol):
    """Safes, by id."""
