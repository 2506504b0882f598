"""The table of block headers."""

from strongroom.domain.transactions.block_header import BlockHeader

from .enums import ENUMS
from .table import OnDelete, Owner, declare, foreign_key

BLOCK_HEADER = declare(
    BlockHeader,
    "block_header",
    repository="block_headers",
    owner=Owner.BACKEND,
    enums=ENUMS,
    key=("chain_id", "number"),
    uniques=(("chain_id", "hash"),),
    foreign_keys=(foreign_key("block_header", "chain_id", "chain", OnDelete.RESTRICT),),
)
