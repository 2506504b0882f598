"""The table of indexers' checkpoints."""

from strongroom.domain.transactions.indexer_checkpoint import IndexerCheckpoint
from strongroom.ports.repositories.indexer_checkpoint import IndexerCheckpointRepository

from .chain import CHAIN
from .declaration import declare
from .table import OnDelete

INDEXER_CHECKPOINT = declare(
    IndexerCheckpoint,
    "indexer_checkpoint",
    repository=IndexerCheckpointRepository,
    key=("chain_id", "stream"),
    references={"chain_id": (CHAIN, OnDelete.CASCADE)},
)
