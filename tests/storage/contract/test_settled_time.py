"""However payments are settled, lost and settled anew, a subscription is paid for as long as its payments bought."""

from datetime import timedelta

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from strongroom.domain.accounts.user import User
from strongroom.domain.transactions.eth_transaction import TxStatus
from strongroom.domain.transactions.subscription import SubscriptionStatus
from strongroom.domain.transactions.subscription_payments import COUNTED_STATUSES
from strongroom.domain.transactions.subscription_transaction import PaymentStatus, SubscriptionTransaction
from strongroom.ports.clock import FixedClock
from strongroom.ports.storage import Storage
from strongroom.testing.factory import START_TIME, World

from .customers import day
from .payers import Payer
from .property_settings import few

STEPS = st.lists(
    st.tuples(st.sampled_from(["renew", "confirm", "fail", "lose"]), st.integers(0, 4)), min_size=1, max_size=10
)


@pytest.fixture
async def payer(world: World, clock: FixedClock) -> Payer:
    """A customer who has not subscribed yet."""
    return await Payer(world, clock).prepared()


@few(15)
@given(steps=STEPS)
async def test_a_subscription_lasts_as_long_as_its_payments_bought(
    storage: Storage, world: World, payer: Payer, *, steps: list[tuple[str, int]]
) -> None:
    """A period for each payment that is pending or confirmed, none for one that has failed; a rollback undoes both."""
    payer.user = await world.added(User)
    payer.clock.time = START_TIME
    paid, payment = await payer.pays()
    payer.clock.time = START_TIME + timedelta(hours=1)
    payments, mined = [payment], list[SubscriptionTransaction]()
    for step, number in steps:
        chosen = payments[number % len(payments)]
        if step == "renew":
            renewal = (await payer.renews(paid.subscription, amount=30)).payment
            assert renewal is not None
            payments.append(renewal)
        elif step == "lose" and mined:
            first = mined[number % len(mined)]
            lost = [each.id for each in mined[mined.index(first) :]]
            assert await payer.loses(first) == len(lost)
            mined = [each for each in mined if each.id not in lost]
            payments = [
                attrs.evolve(each, status=PaymentStatus.PENDING) if each.id in lost else each for each in payments
            ]
        elif step in {"confirm", "fail"} and chosen.status is PaymentStatus.PENDING:
            await payer.mines(chosen, status=TxStatus.SUCCESS if step == "confirm" else TxStatus.REVERTED)
            settled = (await payer.settles(chosen)).payment
            payments[payments.index(chosen)] = settled
            mined.append(settled)
        stored = await storage.subscription_transactions.find_by_subscription(paid.subscription.id)
        assert {each.id: each for each in stored} == {each.id: each for each in payments}
        made = sum(each.status in COUNTED_STATUSES for each in payments)
        after = await storage.subscriptions.get(paid.subscription.id)
        assert after.current_period_end == day(30 * made)
        assert after.status is (SubscriptionStatus.ACTIVE if made else SubscriptionStatus.PAST_DUE)
        if made:
            assert after.current_period_start == day(30 * (made - 1))
