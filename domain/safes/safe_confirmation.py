"""The owners' signatures under a Safe's transactions."""

from datetime import datetime
from enum import Enum
from uuid import UUID

from attrs import frozen

from ..values.fields import EvmAddress, checked


class SignatureType(Enum):
    """How an owner signed: the cases of checkNSignatures in the Safe contract."""

    EOA = "eoa"
    ETH_SIGN = "eth_sign"
    CONTRACT = "contract"
    APPROVED_HASH = "approved_hash"


@frozen(kw_only=True, field_transformer=checked)
class SafeConfirmation:
    """An owner's signature under a transaction of a Safe."""

    safe_transaction_id: UUID
    owner_address: EvmAddress
    signature: bytes
    signature_type: SignatureType
    confirmed_at: datetime
