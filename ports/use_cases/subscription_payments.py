"""Compute the charges for subscriptions with the best discount, and record their payments."""

from datetime import datetime
from decimal import Decimal
from uuid import UUID

from attrs import frozen

from strongroom.domain.safes.discounts import Charge, charge, reason_unusable, use_discount
from strongroom.domain.safes.safe_discount import SafeDiscount
from strongroom.domain.transactions.errors import PaymentRefused
from strongroom.domain.transactions.subscription import Subscription
from strongroom.domain.transactions.subscription_plan import SubscriptionPlan
from strongroom.domain.transactions.subscription_transaction import SubscriptionTransaction

from ..errors import NotFound
from ..storage import Repositories, Transaction


@frozen(kw_only=True)
class Payment:
    """The fields of a paying transaction of a chain: ``amount`` is in raw units of a coin.

    ``settle_payment`` verifies it. ``agreed_usd`` is what the user was shown as due, to the cent; None
    accepts any due sum.
    """

    coin_id: UUID
    amount: int
    chain_id: int
    transaction_hash: str
    agreed_usd: Decimal | None = None


async def quote_charge(repositories: Repositories, user_id: UUID, plan_id: UUID) -> Charge:
    """Return what a user would be charged for a period of a plan now, with the best discount of all their Safes.

    Raises NotFound for an unknown plan.
    """
    plan = await repositories.subscription_plans.get(plan_id)
    usable = await _usable_discounts(repositories, user_id, plan, repositories.subscription_plans.now())
    return charge(plan.price_usd, usable[0] if usable else None)


async def take_discount(transaction: Transaction, user_id: UUID, plan: SubscriptionPlan, at: datetime) -> Charge:
    """Return what a user is charged for a period of a plan, and count a use of the best discount of all their Safes.

    A discount whose last use another transaction has just taken is passed over for the next best.
    """
    for discount in await _usable_discounts(transaction, user_id, plan, at):
        try:
            held = await transaction.safe_discounts.lock(discount.id)
        except NotFound:
            continue
        if reason_unusable(held, plan.id, at) is None:
            await transaction.safe_discounts.update(use_discount(held, plan.id, at))
            return charge(plan.price_usd, held)
    return charge(plan.price_usd)


async def record_payment(  # noqa: PLR0913 - what a payment is for
    transaction: Transaction,
    subscription: Subscription,
    due: Charge,
    payment: Payment | None,
    at: datetime,
    *,
    period: tuple[datetime, datetime],
) -> SubscriptionTransaction | None:
    """Add the payment of a charge for a period as pending, and return it.

    Returns None if the list price is zero and nothing is paid.

    Raises PaymentRefused if a due payment is missing, if a payment is not due, and if the agreed sum differs;
    AlreadyExists for a transaction that has paid before, ReferenceMissing and InvalidValue.
    """
    if due.list_price_usd == 0:
        if payment is not None:
            raise PaymentRefused(subscription.id, due_usd=due.paid_usd, reason="a payment is made")
        return None
    if payment is None:
        raise PaymentRefused(subscription.id, due_usd=due.paid_usd, reason="no payment is made")
    if payment.agreed_usd not in (None, due.paid_usd):
        raise PaymentRefused(subscription.id, due_usd=due.paid_usd, reason=f"{payment.agreed_usd} USD were agreed to")
    return await transaction.subscription_transactions.add(
        SubscriptionTransaction(
            id=transaction.subscription_transactions.next_id(),
            subscription_id=subscription.id,
            discount_id=due.discount_id,
            list_price_usd=due.list_price_usd,
            discount_usd=due.discount_usd,
            paid_usd=due.paid_usd,
            coin_id=payment.coin_id,
            amount=payment.amount,
            chain_id=payment.chain_id,
            transaction_hash=payment.transaction_hash,
            at=at,
            period_start=period[0],
            period_end=period[1],
        )
    )


async def _usable_discounts(
    repositories: Repositories, user_id: UUID, plan: SubscriptionPlan, at: datetime
) -> list[SafeDiscount]:
    """Return the discounts that a user can use for a plan, the best first; none for a plan that costs nothing."""
    if charge(plan.price_usd).list_price_usd == 0:
        return []
    safes = await repositories.safes.find_by_user(user_id)
    return await repositories.safe_discounts.find_usable([safe.id for safe in safes], plan.id, at)
