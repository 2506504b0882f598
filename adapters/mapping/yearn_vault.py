"""The table of Yearn vaults."""

from strongroom.domain.protocols.yearn_vault import YearnVault
from strongroom.ports.repositories.yearn_vault import YearnVaultRepository

from .coin import COIN
from .declaration import declare
from .pool import POOL
from .table import OnDelete

YEARN_VAULT = declare(
    YearnVault,
    "yearn_vault",
    repository=YearnVaultRepository,
    key=("pool_id",),
    references={
        "pool_id": (POOL, OnDelete.CASCADE),
        "asset_id": (COIN, OnDelete.RESTRICT),
    },
    indexes=(("asset_id",),),
)
