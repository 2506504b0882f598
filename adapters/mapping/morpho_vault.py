"""The table of Morpho vaults."""

from strongroom.domain.protocols.morpho_vault import MorphoVault
from strongroom.ports.repositories.morpho_vault import MorphoVaultRepository

from .coin import COIN
from .declaration import declare
from .pool import POOL
from .table import OnDelete

MORPHO_VAULT = declare(
    MorphoVault,
    "morpho_vault",
    repository=MorphoVaultRepository,
    key=("pool_id",),
    references={
        "pool_id": (POOL, OnDelete.CASCADE),
        "asset_id": (COIN, OnDelete.RESTRICT),
    },
    indexes=(("asset_id",),),
)
