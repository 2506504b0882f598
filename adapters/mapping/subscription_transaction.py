"""The table of subscriptions' payments."""

from strongroom.domain.transactions.subscription_transaction import SubscriptionTransaction
from strongroom.domain.values.usd import rounded, subtract

from .enums import ENUMS
from .table import Check, OnDelete, Owner, declare, foreign_key


def _paid_is_the_difference(payment: SubscriptionTransaction) -> bool:
    return rounded(payment.paid_usd) == subtract(rounded(payment.list_price_usd), rounded(payment.discount_usd))


SUBSCRIPTION_TRANSACTION = declare(
    SubscriptionTransaction,
    "subscription_transaction",
    repository="subscription_transactions",
    owner=Owner.BACKEND,
    enums=ENUMS,
    uniques=(("chain_id", "transaction_hash"),),
    foreign_keys=(
        foreign_key("subscription_transaction", "subscription_id", "subscription", OnDelete.RESTRICT),
        foreign_key("subscription_transaction", "discount_id", "safe_discount", OnDelete.SET_NULL),
        foreign_key("subscription_transaction", "coin_id", "coin", OnDelete.RESTRICT),
        foreign_key("subscription_transaction", "chain_id", "chain", OnDelete.RESTRICT),
    ),
    checks=(
        Check(
            "subscription_transaction_payment_check",
            "paid_usd = list_price_usd - discount_usd",
            _paid_is_the_difference,
        ),
    ),
    indexes=(
        ("subscription_id", "at"),
        ("discount_id",),
        ("coin_id",),
    ),
)
