"""The repository of states of Morpho vaults."""

from typing import Protocol
from uuid import UUID

from strongroom.domain.protocols.morpho_vault import MorphoVault

from ..repository import Repository


class MorphoVaultRepository(Repository[MorphoVault, UUID], Protocol):
    """States of Morpho vaults, by pool."""
