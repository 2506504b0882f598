"""The payments for subscriptions."""

from datetime import datetime
from enum import Enum
from uuid import UUID

from attrs import frozen

from ..values.fields import Count64, Hash32, NonNegativeUsd, Uint256, checked


class PaymentStatus(Enum):
    """How far a payment has come."""

    PENDING = "pending"
    CONFIRMED = "confirmed"
    FAILED = "failed"
    REFUNDED = "refunded"


@frozen(kw_only=True, field_transformer=checked)
class SubscriptionTransaction:
    """A payment for a subscription: ``amount`` raw units of a coin, worth the list price less the discount in USD.

    It was for the time from ``period_start`` until just before ``period_end``; both are None for payments that were
    recorded before these were stored.
    """

    id: UUID
    subscription_id: UUID
    discount_id: UUID | None = None
    list_price_usd: NonNegativeUsd
    discount_usd: NonNegativeUsd
    paid_usd: NonNegativeUsd
    coin_id: UUID
    amount: Uint256
    chain_id: Count64
    transaction_hash: Hash32
    status: PaymentStatus = PaymentStatus.PENDING
    at: datetime
    period_start: datetime | None = None
    period_end: datetime | None = None
