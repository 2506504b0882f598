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

    ``executed_at`` and ``eth_transaction_hash`` are those of the chain's transaction that executed it, or
    tried to and failed.
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
