"""The table of subscriptions' payments."""

from strongroom.domain.transactions.subscription_transaction import SubscriptionTransaction
from strongroom.domain.values.usd import rounded, subtract
from strongroom.ports.repositories.subscription_transaction import SubscriptionTransactionRepository

from .chain import CHAIN
from .coin import COIN
from .declaration import declare
from .safe_discount import SAFE_DISCOUNT
from .subscription import SUBSCRIPTION
from .table import Check, OnDelete


def _paid_is_the_difference(payment: SubscriptionTransaction) -> bool:
    return rounded(payment.paid_usd) == subtract(rounded(payment.list_price_usd), rounded(payment.discount_usd))


def _is_for_a_period_or_none(payment: SubscriptionTransaction) -> bool | None:
    start, end = payment.period_start, payment.period_end
    if start is None and end is None:
        return True
    return None if start is None or end is None else end > start


SUBSCRIPTION_TRANSACTION = declare(
    SubscriptionTransaction,
    "subscription_transaction",
    repository=SubscriptionTransactionRepository,
    uniques=(("chain_id", "transaction_hash"),),
    references={
        "subscription_id": (SUBSCRIPTION, OnDelete.RESTRICT),
        "discount_id": (SAFE_DISCOUNT, OnDelete.SET_NULL),
        "coin_id": (COIN, OnDelete.RESTRICT),
        "chain_id": (CHAIN, OnDelete.RESTRICT),
    },
    checks=(
        Check(
            "subscription_transaction_payment_check",
            "paid_usd = list_price_usd - discount_usd",
            _paid_is_the_difference,
        ),
        Check(
            "subscription_transaction_period_check",
            "num_nonnulls(period_start, period_end) = 0 OR period_end > period_start",
            _is_for_a_period_or_none,
        ),
    ),
    indexes=(
        ("subscription_id", "at"),
        ("discount_id",),
        ("coin_id",),
        ("status", "at"),
    ),
)
