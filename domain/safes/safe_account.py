"""The smart wallets of users."""

from datetime import datetime
from uuid import UUID

from attrs import frozen

from ..values.fields import Count32, Count64, EvmAddress, PositiveCount32, checked


@frozen(kw_only=True, field_transformer=checked)
class SafeAccount:
    """A Safe on a chain: a contract that acts when ``threshold`` of its owners have confirmed.

    ``nonce`` is that of the next transaction to be executed; ``deployed_at`` is None before the contract exists.
    """

    id: UUID
    user_id: UUID
    chain_id: Count64
    address: EvmAddress
    threshold: PositiveCount32
    nonce: Count64 = 0
    singleton_address: EvmAddress
    fallback_handler: EvmAddress | None = None
    guard: EvmAddress | None = None
    contract_version: str
    deployed_at: datetime | None = None
    created_at: datetime
    updated_at: datetime
    version: Count32 = 1
