"""The storage as a whole: its repositories, and the units of work over them."""

import asyncio
import random
from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager
from enum import Enum
from typing import Final, TypeVar

from .errors import Conflict
from .repositories.balance_change import BalanceChangeRepository
from .repositories.block_header import BlockHeaderRepository
from .repositories.chain import ChainRepository
from .repositories.coin import CoinRepository
from .repositories.coin_data import CoinDataRepository
from .repositories.eth_transaction import EthTransactionRepository
from .repositories.goal import GoalRepository
from .repositories.indexer_checkpoint import IndexerCheckpointRepository
from .repositories.pool import PoolRepository
from .repositories.pool_token import PoolTokenRepository
from .repositories.position import PositionRepository
from .repositories.position_flow import PositionFlowRepository
from .repositories.position_valuation import PositionValuationRepository
from .repositories.price import PriceRepository
from .repositories.protocol import ProtocolRepository
from .repositories.swap import SwapRepository
from .repositories.user import UserRepository
from .repositories.user_address import UserAddressRepository
from .repositories.wallet import WalletRepository

T = TypeVar("T")

PAUSE_SECONDS: Final = 0.01
"""The pause before a unit of work starts again: at most this, doubled with every attempt."""


class Isolation(Enum):
    """How much a transaction sees of concurrent ones, as PostgreSQL defines it."""

    READ_COMMITTED = "read committed"
    REPEATABLE_READ = "repeatable read"
    SERIALIZABLE = "serializable"


class Repositories:
    """One attribute per repository; an adapter says how each is made, and it is made on first use."""

    users: UserRepository
    wallets: WalletRepository
    user_addresses: UserAddressRepository
    goals: GoalRepository
    chains: ChainRepository
    protocols: ProtocolRepository
    coins: CoinRepository
    coin_data: CoinDataRepository
    pools: PoolRepository
    pool_tokens: PoolTokenRepository
    positions: PositionRepository
    position_valuations: PositionValuationRepository
    position_flows: PositionFlowRepository
    prices: PriceRepository
    block_headers: BlockHeaderRepository
    indexer_checkpoints: IndexerCheckpointRepository
    eth_transactions: EthTransactionRepository
    balance_changes: BalanceChangeRepository
    swaps: SwapRepository


class Transaction(Repositories):
    """A unit of work: everything done through its repositories is kept together, or not at all."""

    def transaction(self) -> AbstractAsyncContextManager["Transaction"]:
        """Open a savepoint: leaving it by an exception undoes what was done within it, and nothing else."""
        raise NotImplementedError


class Storage(Repositories):
    """The storage of the platform; what is read or written outside a transaction is its own unit of work."""

    def transaction(
        self, *, isolation: Isolation = Isolation.READ_COMMITTED, read_only: bool = False
    ) -> AbstractAsyncContextManager[Transaction]:
        """Open a unit of work: leaving it commits, leaving it by an exception rolls back.

        Raises Conflict when the commit loses against a concurrent transaction, TransactionAborted when a
        statement failed within and the error was swallowed (nothing is kept then).
        """
        raise NotImplementedError

    async def run(
        self,
        work: Callable[[Transaction], Awaitable[T]],
        *,
        isolation: Isolation = Isolation.READ_COMMITTED,
        read_only: bool = False,
        attempts: int = 5,
    ) -> T:
        """Do the work in a transaction and return its result; a Conflict starts it again after a jittered pause.

        The work must have no effect outside the transaction. Raises the last Conflict after so many attempts, and
        ValueError for fewer than one.
        """
        for attempt in range(1, attempts + 1):
            try:
                async with self.transaction(isolation=isolation, read_only=read_only) as transaction:
                    return await work(transaction)
            except Conflict:
                if attempt == attempts:
                    raise
                await asyncio.sleep(random.uniform(0, PAUSE_SECONDS * 2**attempt))  # noqa: S311 - jitter, not a secret
        message = f"attempts must be at least 1, not {attempts}"
        raise ValueError(message)

    async def ping(self) -> None:
        """Make one round trip to the store. Raises StorageUnavailable."""
        raise NotImplementedError

    async def close(self) -> None:
        """Close the storage; what is asked of it afterwards raises StorageClosed. Closing twice is closing once."""
        raise NotImplementedError
