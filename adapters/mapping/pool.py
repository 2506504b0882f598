"""The table of pools."""

from strongroom.domain.positions.pool import Pool
from strongroom.ports.repositories.pool import PoolRepository

from .chain import CHAIN
from .declaration import declare
from .protocol import PROTOCOL
from .table import OnDelete

POOL = declare(
    Pool,
    "nmt_pool",
    repository=PoolRepository,
    uniques=(("chain_id", "address", "kind"),),
    references={
        "chain_id": (CHAIN, OnDelete.RESTRICT),
        "protocol_id": (PROTOCOL, OnDelete.RESTRICT),
    },
    indexes=(
        ("chain_id", "tvl_usd"),
        ("protocol_id", "tvl_usd"),
        ("chain_id", "apy"),
        ("protocol_id", "apy"),
        ("apy",),
    ),
)
