"""When a payment is confirmed or has failed by what its chain's transaction says, and when it is refunded."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Any

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from strongroom.domain.pricing.coin import Coin, CoinStandard
from strongroom.domain.transactions.balance_change import BalanceChange, BalanceChangeKind, BalanceSource
from strongroom.domain.transactions.block_header import BlockHeader
from strongroom.domain.transactions.errors import PaymentMismatch, PaymentNotFinal, RefundRefused
from strongroom.domain.transactions.eth_transaction import EthTransaction, TxStatus
from strongroom.domain.transactions.payment_settlement import SettlementEvidence, SettlementTerms, refund, settle
from strongroom.domain.transactions.subscription import Subscription, SubscriptionStatus
from strongroom.domain.transactions.subscription_transaction import PaymentStatus, SubscriptionTransaction
from strongroom.testing.values import numbered_uuid

AT = datetime(2026, 2, 1, tzinfo=UTC)
TREASURY, PAYER, OTHER = ("0x" + digit * 40 for digit in "abc")
COINS = [
    Coin(
        id=numbered_uuid(number),
        chain_id=1,
        address=f"0x{number:040x}",
        standard=CoinStandard.ERC20,
        symbol=f"C{number}",
        name="a coin",
        decimals=2,
    )
    for number in (1, 2)
]
TERMS = SettlementTerms(recipient=TREASURY.upper().replace("X", "x"))
KINDS = st.sampled_from([BalanceChangeKind.TRANSFER, BalanceChangeKind.INTERNAL, BalanceChangeKind.GAS])
CHANGES = st.tuples(
    st.sampled_from([TREASURY, PAYER, OTHER]),
    st.sampled_from(COINS),
    st.integers(-3, 9).filter(bool),
    KINDS,
)


def a_header(number: int, digest: int = 0) -> BlockHeader:
    """Return a block, a minute after the one before."""
    return BlockHeader(
        chain_id=1, number=number, hash=f"0x{digest or number:064x}", parent_hash="0x" + "0" * 64, at=at(number)
    )


def at(minutes: int) -> datetime:
    """Return a time so many minutes after the payment was recorded."""
    return AT + timedelta(minutes=minutes)


def mined(status: TxStatus | None = TxStatus.SUCCESS, number: int = 10) -> EthTransaction:
    """Return the payment's transaction in a block."""
    return EthTransaction(
        chain_id=1,
        hash=f"0x{1:064x}",
        block_number=number,
        block_hash=f"0x{number:064x}",
        transaction_index=0,
        from_address=PAYER,
        to_address=TREASURY,
        value_wei=0,
        gas_used=21_000,
        effective_gas_price=1,
        nonce=0,
        type=2,
        input=b"",
        status=status,
        at=at(number),
    )


def a_change(
    address: str, coin: Coin, delta: int, kind: BalanceChangeKind = BalanceChangeKind.TRANSFER, position: int = 0
) -> BalanceChange:
    """Return what the transaction changed."""
    return BalanceChange(
        chain_id=1,
        transaction_hash=f"0x{1:064x}",
        source=BalanceSource.LOG,
        position=position,
        address=address,
        block_number=10,
        block_hash=f"0x{10:064x}",
        coin_id=coin.id,
        delta=delta,
        kind=kind,
        at=at(10),
    )


def a_payment(status: PaymentStatus = PaymentStatus.PENDING, **given: Any) -> SubscriptionTransaction:
    """Return a payment of 5 raw units of the first coin, for 0.05 USD."""
    payment = SubscriptionTransaction(
        id=numbered_uuid(9),
        subscription_id=numbered_uuid(8),
        list_price_usd=Decimal("0.05"),
        discount_usd=Decimal(0),
        paid_usd=Decimal("0.05"),
        coin_id=COINS[0].id,
        amount=5,
        chain_id=1,
        transaction_hash=f"0x{1:064x}",
        status=status,
        at=AT,
    )
    return attrs.evolve(payment, **given)


