"""The repository of Safes' owners."""

from typing import Protocol
from uuid import UUID

from strongroom.domain.safes.safe_owner import SafeOwner

from ..repository import Repository


class SafeOwnerRepository(Repository[SafeOwner, tuple[UUID, str]], Protocol):
    """Safes' owners, by Safe and owner's address."""
