"""The pools and vaults that positions are held in."""

from datetime import datetime
from enum import Enum
from uuid import UUID

from attrs import frozen

from ..values.fields import ChainAddress, Count32, Count64, NonNegativeUsd, Rate, checked


class PoolKind(Enum):
    """The contracts that a pool may be."""

    UNISWAP_V2 = "uniswap_v2"
    UNISWAP_V3 = "uniswap_v3"
    YEARN = "yearn"
    MORPHO = "morpho"
    LENDING = "lending"
    STAKING = "staking"


@frozen(kw_only=True, field_transformer=checked)
class Pool:
    """A pool or vault of a protocol on a chain.

    The yields are fractions a year (0.05 is 5 %) and may be negative; ``apy`` is the whole of base and
    reward. ``indexed_block`` is the last block that was read for this pool, 0 before the first.
    """

    id: UUID
    chain_id: Count64
    protocol_id: UUID
    address: ChainAddress
    name: str
    kind: PoolKind
    external_id: str | None = None
    apy: Rate | None = None
    apy_base: Rate | None = None
    apy_reward: Rate | None = None
    tvl_usd: NonNegativeUsd
    is_active: bool = True
    indexed_block: Count64 = 0
    created_at: datetime
    updated_at: datetime
    version: Count32 = 1
