"""The repository of states of Yearn vaults."""

from typing import Protocol
from uuid import UUID

from strongroom.domain.protocols.yearn_vault import YearnVault

from ..repository import Repository


class YearnVaultRepository(Repository[YearnVault, UUID], Protocol):
    """States of Yearn vaults, by pool."""
