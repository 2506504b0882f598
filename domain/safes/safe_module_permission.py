"""What modules of Safes may do."""

from datetime import datetime
from enum import Enum
from uuid import UUID

from attrs import frozen

from ..values.fields import EvmAddress, PositiveCount32, Selector, Uint256, checked


class CallOperation(Enum):
    """How a Safe makes a call: Enum.Operation of the Safe contracts."""

    CALL = "call"
    DELEGATECALL = "delegatecall"


@frozen(kw_only=True, field_transformer=checked)
class SafeModulePermission:
    """A permission of a module to call one target, from ``valid_from`` until just before ``valid_until``.

    ``selector`` None is any function. The limits, in wei and in the token's raw units, hold for each call, and
    with ``period_seconds`` for all calls of any period of that length together. Without both ``token_address``
    and ``max_token_amount`` no tokens may move.
    """

    id: UUID
    module_id: UUID
    target_address: EvmAddress
    selector: Selector | None = None
    token_address: EvmAddress | None = None
    max_value_wei: Uint256
    max_token_amount: Uint256 | None = None
    period_seconds: PositiveCount32 | None = None
    operation: CallOperation = CallOperation.CALL
    valid_from: datetime
    valid_until: datetime | None = None
    created_at: datetime
