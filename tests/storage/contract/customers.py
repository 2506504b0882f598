"""A customer of the platform, for the tests of subscriptions."""

from datetime import datetime, timedelta
from decimal import Decimal
from itertools import count
from typing import Any

import attrs

from strongroom.domain.accounts.user import User
from strongroom.domain.pricing.coin import Coin
from strongroom.domain.protocols.chain import Chain
from strongroom.domain.safes.safe_account import SafeAccount
from strongroom.domain.safes.safe_discount import SafeDiscount
from strongroom.domain.transactions.subscription import Subscription
from strongroom.domain.transactions.subscription_plan import SubscriptionPlan
from strongroom.ports.clock import FixedClock
from strongroom.ports.repositories.safe_discount import CreateSafeDiscount
from strongroom.ports.repositories.subscription_plan import CreateSubscriptionPlan
from strongroom.ports.storage import Storage
from strongroom.ports.use_cases.subscription_payments import Payment
from strongroom.ports.use_cases.subscriptions import PaidSubscription, Subscribe, renew, subscribe
from strongroom.testing.factory import START_TIME, World

DAY = timedelta(days=1)
GRACE = 3 * DAY


def day(number: int) -> datetime:
    """Return the time so many days after the morning."""
    return START_TIME + number * DAY


def dollars(*amounts: int) -> tuple[Decimal, ...]:
    """Return whole dollars as amounts of money."""
    return tuple(map(Decimal, amounts))


class Customer:
    """A user with a Safe, and plans of 30 days: ``pro`` for 30 USD, ``max`` for 90, ``free`` for nothing."""

    def __init__(self, world: World, clock: FixedClock) -> None:
        self.storage: Storage = world.storage
        self.clock = clock
        self._world = world
        self._hashes = count(1)

    async def prepared(self) -> "Customer":
        """Store what the customer needs."""
        self.user = await self._world.added(User)
        self.safe = await self._world.added(SafeAccount, user_id=self.user.id)
        self.chain = await self._world.added(Chain, finality_depth=2)
        self.coin = await self._world.added(Coin, chain_id=self.chain.id, decimals=0)
        self.pro, self.max, self.free = [
            await self.storage.subscription_plans.create(
                CreateSubscriptionPlan(code=code, name=code, price_usd=Decimal(price), period_days=30)
            )
            for code, price in (("pro", 30), ("max", 90), ("free", 0))
        ]
        return self

    def payment(self, **given: Any) -> Payment:
        """Return a payment by a transaction of its own."""
        number = next(self._hashes)
        return attrs.evolve(
            Payment(coin_id=self.coin.id, amount=number, chain_id=self.chain.id, transaction_hash=f"0x{number:064x}"),
            **given,
        )

    async def discount(self, percent_bps: int, **given: Any) -> SafeDiscount:
        """Return a discount of the customer's Safe, valid from the morning on."""
        command = CreateSafeDiscount(
            safe_id=self.safe.id, percent_bps=percent_bps, reason="a test", valid_from=START_TIME
        )
        return await self.storage.safe_discounts.create(attrs.evolve(command, **given))

    async def subscribes(self, plan: SubscriptionPlan | None = None, **given: Any) -> PaidSubscription:
        """Return what a subscription to a plan (pro) gives; it is paid, unless it is said otherwise."""
        command = Subscribe(user_id=self.user.id, plan_id=(plan or self.pro).id, payment=self.payment())
        return await subscribe(self.storage, attrs.evolve(command, **given), grace=GRACE)

    async def renews(self, subscription: Subscription, **given: Any) -> PaidSubscription:
        """Return what a renewal gives."""
        return await renew(self.storage, subscription.id, self.payment(**given), grace=GRACE)

    async def uses(self, discount: SafeDiscount) -> int:
        """Return how often a discount was used."""
        return (await self.storage.safe_discounts.get(discount.id)).uses
