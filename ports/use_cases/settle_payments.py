"""Settles payments of subscriptions by what their chain's transaction says, and refunds them.

A payment and its chain's facts are judged while the chain is held, as a rollback holds it: one waits for the other.
Locks are taken in one order: chain, subscription, discount, payment.
"""

from contextlib import suppress
from datetime import timedelta
from uuid import UUID

from attrs import evolve, frozen

from strongroom.domain.safes.discounts import release_discount, reuse_discount
from strongroom.domain.transactions.payment_settlement import SettlementEvidence, SettlementTerms, refund, settle
from strongroom.domain.transactions.subscription import Subscription
from strongroom.domain.transactions.subscription_payments import restore_time, revoke_time
from strongroom.domain.transactions.subscription_transaction import PaymentStatus, SubscriptionTransaction

from ..errors import NotFound
from ..storage import Transaction, UnitOfWork


@frozen
class SettledPayment:
    """A payment that is not pending any more, and the subscription as it is then."""

    payment: SubscriptionTransaction
    subscription: Subscription


async def settle_payment(
    storage: UnitOfWork, payment_id: UUID, terms: SettlementTerms, *, grace: timedelta
) -> SettledPayment:
    """Confirm a pending payment if its transaction makes it, else mark it failed; a settled payment stays settled.

    The time that a failed payment bought is taken back from its subscription, and its discount may be used again: see
    ``revoke_time``. Of concurrent calls for a payment one settles it, and the others see it settled. Raises NotFound
    for an unknown payment, PaymentNotFinal and PaymentMismatch as ``settle`` does; the payment stays pending then.
    """

    async def work(transaction: Transaction) -> SettledPayment:
        found = await transaction.subscription_transactions.get(payment_id)
        await transaction.chains.lock(found.chain_id)
        subscription = await transaction.subscriptions.lock(found.subscription_id)
        payment = await transaction.subscription_transactions.lock(payment_id)
        if payment.status is not PaymentStatus.PENDING:
            return SettledPayment(payment, subscription)
        after = settle(payment, await _evidence(transaction, payment, terms), terms)
        if after.status is PaymentStatus.FAILED:
            subscription = await _revoke_time(transaction, subscription, payment, grace)
            await _release_discount(transaction, payment)
        return SettledPayment(await transaction.subscription_transactions.update(after), subscription)

    return await storage.run(work)


async def refund_payment(storage: UnitOfWork, payment_id: UUID, *, grace: timedelta) -> SettledPayment:
    """Store a confirmed payment as refunded, and take back what it bought; a refunded one stays so.

    A subscription that was cancelled ends with the time that is still paid for, now at the earliest. Raises NotFound
    for an unknown payment, RefundRefused as ``refund`` does.
    """

    async def work(transaction: Transaction) -> SettledPayment:
        found = await transaction.subscription_transactions.get(payment_id)
        subscription = await transaction.subscriptions.lock(found.subscription_id)
        payment = await transaction.subscription_transactions.lock(payment_id)
        after = refund(payment, subscription)
        if after == payment:
            return SettledPayment(payment, subscription)
        subscription = await _revoke_time(transaction, subscription, payment, grace)
        return SettledPayment(await transaction.subscription_transactions.update(after), subscription)

    return await storage.run(work)


async def reopen_payment(transaction: Transaction, found: SubscriptionTransaction) -> bool:
    """Make a payment pending again after its transaction was lost; return whether it was confirmed or had failed.

    For a failed payment, the time that was taken back is given back, and its discount counts as used again: the
    transaction may be mined again.
    """
    subscription = await transaction.subscriptions.lock(found.subscription_id)
    payment = await transaction.subscription_transactions.lock(found.id)
    if payment.status not in (PaymentStatus.CONFIRMED, PaymentStatus.FAILED):
        return False
    if payment.status is PaymentStatus.FAILED:
        plan = await transaction.subscription_plans.get(subscription.plan_id)
        after = restore_time(subscription, plan, payment, at=transaction.subscriptions.now())
        if after != subscription:
            await transaction.subscriptions.update(after)
        if payment.discount_id is not None:
            with suppress(NotFound):
                discount = await transaction.safe_discounts.lock(payment.discount_id)
                await transaction.safe_discounts.update(reuse_discount(discount))
    await transaction.subscription_transactions.update(evolve(payment, status=PaymentStatus.PENDING))
    return True


async def _evidence(
    transaction: Transaction, payment: SubscriptionTransaction, terms: SettlementTerms
) -> SettlementEvidence:
    chain_id = payment.chain_id
    chain = await transaction.chains.get(chain_id)
    coin = await transaction.coins.get(payment.coin_id)
    head = await transaction.block_headers.head(chain_id)
    mined = next(iter(await transaction.eth_transactions.get_many([(chain_id, payment.transaction_hash)])), None)
    if mined is None:
        return SettlementEvidence(coin=coin, finality_depth=chain.finality_depth, head=head)
    blocks = await transaction.block_headers.get_many([(chain_id, mined.block_number)])
    price = await transaction.prices.as_of(coin.id, mined.at, max_age=terms.price_max_age)
    return SettlementEvidence(
        coin=coin,
        finality_depth=chain.finality_depth,
        head=head,
        transaction=mined,
        block=next(iter(blocks), None),
        changes=await transaction.balance_changes.find_by_transaction(chain_id, mined.hash),
        price_usd=price.price_usd if price else None,
    )


async def _revoke_time(
    transaction: Transaction, subscription: Subscription, payment: SubscriptionTransaction, grace: timedelta
) -> Subscription:
    plan = await transaction.subscription_plans.get(subscription.plan_id)
    after = revoke_time(subscription, plan, payment, at=transaction.subscriptions.now(), grace=grace)
    return subscription if after == subscription else await transaction.subscriptions.update(after)


async def _release_discount(transaction: Transaction, payment: SubscriptionTransaction) -> None:
    if payment.discount_id is None:
        return
    with suppress(NotFound):  # a discount that was removed meanwhile has no uses to count
        discount = await transaction.safe_discounts.lock(payment.discount_id)
        await transaction.safe_discounts.update(release_discount(discount))