def told(**given: Any) -> SettlementEvidence:
    """Return what a chain tells of the payment: it is made in block 10, with 5 blocks above, at a dollar a coin."""
    evidence = SettlementEvidence(
        coin=COINS[0],
        finality_depth=5,
        head=a_header(15),
        transaction=mined(),
        block=a_header(10),
        changes=[a_change(PAYER, COINS[0], -5), a_change(TREASURY, COINS[0], 5, position=1)],
        price_usd=Decimal(1),
    )
    return attrs.evolve(evidence, **given)


def a_subscription(status: SubscriptionStatus, cancel_at: datetime | None = None) -> Subscription:
    """Return a subscription in a state."""
    return Subscription(
        id=numbered_uuid(8),
        user_id=numbered_uuid(7),
        plan_id=numbered_uuid(6),
        status=status,
        current_period_start=AT,
        current_period_end=at(60),
        cancel_at=cancel_at,
        created_at=AT,
    )


@given(
    changes=st.lists(CHANGES, min_size=1, max_size=6),
    amount=st.integers(0, 12),
    cents=st.integers(0, 12),
    price=st.integers(0, 300),
    tolerance=st.sampled_from([0, 100, 5000]),
    status=st.sampled_from([TxStatus.SUCCESS, None]),
)
def test_a_payment_is_confirmed_when_the_recipient_got_the_amount_and_it_is_worth_what_was_charged(
    changes: list[Any], amount: int, cents: int, price: int, tolerance: int, status: TxStatus | None
) -> None:
    """Whatever else moved: only what the recipient got of the coin counts, less what it gave; gas does not."""
    paid = Decimal(cents).scaleb(-2)
    payment = a_payment(amount=amount, list_price_usd=paid, paid_usd=paid)
    evidence = told(
        changes=[a_change(*given, position=place) for place, given in enumerate(changes)],
        price_usd=Decimal(price).scaleb(-2),
        transaction=mined(status),
    )
    got = sum(
        delta
        for address, coin, delta, kind in changes
        if address == TREASURY and coin is COINS[0] and kind is not BalanceChangeKind.GAS
    )
    is_worth = Fraction(got, 100) * Fraction(price, 100) >= Fraction(cents, 100) * Fraction(10_000 - tolerance, 10_000)
    terms = attrs.evolve(TERMS, tolerance_bps=tolerance)
    if got >= amount and is_worth:
        assert settle(payment, evidence, terms) == attrs.evolve(payment, status=PaymentStatus.CONFIRMED)
        return
    with pytest.raises(PaymentMismatch) as caught:
        settle(payment, evidence, terms)
    assert (caught.value.field == "worth") == (got >= amount)
    patient = attrs.evolve(terms, max_wait=timedelta(minutes=15))
    assert settle(payment, evidence, patient).status is PaymentStatus.FAILED
    with pytest.raises(PaymentMismatch):
        settle(payment, attrs.evolve(evidence, head=a_header(15)), attrs.evolve(terms, max_wait=timedelta(minutes=16)))


@given(depth=st.integers(0, 9), above=st.integers(0, 9), status=st.sampled_from(list(TxStatus)))
def test_nothing_is_settled_before_it_is_final(depth: int, above: int, status: TxStatus) -> None:
    """Before finality a payment neither settles nor fails, even after the longest wait; a revert then fails it."""
    evidence = told(finality_depth=depth, head=a_header(10 + above), transaction=mined(status))
    terms = attrs.evolve(TERMS, max_wait=timedelta(0))
    if above < depth:
        with pytest.raises(PaymentNotFinal, match=f"{above} below the head, of {depth}"):
            settle(a_payment(), evidence, terms)
        return
    wanted = PaymentStatus.CONFIRMED if status is TxStatus.SUCCESS else PaymentStatus.FAILED
    assert settle(a_payment(), evidence, terms).status is wanted


