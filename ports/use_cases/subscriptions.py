"""Subscribe a user; renew, change, cancel and resume subscriptions."""

from collections.abc import Callable
from datetime import datetime, timedelta
from uuid import UUID

from attrs import frozen

from strongroom.domain.safes.discounts import Charge
from strongroom.domain.transactions.errors import AlreadySubscribed, WrongPlan
from strongroom.domain.transactions.subscription import Subscription
from strongroom.domain.transactions.subscription_payments import amount_paid_for_period
from strongroom.domain.transactions.subscription_periods import (
    LIVE,
    IntervalChange,
    Proration,
    advance_status,
    cancel_subscription,
    change_subscription_plan,
    new_subscription,
    prorate,
    renew_subscription,
    resume_subscription,
)
from strongroom.domain.transactions.subscription_transaction import SubscriptionTransaction
from strongroom.domain.values import usd

from ..errors import AlreadyExists
from ..storage import Transaction, UnitOfWork
from .subscription_payments import Payment, record_payment, take_discount


@frozen(kw_only=True)
class Subscribe:
    """The fields of a new subscription: the first period is paid, or a free trial.

    ``time_zone`` is the customer's, an IANA name: months end by its calendar.
    """

    user_id: UUID
    plan_id: UUID
    trial: timedelta | None = None
    payment: Payment | None = None
    time_zone: str = "UTC"


@frozen
class PaidSubscription:
    """A subscription as stored, and its payment: None if nothing was due."""

    subscription: Subscription
    payment: SubscriptionTransaction | None


@frozen
class ChangedPlan:
    """A subscription with another plan, the cost of the change, and its payment: None if nothing was due."""

    subscription: Subscription
    proration: Proration
    payment: SubscriptionTransaction | None


async def subscribe(storage: UnitOfWork, command: Subscribe, *, grace: timedelta) -> PaidSubscription:
    """Start a user's subscription now, with the best discount of all their Safes; a user has one at a time.

    A subscription that is over, though stored as live, is first stored with its real status. Of concurrent calls for
    one user one succeeds, and the others raise AlreadySubscribed. Raises NotFound for an unknown plan, WrongPlan if it
    is not offered, ReferenceMissing for an unknown user, ValueError for a trial of no length, and what
    ``record_payment`` raises; nothing is kept then, and no discount is used.
    """

    async def work(transaction: Transaction) -> PaidSubscription:
        subscriptions = transaction.subscriptions
        now = subscriptions.now()
        plan = await transaction.subscription_plans.get(command.plan_id)
        await _require_none_live(transaction, command.user_id, now, grace)
        first = new_subscription(
            subscriptions.next_id(), command.user_id, plan, at=now, trial=command.trial, time_zone=command.time_zone
        )
        try:
            subscription = await subscriptions.add(first)
        except AlreadyExists as error:
            raise AlreadySubscribed(command.user_id) from error
        due = _ZERO_USD
        if command.trial is None:
            due = await take_discount(transaction, command.user_id, plan, now)
        period = (subscription.current_period_start, subscription.current_period_end)
        payment = await record_payment(transaction, subscription, due, command.payment, now, period=period)
        return PaidSubscription(subscription, payment)

    return await storage.run(work)


async def renew(
    storage: UnitOfWork, subscription_id: UUID, payment: Payment | None, *, grace: timedelta
) -> PaidSubscription:
    """Pay the next period of a subscription, now or in advance, with the best discount of all the user's Safes.

    Raises NotFound for an unknown subscription, NotLive as ``renew_subscription`` does, and what ``record_payment``
    raises: the same transaction never pays two periods.
    """

    async def work(transaction: Transaction) -> PaidSubscription:
        before = await transaction.subscriptions.lock(subscription_id)
        now = transaction.subscriptions.now()
        plan = await transaction.subscription_plans.get(before.plan_id)
        after = renew_subscription(before, plan, at=now, grace=grace)
        due = await take_discount(transaction, before.user_id, plan, now)
        period = (after.current_period_start, after.current_period_end)
        paid = await record_payment(transaction, before, due, payment, now, period=period)
        return PaidSubscription(await transaction.subscriptions.update(after), paid)

    return await storage.run(work)


