"""The table of block headers."""

from strongroom.domain.transactions.block_header import BlockHeader
from strongroom.ports.repositories.block_header import BlockHeaderRepository

from .chain import CHAIN
from .declaration import declare
from .table import OnDelete

BLOCK_HEADER = declare(
    BlockHeader,
    "block_header",
    repository=BlockHeaderRepository,
    key=("chain_id", "number"),
    uniques=(("chain_id", "hash"),),
    references={"chain_id": (CHAIN, OnDelete.RESTRICT)},
)
