"""The periods of subscriptions: the first, renewals, grace, cancellation at the end, and changes of plan.

The rules follow how billing by the period commonly works (https://docs.stripe.com/billing/subscriptions): a
period is paid in advance and follows the last without a gap, an unpaid one has some days of grace, and a
change of plan within a period is charged for what is left of it.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta
from decimal import Decimal
from enum import Enum
from typing import Final
from uuid import UUID

from attrs import evolve, frozen

from ..errors import InvalidValue
from ..values import usd
from ..values.field_types import DECIMAL_CONTEXT, MAX_TIMESTAMP
from ..values.instants import utc_times
from .billing_calendar import is_boundary, period_end, zone_of
from .errors import NotLive, WrongPlan
from .subscription import Subscription, SubscriptionStatus
from .subscription_plan import SubscriptionPlan

LIVE: Final = frozenset({SubscriptionStatus.TRIALING, SubscriptionStatus.ACTIVE, SubscriptionStatus.PAST_DUE})
"""The states of which a user has at most one subscription."""
_CENT_PLACES: Final = 2
_MICROSECOND: Final = timedelta(microseconds=1)


@frozen
class Proration:
    """What a change of plan costs, in USD to the cent: the rest of the new plan's time less that of the old.

    ``due_usd`` is ``charge_usd`` less ``credit_usd``, exactly; below zero it is owed to the user.
    """

    credit_usd: Decimal
    charge_usd: Decimal
    due_usd: Decimal


class IntervalChange(Enum):
    """What becomes of the current period when the plan is changed."""

    KEEP_END = "keep_end"
    """It ends when it would have ended; the new plan's periods follow then."""
    START_ANEW = "start_anew"
    """The new plan's first period starts at once, and what is left of the old one is credited."""


def period_of(plan: SubscriptionPlan, subscription: Subscription | None = None) -> timedelta:
    """Return the length of a plan's period: of the one that starts with a subscription's current period.

    The subscription may be left out for a plan by days, whose periods are all of one length. Raises InvalidValue beyond
    any calendar, and for a plan by the month without a subscription.
    """
    if plan.period_months is not None:
        if subscription is None:
            reason = "the length of a month depends on when it starts"
            raise InvalidValue("SubscriptionPlan", field="period_months", reason=reason)
        start = subscription.current_period_start
        return next_period_end(subscription, plan, start) - start
    if plan.period_days > timedelta.max.days:
        reason = f"{plan.period_days} days are longer than any period"
        raise InvalidValue("SubscriptionPlan", field="period_days", reason=reason)
    return timedelta(days=plan.period_days)


def next_period_end(subscription: Subscription, plan: SubscriptionPlan, start: datetime) -> datetime:
    """Return when a period of a plan ends that starts at a time, by the subscription's anchor and time zone."""
    return period_end(plan, start, anchor_at=subscription.anchor_at, time_zone=subscription.time_zone)


def live_subscription(subscriptions: Iterable[Subscription], user_id: UUID) -> Subscription | None:
    """Return a user's live subscription, by its stored status, or None; there is never more than one."""
    of_user = (one for one in subscriptions if one.user_id == user_id and one.status in LIVE)
    return next(of_user, None)


@utc_times
def new_subscription(  # noqa: PLR0913 - what a subscription starts with
    subscription_id: UUID,
    user_id: UUID,
    plan: SubscriptionPlan,
    *,
    at: datetime,
    trial: timedelta | None = None,
    time_zone: str = "UTC",
) -> Subscription:
    """Return a new subscription whose first period starts at a time: the plan's, or a trial of so long.

    The first paid period's start is the anchor of all that follow, in the customer's time zone. Raises WrongPlan for a
    plan that is not offered any more, ValueError for a trial of no length, and InvalidValue for a period that ends
    beyond the calendar, and for an unknown time zone.
    """
    zone_of(time_zone)
    _require_offered(subscription_id, plan)
    if trial is not None and trial < _MICROSECOND:
        message = f"a trial of {trial} has no length"
        raise ValueError(message)
    end = period_end(plan, at, time_zone=time_zone) if trial is None else _end(at, trial)
    return Subscription(
        id=subscription_id,
        user_id=user_id,
        plan_id=plan.id,
        status=SubscriptionStatus.ACTIVE if trial is None else SubscriptionStatus.TRIALING,
        current_period_start=at,
        current_period_end=end,
        created_at=at,
        anchor_at=at if trial is None else end,
        time_zone=time_zone,
        trial_end=None if trial is None else end,
    )


