"""Whether a chain's transaction makes a payment: when that is final, to whom, in what, how much, and how much worth.

A payment is confirmed when its transaction, ``finality_depth`` blocks below the head, has succeeded and left the
recipient with at least the payment's amount of its coin, worth what was charged. It has failed when the transaction
has reverted.
"""

from collections.abc import Sequence
from datetime import timedelta
from decimal import Decimal
from typing import Final
from uuid import UUID

from attrs import evolve, field, frozen

from ..pricing.coin import Coin
from ..safes.discounts import WHOLE_BPS
from ..values import usd
from ..values.address import parse_evm_address
from ..values.amount import TokenAmount
from .balance_change import BalanceChange, BalanceChangeKind
from .block_header import BlockHeader
from .errors import PaymentMismatch, PaymentNotFinal, RefundRefused
from .eth_transaction import EthTransaction, TxStatus
from .subscription import Subscription, SubscriptionStatus
from .subscription_transaction import PaymentStatus, SubscriptionTransaction

FINAL_STATUSES: Final = frozenset({SubscriptionStatus.CANCELLED, SubscriptionStatus.EXPIRED})


def _require_basis_points(_terms: object, _field: object, bps: int) -> None:
    if not 0 <= bps < WHOLE_BPS:
        message = f"a tolerance of {bps} basis points is not from 0 to {WHOLE_BPS - 1}"
        raise ValueError(message)


@frozen(kw_only=True)
class SettlementTerms:
    """What the platform asks of payments. Raises ValueError for no address, and for a tolerance of all of it.

    They reach ``recipient``, and are worth what is charged less ``tolerance_bps`` of it, at a price no older than
    ``price_max_age``. What is not paid once the chain has come ``max_wait`` beyond the payment has failed; None waits
    for ever.
    """

    recipient: str = field(converter=parse_evm_address)
    tolerance_bps: int = field(default=100, validator=_require_basis_points)
    price_max_age: timedelta = timedelta(days=1)
    max_wait: timedelta | None = None


@frozen(kw_only=True)
class SettlementEvidence:
    """What is stored of a chain about a payment: its transaction, what that changed, its block, and the chain's head.

    ``price_usd`` is that of a whole ``coin`` at the transaction's time; what is None is not stored.
    """

    coin: Coin
    finality_depth: int
    head: BlockHeader | None = None
    transaction: EthTransaction | None = None
    block: BlockHeader | None = None
    changes: Sequence[BalanceChange] = ()
    price_usd: Decimal | None = None


def settle(
    payment: SubscriptionTransaction, evidence: SettlementEvidence, terms: SettlementTerms
) -> SubscriptionTransaction:
    """Return a pending payment as confirmed or failed; one that is not pending stays as it is.

    Raises PaymentNotFinal where the chain does not tell yet, and PaymentMismatch where it tells that something else
    was paid, until the time that the terms allow is over: then the payment has failed.
    """
    if payment.status is not PaymentStatus.PENDING:
        return payment
    if evidence.transaction is not None:
        _require_final(payment, evidence.transaction, evidence)
        if evidence.transaction.status is TxStatus.REVERTED:
            return evolve(payment, status=PaymentStatus.FAILED)
    refusal = _reason_refused(payment, evidence, terms)
    if refusal is None:
        return evolve(payment, status=PaymentStatus.CONFIRMED)
    head = evidence.head
    if terms.max_wait is None or head is None or head.at - payment.at < terms.max_wait:
        raise refusal
    return evolve(payment, status=PaymentStatus.FAILED)


def refund(payment: SubscriptionTransaction, subscription: Subscription) -> SubscriptionTransaction:
    """Return a confirmed payment as refunded, once its subscription was cancelled or is over; a refunded one stays so.

    Raises RefundRefused for a payment that is pending or failed, and for a subscription that goes on.
    """
    if payment.status is PaymentStatus.REFUNDED:
        return payment
    if payment.status is not PaymentStatus.CONFIRMED:
        raise RefundRefused(payment.id, reason=f"it is {payment.status.value}, not confirmed")
    if subscription.status not in FINAL_STATUSES and subscription.cancel_at is None:
        raise RefundRefused(payment.id, reason=f"subscription {subscription.id} goes on: cancel it first")
    return evolve(payment, status=PaymentStatus.REFUNDED)


def _require_final(payment: SubscriptionTransaction, found: EthTransaction, evidence: SettlementEvidence) -> None:
    """Raise PaymentNotFinal unless a transaction is in a block of the chain, so deep that it stays there."""
    reason = None
    if evidence.block is None or evidence.block.hash != found.block_hash:
        reason = f"block {found.block_number} with hash {found.block_hash} is not stored as one of the chain"
    elif evidence.head is None or evidence.head.number - found.block_number < evidence.finality_depth:
        reached = evidence.head.number - found.block_number if evidence.head else 0
        reason = f"its block is {reached} below the head, of {evidence.finality_depth} that make it final"
    if reason:
        raise PaymentNotFinal(payment.id, reason=reason)


def _reason_refused(
    payment: SubscriptionTransaction, evidence: SettlementEvidence, terms: SettlementTerms
) -> PaymentNotFinal | PaymentMismatch | None:
    """Return why a transaction that has not reverted does not make a payment; None where it does."""
    if evidence.coin.chain_id != payment.chain_id:
        reason = f"{evidence.coin.symbol} is a coin of chain {evidence.coin.chain_id}, not of {payment.chain_id}"
        return PaymentMismatch(payment.id, field="coin", reason=reason)
    if evidence.transaction is None:
        return PaymentNotFinal(payment.id, reason=f"{payment.transaction_hash} is not stored as mined")
    if not evidence.changes:
        return PaymentNotFinal(payment.id, reason="what its transaction changed is not stored")
    moved = [change for change in evidence.changes if change.kind is not BalanceChangeKind.GAS and change.delta > 0]
    of_coin = {change.address for change in moved if change.coin_id == payment.coin_id}
    if terms.recipient not in of_coin and payment.amount:
        what = "recipient" if of_coin else "coin"
        reason = f"{terms.recipient} got no {evidence.coin.symbol}"
        return PaymentMismatch(payment.id, field=what, reason=reason)
    received = amount_received(evidence.changes, terms.recipient, payment.coin_id)
    if received < payment.amount:
        reason = f"{received} raw units of {evidence.coin.symbol} are less than {payment.amount}"
        return PaymentMismatch(payment.id, field="amount", reason=reason)
    return _reason_value_too_low(payment, evidence, terms, received)


def amount_received(changes: Sequence[BalanceChange], recipient: str, coin_id: UUID) -> int:
    """Return what an address got of a coin by changes, in raw units, less what it gave; gas does not count."""
    return sum(
        change.delta
        for change in changes
        if (change.address, change.coin_id) == (recipient, coin_id) and change.kind is not BalanceChangeKind.GAS
    )


def _reason_value_too_low(
    payment: SubscriptionTransaction, evidence: SettlementEvidence, terms: SettlementTerms, received: int
) -> PaymentMismatch | None:
    least = usd.proportion(payment.paid_usd, WHOLE_BPS - terms.tolerance_bps, WHOLE_BPS)
    if not least:
        return None
    if evidence.price_usd is None:
        raise PaymentNotFinal(payment.id, reason=f"no price of {evidence.coin.symbol} at its time is stored")
    worth = TokenAmount(received, evidence.coin.decimals).value_at(evidence.price_usd)
    if worth >= least:
        return None
    return PaymentMismatch(payment.id, field="worth", reason=f"{worth:.2f} USD are less than {payment.paid_usd:.2f}")
