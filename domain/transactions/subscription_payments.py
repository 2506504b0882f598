"""What payments of a subscription were for: the time that they bought, and what is credited for the rest of it."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Final

from attrs import evolve

from ..values import usd
from ..values.field_types import DECIMAL_CONTEXT
from ..values.instants import utc_times
from .billing_calendar import period_start
from .subscription import Subscription, SubscriptionStatus
from .subscription_periods import LIVE, advance_status, next_period_end, period_of
from .subscription_plan import SubscriptionPlan
from .subscription_transaction import PaymentStatus, SubscriptionTransaction

COUNTED_STATUSES: Final = frozenset({PaymentStatus.PENDING, PaymentStatus.CONFIRMED})
"""The states of payments that count as made."""
_MICROSECOND: Final = timedelta(microseconds=1)


def amount_paid_for_period(
    subscription: Subscription, plan: SubscriptionPlan, payments: Sequence[SubscriptionTransaction]
) -> Decimal:
    """Return what counts as paid for all of the current period, in USD, given all payments, the newest first.

    For ``proration``. What failed or was refunded paid for nothing, and its time is taken back (``revoke_time``).

    - The newest payment that was made paid for the period, less its discount, also where the plan has become dearer
      since; but never for more than the plan lists now for so much time, where it was changed to a cheaper one.
    - Where the plan was changed for a payment since the period has begun, made or not, what is left of the period is
      worth what the plan lists.
    - Without a payment that was made nothing was paid.
    """
    place = next((place for place, payment in enumerate(payments) if payment.status in COUNTED_STATUSES), None)
    if place is None:
        return usd.ZERO
    length = subscription.current_period_end - subscription.current_period_start
    listed = usd.proportion(
        usd.to_cents(plan.price_usd), length // _MICROSECOND, period_of(plan, subscription) // _MICROSECOND
    )
    first = payments[-1]
    for payment in payments[: place + 1]:
        begins = payment is first and payment.at == subscription.current_period_start
        is_renewal = begins or (
            payment.list_price_usd == usd.to_cents(plan.price_usd) and length == period_of(plan, subscription)
        )
        if payment.at >= subscription.current_period_start and not is_renewal:
            return listed
    return min(payments[place].paid_usd, listed)


def purchased_time(subscription: Subscription, plan: SubscriptionPlan, payment: SubscriptionTransaction) -> timedelta:
    """Return the time of a plan that a payment's list price buys, to the microsecond below: at most a period.

    A month is as long as the subscription's last one: of a payment for a whole month all of it is meant.
    """
    start = period_start(
        plan, subscription.current_period_end, anchor_at=subscription.anchor_at, time_zone=subscription.time_zone
    )
    price, whole = usd.to_cents(plan.price_usd), subscription.current_period_end - start
    if not price:
        return timedelta(0)
    bought = DECIMAL_CONTEXT.divide(
        DECIMAL_CONTEXT.multiply(payment.list_price_usd, Decimal(whole // _MICROSECOND)), price
    )
    return whole if bought >= whole // _MICROSECOND else int(bought) * _MICROSECOND


@utc_times
def revoke_time(
    subscription: Subscription,
    plan: SubscriptionPlan,
    payment: SubscriptionTransaction,
    *,
    at: datetime,
    grace: timedelta,
) -> Subscription:
    """Return a subscription without the time that a payment bought which has failed, or was refunded.

    It is paid for so much less: past due where that has ended, for the length of the grace, and then expired; one that
    was cancelled ends where its time does, now at the earliest. What was paid early is taken back from its end; where
    that was paid within a trial, the trial is left. One that has ended stays as it is.
    """
    whole = subscription.current_period_end - subscription.created_at
    bought = min(purchased_time(subscription, plan, payment), whole)
    if subscription.status not in LIVE or bought <= timedelta(0):
        return subscription
    end = subscription.current_period_end - bought
    start = subscription.current_period_start
    if end <= start:
        before = end - subscription.created_at
        start = end - _MICROSECOND
        if before > timedelta(0):
            begun = period_start(plan, end, anchor_at=subscription.anchor_at, time_zone=subscription.time_zone)
            start = max(subscription.created_at, begun)
    is_trial = subscription.trial_end is not None and end <= subscription.trial_end
    less = evolve(
        subscription,
        status=SubscriptionStatus.TRIALING if is_trial else subscription.status,
        current_period_start=subscription.created_at if is_trial and end > subscription.created_at else start,
        current_period_end=end,
        cancel_at=None if subscription.cancel_at is None else max(at, end),
    )
    return advance_status(less, at, grace=grace)


@utc_times
def restore_time(
    subscription: Subscription, plan: SubscriptionPlan, payment: SubscriptionTransaction, *, at: datetime
) -> Subscription:
    """Return a subscription with the time again that ``revoke_time`` took for a payment: it may still be made.

    One that has ended stays so.
    """
    bought = purchased_time(subscription, plan, payment)
    if subscription.status not in LIVE or not bought:
        return subscription
    end = subscription.current_period_end + bought
    is_whole = payment.list_price_usd >= usd.to_cents(plan.price_usd)
    if is_whole:
        end = next_period_end(subscription, plan, subscription.current_period_end)
    start = subscription.current_period_end if is_whole else subscription.current_period_start
    return evolve(
        subscription,
        status=SubscriptionStatus.ACTIVE if at < end else subscription.status,
        current_period_start=start,
        current_period_end=end,
        cancel_at=None if subscription.cancel_at is None else max(at, end),
    )
