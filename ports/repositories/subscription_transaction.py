"""The repository of subscriptions' payments."""

from typing import Protocol
from uuid import UUID

from strongroom.domain.transactions.subscription_transaction import SubscriptionTransaction

from ..repository import Repository


class SubscriptionTransactionRepository(Repository[SubscriptionTransaction, UUID], Protocol):
    """Subscriptions' payments, by id."""
