"""The blocks that were read."""

from datetime import datetime

from attrs import frozen

from ..values.fields import Count64, Hash32, checked


@frozen(kw_only=True, field_transformer=checked)
class BlockHeader:
    """A block of a chain as it was read; ``parent_hash`` shows a reorganisation."""

    chain_id: Count64
    number: Count64
    hash: Hash32
    parent_hash: Hash32
    at: datetime
