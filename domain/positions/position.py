"""What a user holds in a pool."""

from datetime import datetime
from decimal import Decimal
from enum import Enum
from uuid import UUID

from attrs import frozen

from ..values.fields import Count32, NonNegativeUsd, Uint256, Usd, checked


class PositionStatus(Enum):
    """Whether a position is held."""

    ACTIVE = "active"
    CLOSED = "closed"


@frozen(kw_only=True, field_transformer=checked)
class Position:
    """What a user holds in a pool, through one Safe or one wallet.

    ``shares`` are the pool's own units; ``cost_basis_usd`` is what the shares still held cost,
    ``realised_pnl_usd`` what was gained by shares no longer held, ``value_usd`` the value at ``valued_at``.
    """

    id: UUID
    user_id: UUID
    safe_id: UUID | None = None
    wallet_id: UUID | None = None
    pool_id: UUID
    status: PositionStatus = PositionStatus.ACTIVE
    shares: Uint256 = 0
    cost_basis_usd: NonNegativeUsd = Decimal(0)
    realised_pnl_usd: Usd = Decimal(0)
    value_usd: NonNegativeUsd = Decimal(0)
    valued_at: datetime | None = None
    opened_at: datetime
    closed_at: datetime | None = None
    created_at: datetime
    updated_at: datetime
    version: Count32 = 1
