"""What payments of a subscription were for."""

from datetime import timedelta
from decimal import Decimal
from typing import Final

from ..values import usd
from .subscription import Subscription
from .subscription_periods import period_of
from .subscription_plan import SubscriptionPlan
from .subscription_transaction import PaymentStatus, SubscriptionTransaction

MADE: Final = frozenset({PaymentStatus.PENDING, PaymentStatus.CONFIRMED})
"""The states of payments that count as made."""
_INSTANT: Final = timedelta(microseconds=1)


def paid_for_period(
    subscription: Subscription, plan: SubscriptionPlan, newest: SubscriptionTransaction | None
) -> Decimal:
    """Return what counts as paid for all of the current period, in USD, given the newest payment: for ``proration``.

    - A payment of the plan's list price paid for the period, less its discount.
    - Any other, or one for a period of another length, was for something else: the plan was changed within the period,
      and settled then at the new plan's list price, which counts for as much time as the period has.
    - Without a payment, or after one that failed or was refunded, nothing was paid.
    """
    if newest is None or newest.status not in MADE:
        return usd.ZERO
    list_price = usd.to_cents(plan.price_usd)
    length = subscription.current_period_end - subscription.current_period_start
    if newest.list_price_usd == list_price and length == period_of(plan):
        return newest.paid_usd
    return usd.proportion(list_price, length // _INSTANT, period_of(plan) // _INSTANT)
