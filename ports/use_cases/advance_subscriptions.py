"""Moves subscriptions on whose current period has ended: past due, then expired; or cancelled."""

from collections import Counter
from collections.abc import Mapping
from datetime import datetime, timedelta
from uuid import UUID

from strongroom.domain.transactions.subscription import SubscriptionStatus
from strongroom.domain.transactions.subscription_periods import advance_status

from ..criteria import Cursor
from ..errors import NotFound
from ..storage import Transaction, UnitOfWork


async def advance_subscriptions(
    storage: UnitOfWork, *, grace: timedelta, batch: int = 100
) -> Mapping[SubscriptionStatus, int]:
    """Store every live subscription whose period has ended by now as what it is; count those changed by their states.

    Each is changed by itself, so that those before stay changed when one fails. Doing it again changes nothing, and a
    renewal meanwhile is kept. Raises ValueError for a batch below 1.
    """
    now = storage.subscriptions.now()
    changed: Counter[SubscriptionStatus] = Counter()
    after: Cursor | None = None
    while True:
        page = await storage.subscriptions.page_ending_by(now, limit=batch, after=after)
        for subscription in page.items:
            if status := await _advance(storage, subscription.id, now, grace):
                changed[status] += 1
        after = page.next
        if after is None:
            return changed


async def _advance(
    storage: UnitOfWork, subscription_id: UUID, now: datetime, grace: timedelta
) -> SubscriptionStatus | None:
    """Store a subscription's state at a time and return it; None if nothing changes or the subscription is gone."""

    async def work(transaction: Transaction) -> SubscriptionStatus | None:
        try:
            before = await transaction.subscriptions.lock(subscription_id)
        except NotFound:
            return None
        after = advance_status(before, now, grace=grace)
        if after == before:
            return None
        return (await transaction.subscriptions.update(after)).status

    return await storage.run(work)
