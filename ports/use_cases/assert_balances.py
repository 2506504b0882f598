"""Holds balances that are known from a chain against the sums of stored changes."""

from collections.abc import Iterable
from typing import Final
from uuid import UUID

from attrs import frozen

from strongroom.domain.transactions.balances import balances_at_block
from strongroom.domain.values.address import ZERO_ADDRESS

from ..criteria import Criteria, eq, in_
from ..storage import Isolation, Transaction, UnitOfWork
from .import_batches import batched
from .import_report import FactWithOrigin, Origin

CHANGES_OF_ADDRESSES: Final = Criteria(where=(eq("chain_id"), in_("address")))
ADDRESSES_AT_ONCE: Final = 100


@frozen(kw_only=True)
class KnownBalance:
    """An address's known balance of a coin after a block, in raw units; without a block, after all stored changes.

    ``coin`` is the coin's address; the zero address is the chain's own coin.
    """

    address: str
    amount: int
    coin: str = ZERO_ADDRESS
    block_number: int | None = None


@frozen
class BalanceDifference:
    """A known balance that differs from the stored sum, ``found`` (0 for a coin that storage does not know)."""

    known: KnownBalance
    found: int
    origin: Origin

    @property
    def missing(self) -> int:
        """The known balance minus the stored sum, in raw units; negative if the sum is too large."""
        return self.known.amount - self.found


@frozen
class BalanceCheck:
    """The number of compared balances, and the differences in the order of the file."""

    compared: int
    differences: tuple[BalanceDifference, ...]


async def assert_balances(
    storage: UnitOfWork, known: Iterable[FactWithOrigin[KnownBalance]], *, chain_id: int
) -> BalanceCheck:
    """Compare known balances with the sums of a chain's stored changes, all in one consistent snapshot.

    A difference means that history is missing or wrong: blocks that were not imported, internal transfers, fees.
    """

    async def work(transaction: Transaction) -> BalanceCheck:
        compared = 0
        differences: list[BalanceDifference] = []
        for batch in batched(known, ADDRESSES_AT_ONCE):
            compared += len(batch)
            differences += await _differences(transaction, batch, chain_id)
        return BalanceCheck(compared, tuple(differences))

    return await storage.run(work, isolation=Isolation.REPEATABLE_READ, read_only=True)


async def _differences(
    transaction: Transaction, batch: list[FactWithOrigin[KnownBalance]], chain_id: int
) -> list[BalanceDifference]:
    coins = await transaction.coins.find_by_addresses(chain_id, sorted({row.fact.coin for row in batch}))
    ids: dict[str, UUID] = {coin.address: coin.id for coin in coins}
    addresses = sorted({row.fact.address for row in batch})
    changes = await transaction.balance_changes.find(CHANGES_OF_ADDRESSES, chain_id, addresses)
    last = max((change.block_number for change in changes), default=0)
    found: list[BalanceDifference] = []
    for row in batch:
        block = last if row.fact.block_number is None else row.fact.block_number
        sums = balances_at_block(changes, row.fact.address, chain_id=chain_id, block_number=block)
        coin_id = ids.get(row.fact.coin)
        amount = sums.get(coin_id, 0) if coin_id is not None else 0
        if amount != row.fact.amount:
            found.append(BalanceDifference(row.fact, amount, row.origin))
    return found
