"""The repository of delegates."""

from typing import Protocol
from uuid import UUID

from strongroom.domain.safes.safe_delegate import SafeDelegate

from ..repository import Repository


class SafeDelegateRepository(Repository[SafeDelegate, UUID], Protocol):
    """Delegates, by id."""
