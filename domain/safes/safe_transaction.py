"""The transactions of Safes."""

from datetime import datetime
from enum import Enum
from uuid import UUID

from attrs import frozen

from ..values.fields import Count64, EvmAddress, Hash32, Uint256, checked
from .safe_module_permission import CallOperation


class SafeTxStatus(Enum):
    """How far a Safe's transaction has come."""

    PROPOSED = "proposed"
    EXECUTABLE = "executable"
    EXECUTED = "executed"
    FAILED = "failed"
    REPLACED = "replaced"
    CANCELLED = "cancelled"


@frozen(kw_only=True, field_transformer=checked)
class SafeTransaction:
    """A transaction that was proposed to a Safe's owners, with the EIP-712 hash that they sign.

    ``safe_tx_gas``, ``base_gas``, ``gas_price``, ``gas_token`` and ``refund_receiver`` are what the hash holds beside
    the call; all are None for one that was stored before they were, whose hash nobody has checked. ``executed_at`` and
    ``eth_transaction_hash`` are those of the chain's transaction that executed it, or tried to and failed.
    """

    id: UUID
    safe_id: UUID
    safe_tx_hash: Hash32
    nonce: Count64
    to_address: EvmAddress
    value_wei: Uint256
    data: bytes
    operation: CallOperation = CallOperation.CALL
    status: SafeTxStatus = SafeTxStatus.PROPOSED
    proposer_address: EvmAddress
    proposed_at: datetime
    executed_at: datetime | None = None
    eth_transaction_hash: Hash32 | None = None
    base_gas: Uint256 | None = None
    gas_price: Uint256 | None = None
    gas_token: EvmAddress | None = None
    refund_receiver: EvmAddress | None = None
    safe_tx_gas: Uint256 | None = None
