"""The repository of subscriptions."""

from typing import Protocol
from uuid import UUID

from strongroom.domain.transactions.subscription import Subscription

from ..repository import Repository


class SubscriptionRepository(Repository[Subscription, UUID], Protocol):
    """Subscriptions, by id."""
