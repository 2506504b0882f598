"""What was put into positions and taken out of them."""

from datetime import datetime
from enum import Enum
from uuid import UUID

from attrs import frozen

from ..values.fields import (
    Count32,
    Count64,
    Hash32,
    NonNegativeUsd,
    PositiveUint256,
    SignedAmount,
    checked,
)


class FlowKind(Enum):
    """What a flow does to a position."""

    DEPOSIT = "deposit"
    WITHDRAWAL = "withdrawal"
    FEE = "fee"
    REBASE = "rebase"


@frozen(kw_only=True, field_transformer=checked)
class PositionFlow:
    """A coin that went into a position or came out of it; a flow never changes once it is recorded.

    A rebase changes the shares of a holder without a transfer, as the token's contract says (stETH, aTokens): nothing
    is paid, and ``amount_usd`` does not count.

    ``amount`` is in the coin's raw units and unsigned, ``amount_usd`` its value at the time,
    ``shares_delta`` the signed change of the position's shares. ``chain_id``, ``transaction_hash`` and
    ``log_index`` say where it happened on a chain, or are all None.
    """

    id: UUID
    position_id: UUID
    kind: FlowKind
    coin_id: UUID
    amount: PositiveUint256
    amount_usd: NonNegativeUsd
    shares_delta: SignedAmount
    chain_id: Count64 | None = None
    transaction_hash: Hash32 | None = None
    log_index: Count32 | None = None
    at: datetime
    created_at: datetime