async def change_plan(  # noqa: PLR0913 - the choices of a change, by name
    storage: UnitOfWork,
    subscription_id: UUID,
    plan_id: UUID,
    payment: Payment | None = None,
    *,
    grace: timedelta,
    interval_change: IntervalChange = IntervalChange.KEEP_END,
) -> ChangedPlan:
    """Give a subscription another plan from now on; the rest of its period is charged, less what was paid for it.

    With START_ANEW the new plan's period starts now, and is charged whole.
    If the credit is larger than the charge, nothing is due, and ``proration.due_usd`` is what is owed to the user.
    Raises NotFound for an unknown subscription or plan, WrongPlan if the plan is not offered or is the present plan,
    NotLive as ``prorate`` and ``change_subscription_plan`` do, and what ``record_payment`` raises.
    """

    async def work(transaction: Transaction) -> ChangedPlan:
        before = await transaction.subscriptions.lock(subscription_id)
        now = transaction.subscriptions.now()
        plan = await transaction.subscription_plans.get(before.plan_id)
        other = await transaction.subscription_plans.get(plan_id)
        if other.id == plan.id:
            raise WrongPlan(before.id, plan_id=plan.id, reason="the subscription is of this plan already")
        payments = await transaction.subscription_transactions.find_by_subscription(before.id)
        paid_usd = amount_paid_for_period(before, plan, payments)
        cost = prorate(before, plan, other, paid_usd=paid_usd, at=now, interval_change=interval_change)
        after = change_subscription_plan(before, other, at=now, grace=grace, interval_change=interval_change)
        due = max(cost.due_usd, usd.ZERO)
        charge = Charge(due, usd.ZERO, due, None)
        period = (now, after.current_period_end)
        paid = await record_payment(transaction, before, charge, payment, now, period=period)
        return ChangedPlan(await transaction.subscriptions.update(after), cost, paid)

    return await storage.run(work)


async def cancel_at_period_end(storage: UnitOfWork, subscription_id: UUID, *, grace: timedelta) -> Subscription:
    """Have a subscription end with its current period, in grace at once; again changes nothing.

    Raises NotFound for an unknown subscription, NotLive once it has ended.
    """
    return await _change(storage, subscription_id, lambda before, now: cancel_subscription(before, at=now, grace=grace))


async def resume(storage: UnitOfWork, subscription_id: UUID, *, grace: timedelta) -> Subscription:
    """Resume a cancelled subscription that has not ended; leave any other live subscription as it is.

    Raises NotFound for an unknown subscription, NotLive once it has ended.
    """
    return await _change(storage, subscription_id, lambda before, now: resume_subscription(before, at=now, grace=grace))


_ZERO_USD = Charge(usd.ZERO, usd.ZERO, usd.ZERO, None)


async def _require_none_live(transaction: Transaction, user_id: UUID, now: datetime, grace: timedelta) -> None:
    """Raise AlreadySubscribed if a user has a live subscription; store the real status of an ended one."""
    found = await transaction.subscriptions.find_live(user_id)
    if found is None:
        return
    if advance_status(found, now, grace=grace).status in LIVE:
        raise AlreadySubscribed(user_id)
    held = await transaction.subscriptions.lock(found.id)
    after = advance_status(held, now, grace=grace)
    if after.status in LIVE:
        raise AlreadySubscribed(user_id)
    if after != held:
        await transaction.subscriptions.update(after)


async def _change(
    storage: UnitOfWork, subscription_id: UUID, change: Callable[[Subscription, datetime], Subscription]
) -> Subscription:
    async def work(transaction: Transaction) -> Subscription:
        before = await transaction.subscriptions.lock(subscription_id)
        after = change(before, transaction.subscriptions.now())
        return before if after == before else await transaction.subscriptions.update(after)

    return await storage.run(work)
