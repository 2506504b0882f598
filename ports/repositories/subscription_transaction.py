"""The repository of subscriptions' payments."""

from datetime import datetime
from typing import Protocol
from uuid import UUID

from strongroom.domain.transactions.subscription_transaction import PaymentStatus, SubscriptionTransaction

from ..criteria import Criteria, Cursor, asc, desc, eq, le
from ..repository import Creating, Repository
from ..results import Page

BY_SUBSCRIPTION = Criteria(where=(eq("subscription_id"),), order=(desc("at"), desc("id")))
BY_DISCOUNT = Criteria(where=(eq("discount_id"),), order=(asc("at"),))
BY_STATUS_UNTIL = Criteria(where=(eq("status"), le("at")), order=(asc("at"),))
BY_HASH = Criteria(where=(eq("chain_id"), eq("transaction_hash")))


class SubscriptionTransactionRepository(Repository[SubscriptionTransaction, UUID], Creating, Protocol):
    """Subscriptions' payments, by id; ``subscribe``, ``renew``, ``change_plan`` make them; see ``settle_payment``."""

    async def find_by_subscription(
        self, subscription_id: UUID, *, limit: int | None = None
    ) -> list[SubscriptionTransaction]:
        """Return the payments for a subscription, failed and refunded ones too, the newest first."""
        return await self.find(BY_SUBSCRIPTION, subscription_id, limit=limit)

    async def page_by_subscription(
        self, subscription_id: UUID, *, limit: int = 50, after: Cursor | None = None
    ) -> Page[SubscriptionTransaction]:
        """Return a page of the payments for a subscription, the newest first; a cursor is (at, id) of a payment."""
        return await self.page(BY_SUBSCRIPTION, subscription_id, limit=limit, after=after)

    async def find_by_discount(self, discount_id: UUID, *, limit: int | None = None) -> list[SubscriptionTransaction]:
        """Return the payments that had a discount, the oldest first."""
        return await self.find(BY_DISCOUNT, discount_id, limit=limit)

    async def page_pending(
        self, until: datetime, *, limit: int = 100, after: Cursor | None = None
    ) -> Page[SubscriptionTransaction]:
        """Return a page of the pending payments up to and at a time, the oldest first: those to settle.

        A cursor is (at, id) of a payment.
        """
        return await self.page(BY_STATUS_UNTIL, PaymentStatus.PENDING, until, limit=limit, after=after)

    async def find_by_hash(self, chain_id: int, transaction_hash: str) -> SubscriptionTransaction | None:
        """Return the payment that a transaction of a chain made, or None."""
        return await self.find_one(BY_HASH, chain_id, transaction_hash)