@utc_times
def status_at(subscription: Subscription, at: datetime, *, grace: timedelta) -> SubscriptionStatus:
    """Return what a subscription is at a time, if nothing is paid after its current period.

    - Within the period it is what it is: trialing, or active (past due no longer, once renewed).
    - From ``cancel_at`` on it is cancelled, with no grace.
    - From the period's end on it is past due, for the length of the grace, and then expired.

    One that was cancelled or has expired stays so.
    """
    if subscription.status not in LIVE:
        return subscription.status
    if subscription.cancel_at is not None and at >= subscription.cancel_at:
        return SubscriptionStatus.CANCELLED
    if at < subscription.current_period_end:
        trialing = subscription.status is SubscriptionStatus.TRIALING
        return SubscriptionStatus.TRIALING if trialing else SubscriptionStatus.ACTIVE
    if at - subscription.current_period_end < grace:
        return SubscriptionStatus.PAST_DUE
    return SubscriptionStatus.EXPIRED


@utc_times
def advance_status(subscription: Subscription, at: datetime, *, grace: timedelta) -> Subscription:
    """Return the subscription with its status at a time (see ``status_at``); nothing else of it changes."""
    return evolve(subscription, status=status_at(subscription, at, grace=grace))


@utc_times
def renew_subscription(
    subscription: Subscription, plan: SubscriptionPlan, *, at: datetime, grace: timedelta
) -> Subscription:
    """Return the subscription with the next period of its plan paid, and so active.

    The next period starts where the current one ends, whether it is paid before that or in grace: no time is
    given away and none is lost. Raises NotLive once it was cancelled or has expired, or when it is to end with
    the current period, WrongPlan for a plan that is not its own, and InvalidValue beyond the calendar.
    """
    _require_live(subscription, at, grace)
    if subscription.cancel_at is not None and subscription.cancel_at <= subscription.current_period_end:
        raise NotLive(subscription.id, at=subscription.cancel_at)
    _require_own(subscription, plan)
    start = subscription.current_period_end
    return evolve(
        subscription,
        status=SubscriptionStatus.ACTIVE,
        current_period_start=start,
        current_period_end=next_period_end(subscription, plan, start),
    )


@utc_times
def cancel_subscription(subscription: Subscription, *, at: datetime, grace: timedelta) -> Subscription:
    """Return the subscription so that it ends with its current period, which is paid; in grace, at once.

    Cancelling again changes nothing. Raises NotLive once it has ended.
    """
    _require_live(subscription, at, grace)
    if subscription.cancel_at is not None:
        return subscription
    return evolve(subscription, cancel_at=max(at, subscription.current_period_end))


@utc_times
def resume_subscription(subscription: Subscription, *, at: datetime, grace: timedelta) -> Subscription:
    """Return the subscription so that it goes on, as before it was cancelled. Raises NotLive once it has ended."""
    _require_live(subscription, at, grace)
    return evolve(subscription, cancel_at=None)


