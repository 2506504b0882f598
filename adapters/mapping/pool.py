"""The table of pools."""

from strongroom.domain.positions.pool import Pool

from .enums import ENUMS
from .table import OnDelete, Owner, declare, foreign_key

POOL = declare(
    Pool,
    "nmt_pool",
    repository="pools",
    owner=Owner.BACKEND,
    enums=ENUMS,
    uniques=(("chain_id", "address", "kind"),),
    foreign_keys=(
        foreign_key("nmt_pool", "chain_id", "chain", OnDelete.RESTRICT),
        foreign_key("nmt_pool", "protocol_id", "protocol", OnDelete.RESTRICT),
    ),
    indexes=(
        ("chain_id", "tvl_usd"),
        ("protocol_id", "tvl_usd"),
        ("chain_id", "apy"),
        ("protocol_id", "apy"),
        ("apy",),
    ),
)
