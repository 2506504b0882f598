"""The exchanges of one coin for another."""

from datetime import datetime
from uuid import UUID

from attrs import frozen

from ..values.fields import Count32, Count64, EvmAddress, Hash32, NonNegativeUsd, PositiveUint256, checked


@frozen(kw_only=True, field_transformer=checked)
class Swap:
    """An exchange of one coin for another in a transaction's log, amounts in raw units.

    ``user_id`` and ``pool_id`` are None where the trader or the pool is not known here.
    """

    id: UUID
    user_id: UUID | None = None
    chain_id: Count64
    transaction_hash: Hash32
    log_index: Count32
    pool_id: UUID | None = None
    coin_in_id: UUID
    coin_out_id: UUID
    amount_in: PositiveUint256
    amount_out: PositiveUint256
    value_usd: NonNegativeUsd | None = None
    trader_address: EvmAddress
    block_number: Count64
    block_hash: Hash32
    at: datetime
