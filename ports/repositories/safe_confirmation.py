"""The repository of owners' confirmations."""

from typing import Protocol
from uuid import UUID

from strongroom.domain.safes.safe_confirmation import SafeConfirmation

from ..repository import Repository


class SafeConfirmationRepository(Repository[SafeConfirmation, tuple[UUID, str]], Protocol):
    """Owners' confirmations, by transaction and owner's address."""
