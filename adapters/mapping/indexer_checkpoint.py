"""The table of indexers' checkpoints."""

from strongroom.domain.transactions.indexer_checkpoint import IndexerCheckpoint

from .enums import ENUMS
from .table import OnDelete, Owner, declare, foreign_key

INDEXER_CHECKPOINT = declare(
    IndexerCheckpoint,
    "indexer_checkpoint",
    repository="indexer_checkpoints",
    owner=Owner.BACKEND,
    enums=ENUMS,
    key=("chain_id", "stream"),
    foreign_keys=(foreign_key("indexer_checkpoint", "chain_id", "chain", OnDelete.CASCADE),),
)
