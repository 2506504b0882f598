"""How far chains were read."""

from datetime import datetime

from attrs import frozen

from ..values.fields import Count32, Count64, Hash32, checked


@frozen(kw_only=True, field_transformer=checked)
class IndexerCheckpoint:
    """The last block of a chain that a stream (one reader's name) has written whole."""

    chain_id: Count64
    stream: str
    block_number: Count64
    block_hash: Hash32
    updated_at: datetime
    version: Count32 = 1
