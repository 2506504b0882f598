"""The table of Yearn vaults."""

from strongroom.domain.protocols.yearn_vault import YearnVault

from .enums import ENUMS
from .table import OnDelete, Owner, declare, foreign_key

YEARN_VAULT = declare(
    YearnVault,
    "yearn_vault",
    repository="yearn_vaults",
    owner=Owner.BACKEND,
    enums=ENUMS,
    key=("pool_id",),
    foreign_keys=(
        foreign_key("yearn_vault", "pool_id", "nmt_pool", OnDelete.CASCADE),
        foreign_key("yearn_vault", "asset_id", "coin", OnDelete.RESTRICT),
    ),
    indexes=(("asset_id",),),
)
