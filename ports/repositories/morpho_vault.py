"""The repository of states of Morpho vaults."""

from typing import Protocol
from uuid import UUID

from strongroom.domain.protocols.morpho_vault import MorphoVault

from ..criteria import Criteria, eq
from ..repository import Repository

BY_ASSET = Criteria(where=(eq("asset_id"),))


class MorphoVaultRepository(Repository[MorphoVault, UUID], Protocol):
    """States of Morpho vaults, by pool."""

    async def find_by_asset(self, asset_id: UUID, *, limit: int | None = None) -> list[MorphoVault]:
        """Return the states of the vaults of a coin, by pool."""
        return await self.find(BY_ASSET, asset_id, limit=limit)
