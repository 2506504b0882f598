"""The transactions of EVM chains."""

from datetime import datetime
from enum import Enum

from attrs import frozen

from ..values.fields import Count16, Count32, Count64, EvmAddress, Hash32, Uint256, checked


class TxStatus(Enum):
    """How a transaction ended."""

    SUCCESS = "success"
    REVERTED = "reverted"


@frozen(kw_only=True, field_transformer=checked)
class EthTransaction:
    """A transaction of an EVM chain with its receipt; amounts are in wei, ``type`` is that of EIP-2718.

    ``to_address`` is None and ``contract_address`` given where a contract was created; ``status`` is None
    before Byzantium, whose receipts do not tell.
    """

    chain_id: Count64
    hash: Hash32
    block_number: Count64
    block_hash: Hash32
    transaction_index: Count32
    from_address: EvmAddress
    to_address: EvmAddress | None = None
    value_wei: Uint256
    gas_used: Count64
    effective_gas_price: Uint256
    nonce: Count64
    type: Count16
    contract_address: EvmAddress | None = None
    input: bytes
    status: TxStatus | None = None
    at: datetime
