"""The repository of Safes' modules."""

from typing import Protocol
from uuid import UUID

from strongroom.domain.safes.safe_module import SafeModule

from ..repository import Repository


class SafeModuleRepository(Repository[SafeModule, UUID], Protocol):
    """Safes' modules, by id."""
