"""The table of Morpho vaults."""

from strongroom.domain.protocols.morpho_vault import MorphoVault

from .enums import ENUMS
from .table import OnDelete, Owner, declare, foreign_key

MORPHO_VAULT = declare(
    MorphoVault,
    "morpho_vault",
    repository="morpho_vaults",
    owner=Owner.BACKEND,
    enums=ENUMS,
    key=("pool_id",),
    foreign_keys=(
        foreign_key("morpho_vault", "pool_id", "nmt_pool", OnDelete.CASCADE),
        foreign_key("morpho_vault", "asset_id", "coin", OnDelete.RESTRICT),
    ),
    indexes=(("asset_id",),),
)