@pytest.mark.parametrize(
    "missing",
    [
        {"transaction": None},
        {"changes": []},
        {"price_usd": None},
        {"head": None},
        {"block": None},
        {"block": a_header(10, digest=77)},
    ],
    ids=str,
)
def test_missing_evidence_raises_payment_not_final(missing: dict[str, Any]) -> None:
    """The payment stays pending, and the error says what is missing."""
    with pytest.raises(PaymentNotFinal, match=r"stored|below the head"):
        settle(a_payment(), told(**missing), TERMS)


@pytest.mark.parametrize(
    ("field", "given"),
    [
        ("coin", {"changes": [a_change(TREASURY, COINS[1], 5)]}),
        ("coin", {"coin": attrs.evolve(COINS[0], chain_id=2)}),
        ("recipient", {"changes": [a_change(OTHER, COINS[0], 5)]}),
        (
            "recipient",
            {"changes": [a_change(TREASURY, COINS[0], 5, BalanceChangeKind.GAS), a_change(OTHER, COINS[0], 5)]},
        ),
        ("amount", {"changes": [a_change(TREASURY, COINS[0], 4)]}),
        ("amount", {"changes": [a_change(TREASURY, COINS[0], 5), a_change(TREASURY, COINS[0], -1, position=1)]}),
        ("worth", {"price_usd": Decimal("0.98")}),
    ],
)
def test_a_mismatch_names_the_field(field: str, given: dict[str, Any]) -> None:
    """Coin, recipient, amount or worth; underpayment is not payment."""
    with pytest.raises(PaymentMismatch) as caught:
        settle(a_payment(), told(**given), TERMS)
    assert caught.value.field == field


def test_a_transaction_that_is_never_mined_fails_by_the_chains_time() -> None:
    """The clock does not matter: a chain that is not read that far tells nothing."""
    terms = attrs.evolve(TERMS, max_wait=timedelta(minutes=20))
    for head in (None, a_header(19)):
        with pytest.raises(PaymentNotFinal):
            settle(a_payment(), told(transaction=None, head=head), terms)
    assert settle(a_payment(), told(transaction=None, head=a_header(20)), terms).status is PaymentStatus.FAILED
    with pytest.raises(PaymentNotFinal, match="no price"):
        settle(a_payment(), told(price_usd=None, head=a_header(90)), terms)


@given(status=st.sampled_from(list(PaymentStatus)), reverted=st.booleans())
def test_settled_payments_do_not_change(status: PaymentStatus, *, reverted: bool) -> None:
    """Whatever the chain says afterwards."""
    payment = a_payment(status)
    evidence = told(transaction=mined(TxStatus.REVERTED)) if reverted else told(transaction=None, head=None)
    if status is not PaymentStatus.PENDING:
        assert settle(payment, evidence, TERMS) is payment


@given(status=st.sampled_from(list(PaymentStatus)), of=st.sampled_from(list(SubscriptionStatus)), ends=st.booleans())
def test_a_confirmed_payment_is_refunded_once_its_subscription_is_cancelled(
    status: PaymentStatus, of: SubscriptionStatus, *, ends: bool
) -> None:
    """Cancelled, to be cancelled at its period's end, or expired; a second time changes nothing."""
    payment, subscription = a_payment(status), a_subscription(of, at(60) if ends else None)
    is_over = ends or of in {SubscriptionStatus.CANCELLED, SubscriptionStatus.EXPIRED}
    if status is PaymentStatus.REFUNDED:
        assert refund(payment, subscription) is payment
    elif status is PaymentStatus.CONFIRMED and is_over:
        after = refund(payment, subscription)
        assert after == attrs.evolve(payment, status=PaymentStatus.REFUNDED)
        assert refund(after, a_subscription(SubscriptionStatus.ACTIVE)) is after
    else:
        with pytest.raises(RefundRefused, match="goes on" if status is PaymentStatus.CONFIRMED else status.value):
            refund(payment, subscription)


def test_terms_name_an_address_and_a_share() -> None:
    """Anything else is refused."""
    for given_terms in ({"recipient": "nobody"}, {"recipient": PAYER, "tolerance_bps": 10_000}):
        with pytest.raises(ValueError, match=r"address|basis points"):
            SettlementTerms(**given_terms)
