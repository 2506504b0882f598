"""A customer whose payments are mined, for the tests of their settlement."""

from decimal import Decimal
from typing import Any

import attrs

from strongroom.domain.pricing.price import Price, PriceSource
from strongroom.domain.transactions.balance_change import BalanceChange, BalanceChangeKind, BalanceSource
from strongroom.domain.transactions.payment_settlement import SettlementTerms
from strongroom.domain.transactions.subscription_transaction import SubscriptionTransaction
from strongroom.ports.clock import FixedClock
from strongroom.ports.use_cases.ingest_blocks import Block, ingest_blocks
from strongroom.ports.use_cases.roll_back_chain import roll_back_chain
from strongroom.ports.use_cases.settle_payments import SettledPayment, settle_payment
from strongroom.ports.use_cases.subscriptions import PaidSubscription
from strongroom.testing.factory import START_TIME, World

from .blocks import Chains
from .customers import GRACE, Customer

TREASURY, PAYER = "0x" + "7" * 40, "0x" + "8" * 40
TERMS = SettlementTerms(recipient=TREASURY)


class Payer(Customer):
    """A customer whose transactions are mined, in blocks of 12 seconds; a coin is a dollar."""

    def __init__(self, world: World, clock: FixedClock) -> None:
        super().__init__(world, clock)
        self.blocks: list[Block] = []

    async def prepared(self) -> "Payer":
        """Store what the customer needs, and what a coin costs."""
        await super().prepared()
        self.chains = Chains(self.chain.id, [self.coin.id, self.coin.id])
        price = Price(coin_id=self.coin.id, at=START_TIME, source=PriceSource.MANUAL, price_usd=Decimal(1))
        await self.storage.prices.add(price)
        return self

    async def pays(self, **given: Any) -> tuple[PaidSubscription, SubscriptionTransaction]:
        """Return a subscription to the plan for 30 USD, and the payment of 30 coins for it."""
        paid = await self.subscribes(payment=self.payment(amount=30), **given)
        assert paid.payment is not None
        return paid, paid.payment

    async def mines(self, payment: SubscriptionTransaction | None = None, above: int = 2, **given: Any) -> None:
        """Read a block, with a payment's transaction where there is one, and so many blocks above it."""
        branch = [attrs.evolve(each, transactions=[], balance_changes=[], swaps=[]) for each in self._next(1 + above)]
        if payment is not None:
            branch[0] = self._paying(branch[0], payment, **given)
        self.blocks += branch
        await ingest_blocks(self.storage, "blocks", branch)

    async def settles(self, payment: SubscriptionTransaction, **terms: Any) -> SettledPayment:
        """Return what settling a payment gives."""
        return await settle_payment(self.storage, payment.id, attrs.evolve(TERMS, **terms), grace=GRACE)

    async def loses(self, payment: SubscriptionTransaction) -> int:
        """Roll the chain back before a payment's transaction, and return how many payments are pending again."""
        [mined] = await self.storage.eth_transactions.get_many([(self.chain.id, payment.transaction_hash)])
        done = await roll_back_chain(self.storage, self.chain.id, mined.block_number - 1)
        self.blocks = [block for block in self.blocks if block.header.number < mined.block_number]
        return done.payments_set_back

    def _next(self, count: int) -> list[Block]:
        last = self.blocks[-1].header if self.blocks else None
        return self.chains.branch("paid", last.number + 1 if last else 10, count, last.hash if last else None)

    def _paying(
        self,
        block: Block,
        payment: SubscriptionTransaction,
        *,
        to: str = TREASURY,
        amount: int | None = None,
        **given: Any,
    ) -> Block:
        mined = attrs.evolve(self.chains.transaction(block.header, 0), hash=payment.transaction_hash, **given)
        moved = payment.amount if amount is None else amount
        changes = [
            BalanceChange(
                chain_id=self.chain.id,
                transaction_hash=mined.hash,
                source=BalanceSource.LOG,
                position=3,
                address=address,
                block_number=mined.block_number,
                block_hash=mined.block_hash,
                coin_id=payment.coin_id,
                delta=delta,
                kind=BalanceChangeKind.TRANSFER,
                at=mined.at,
            )
            for address, delta in ((PAYER, -moved), (to, moved))
        ]
        return attrs.evolve(block, transactions=[mined], balance_changes=changes)
