"""The repository of states of Yearn vaults."""

from typing import Protocol
from uuid import UUID

from strongroom.domain.protocols.yearn_vault import YearnVault

from ..criteria import Criteria, eq
from ..repository import Repository

BY_ASSET = Criteria(where=(eq("asset_id"),))


class YearnVaultRepository(Repository[YearnVault, UUID], Protocol):
    """States of Yearn vaults, by pool."""

    async def find_by_asset(self, asset_id: UUID, *, limit: int | None = None) -> list[YearnVault]:
        """Return the states of the vaults of a coin, by pool."""
        return await self.find(BY_ASSET, asset_id, limit=limit)