@utc_times
def prorate(  # noqa: PLR0913 - what a change is made of
    subscription: Subscription,
    plan: SubscriptionPlan,
    new_plan: SubscriptionPlan,
    *,
    paid_usd: Decimal,
    at: datetime,
    interval_change: IntervalChange = IntervalChange.KEEP_END,
) -> Proration:
    """Return what a change of plan costs at a time within the current period.

    The rest of the period is credited at what was paid for all of it (``paid_usd``, after a discount), and
    charged at the new plan's list price for its own period; both in proportion to the time, to the
    microsecond, and rounded to the cent, half away from zero (https://docs.stripe.com/billing/subscriptions/prorations).
    Where the new plan's period starts anew, all of it is charged. A change within a trial costs nothing.

    Raises WrongPlan when ``plan`` is not the subscription's or the new one is not offered, and NotLive outside
    the current period: in grace, and before a period that was paid early.
    """
    _require_own(subscription, plan)
    _require_offered(subscription.id, new_plan)
    if not subscription.current_period_start <= at < subscription.current_period_end:
        raise NotLive(subscription.id, at=at)
    _require_live(subscription, at, timedelta(0))
    if subscription.status is SubscriptionStatus.TRIALING:
        return Proration(usd.ZERO, usd.ZERO, usd.ZERO)
    rest = (subscription.current_period_end - at) // _MICROSECOND
    whole = (subscription.current_period_end - subscription.current_period_start) // _MICROSECOND
    credit = _prorated_price(paid_usd, rest, whole)
    if interval_change is IntervalChange.START_ANEW:
        charge = usd.to_cents(new_plan.price_usd)
    else:
        charge = _prorated_price(new_plan.price_usd, rest, period_of(new_plan, subscription) // _MICROSECOND)
    return Proration(credit, charge, usd.subtract(charge, credit))


@utc_times
def change_subscription_plan(
    subscription: Subscription,
    new_plan: SubscriptionPlan,
    *,
    at: datetime,
    grace: timedelta,
    interval_change: IntervalChange = IntervalChange.KEEP_END,
) -> Subscription:
    """Return the subscription with another plan from now on.

    With KEEP_END its period, and a cancellation, stay as they are; the end is the anchor of a plan by the month whose
    anchor it is not yet. With START_ANEW the new plan's period starts now, which is the anchor then, and a cancellation
    is for its end; within a trial the trial stays. Raises NotLive once it has ended, and WrongPlan for a plan that is
    not offered any more.
    """
    _require_live(subscription, at, grace)
    _require_offered(subscription.id, new_plan)
    changed = evolve(subscription, plan_id=new_plan.id)
    if interval_change is IntervalChange.START_ANEW and subscription.status is not SubscriptionStatus.TRIALING:
        end = period_end(new_plan, at, time_zone=subscription.time_zone)
        return evolve(
            changed,
            status=SubscriptionStatus.ACTIVE,
            current_period_start=at,
            current_period_end=end,
            anchor_at=at,
            cancel_at=None if subscription.cancel_at is None else end,
        )
    end = subscription.current_period_end
    if new_plan.period_months is None or is_boundary(
        end, anchor_at=subscription.anchor_at, time_zone=subscription.time_zone
    ):
        return changed
    return evolve(changed, anchor_at=end)


def _end(start: datetime, length: timedelta) -> datetime:
    if length > MAX_TIMESTAMP - start:
        reason = f"{length.days} days after {start.isoformat()} is beyond the calendar"
        raise InvalidValue("Subscription", field="current_period_end", reason=reason)
    return start + length


def _prorated_price(price_usd: Decimal, rest: int, whole: int) -> Decimal:
    return usd.rounded(
        DECIMAL_CONTEXT.divide(DECIMAL_CONTEXT.multiply(price_usd, Decimal(rest)), Decimal(whole)), _CENT_PLACES
    )


def _require_live(subscription: Subscription, at: datetime, grace: timedelta) -> None:
    if status_at(subscription, at, grace=grace) not in LIVE:
        raise NotLive(subscription.id, at=at)


def _require_own(subscription: Subscription, plan: SubscriptionPlan) -> None:
    if plan.id != subscription.plan_id:
        raise WrongPlan(subscription.id, plan_id=plan.id, reason="the subscription is not of this plan")


def _require_offered(subscription_id: UUID, plan: SubscriptionPlan) -> None:
    if not plan.is_active:
        raise WrongPlan(subscription_id, plan_id=plan.id, reason="the plan is not offered any more")
