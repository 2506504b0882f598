"""The storage as a whole: its repositories, and the units of work over them.

The ports of the repositories are imported for type checkers alone: services import ``Storage`` for their annotations,
and the ports with their entities take longer to import than everything else.
"""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING, Final, TypeAlias, TypeVar

from .errors import CommitUnknown, Conflict, StatementTimeout

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable
    from contextlib import AbstractAsyncContextManager

    from .change_feed import ChangeFeed
    from .errors import StorageError
    from .repositories.apy_history import ApyHistoryRepository
    from .repositories.balance_change import BalanceChangeRepository
    from .repositories.block_header import BlockHeaderRepository
    from .repositories.chain import ChainRepository
    from .repositories.chat import ChatRepository
    from .repositories.chat_member import ChatMemberRepository
    from .repositories.coin import CoinRepository
    from .repositories.coin_data import CoinDataRepository
    from .repositories.eth_transaction import EthTransactionRepository
    from .repositories.goal import GoalRepository
    from .repositories.indexer_checkpoint import IndexerCheckpointRepository
    from .repositories.message import MessageRepository
    from .repositories.morpho_vault import MorphoVaultRepository
    from .repositories.pool import PoolRepository
    from .repositories.pool_token import PoolTokenRepository
    from .repositories.portfolio_snapshot import PortfolioSnapshotRepository
    from .repositories.position import PositionRepository
    from .repositories.position_flow import PositionFlowRepository
    from .repositories.position_valuation import PositionValuationRepository
    from .repositories.price import PriceRepository
    from .repositories.protocol import ProtocolRepository
    from .repositories.safe_account import SafeAccountRepository
    from .repositories.safe_confirmation import SafeConfirmationRepository
    from .repositories.safe_delegate import SafeDelegateRepository
    from .repositories.safe_discount import SafeDiscountRepository
    from .repositories.safe_module import SafeModuleRepository
    from .repositories.safe_module_permission import SafeModulePermissionRepository
    from .repositories.safe_owner import SafeOwnerRepository
    from .repositories.safe_transaction import SafeTransactionRepository
    from .repositories.sol_balance_change import SolBalanceChangeRepository
    from .repositories.sol_transaction import SolTransactionRepository
    from .repositories.subscription import SubscriptionRepository
    from .repositories.subscription_plan import SubscriptionPlanRepository
    from .repositories.subscription_transaction import SubscriptionTransactionRepository
    from .repositories.swap import SwapRepository
    from .repositories.token_daily_value import TokenDailyValueRepository
    from .repositories.uniswap_v2_pair import UniswapV2PairRepository
    from .repositories.uniswap_v3_pool import UniswapV3PoolRepository
    from .repositories.uniswap_v3_position import UniswapV3PositionRepository
    from .repositories.user import UserRepository
    from .repositories.user_address import UserAddressRepository
    from .repositories.wallet import WalletRepository
    from .repositories.yearn_vault import YearnVaultRepository
    from .stats import StorageStats

T = TypeVar("T")
R = TypeVar("R")

MAX_RETRY_DELAY_SECONDS: Final = 1.0
"""The longest pause before a unit of work starts again."""


class Isolation(Enum):
    """The isolation level of a transaction, as PostgreSQL defines it."""

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
    safes: SafeAccountRepository
    safe_owners: SafeOwnerRepository
    safe_delegates: SafeDelegateRepository
    safe_modules: SafeModuleRepository
    safe_module_permissions: SafeModulePermissionRepository
    safe_transactions: SafeTransactionRepository
    safe_confirmations: SafeConfirmationRepository
    safe_discounts: SafeDiscountRepository
    portfolio_snapshots: PortfolioSnapshotRepository
    uniswap_v3_pools: UniswapV3PoolRepository
    uniswap_v3_positions: UniswapV3PositionRepository
    uniswap_v2_pairs: UniswapV2PairRepository
    yearn_vaults: YearnVaultRepository
    morpho_vaults: MorphoVaultRepository
    apy_history: ApyHistoryRepository
    sol_transactions: SolTransactionRepository
    sol_balance_changes: SolBalanceChangeRepository
    subscription_plans: SubscriptionPlanRepository
    subscriptions: SubscriptionRepository
    subscription_transactions: SubscriptionTransactionRepository
    chats: ChatRepository
    chat_members: ChatMemberRepository
    messages: MessageRepository
    token_daily_values: TokenDailyValueRepository

    def repository(self, port: Callable[..., R]) -> R:
        """Return the repository of a port, ``repository(CoinRepository)`` say: for tables of a service's own.

        Raises ModelInvalid for a port that the storage's model has no table of.
        """
        raise NotImplementedError


class Transaction(Repositories):
    """A unit of work: everything done through its repositories is kept together, or not at all."""

    def transaction(self) -> AbstractAsyncContextManager[Transaction]:
        """Open a savepoint: leaving it by an exception undoes what was done within it, and nothing else."""
        raise NotImplementedError

    async def run(
        self,
        work: Callable[[Transaction], Awaitable[T]],
        *,
        isolation: Isolation = Isolation.READ_COMMITTED,  # noqa: ARG002 - a storage's
        read_only: bool = False,  # noqa: ARG002 - a storage's
    ) -> T:
        """Do the work in a savepoint of this transaction, and return its result; nothing is tried again.

        So a use case becomes part of a transaction that is open. The transaction's own isolation holds: a report that
        has to be of one moment needs a transaction at REPEATABLE READ. A Conflict ends the transaction.
        """
        async with self.transaction() as savepoint:
            return await work(savepoint)


class Storage(Repositories):
    """The storage of the platform; what is read or written outside a transaction is its own unit of work."""

    changes: ChangeFeed
    retries: int = 0
    """The number of times that ``run`` has started work again."""

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
        timeout: float | None = None,  # noqa: ASYNC109 - one limit for all attempts, told as an error of the port
    ) -> T:
        """Do the work in a transaction and return its result; a Conflict starts it again after a jittered pause.

        The work must have no effect outside the transaction. ``timeout`` is how many seconds all attempts may take
        together, pauses and waiting for a connection included. Raises the last Conflict after the last attempt,
        StatementTimeout at the end of the time, CommitUnknown if COMMIT was on its way by then, and ValueError for
        fewer than one attempt.
        """
        import asyncio

        from .backoff import backoff_seconds

        if attempts < 1:
            message = f"attempts must be at least 1, not {attempts}"
            raise ValueError(message)
        is_done = False
        limit = asyncio.timeout(timeout)
        try:
            async with limit:
                attempt = 0
                while True:
                    attempt += 1
                    try:
                        async with self.transaction(isolation=isolation, read_only=read_only) as transaction:
                            is_done = False
                            result = await work(transaction)
                            is_done = True
                    except Conflict:
                        if attempt == attempts:
                            raise
                        is_done = False
                        self.retries += 1
                        await asyncio.sleep(backoff_seconds(attempt, maximum=MAX_RETRY_DELAY_SECONDS))
                    else:
                        return result
        except TimeoutError:
            if not limit.expired():
                raise
            if is_done and not read_only:
                message = f"the work was done, but its COMMIT was not answered within the {timeout:g} s"
                raise CommitUnknown(message) from None
            message = f"the work was not done within {timeout:g} s, and was undone"
            raise StatementTimeout(message) from None

    async def committed(self, error: StorageError) -> bool | None:
        """Return whether the transaction that raised an error was committed; None if the store cannot say.

        For CommitUnknown with a ``transaction_id`` the server is asked, and waited for while it still commits. After a
        failover to a standby that had not received the transaction yet, the answer may be that of another one: only
        synchronous replication rules that out. Raises StorageUnavailable.
        """
        raise NotImplementedError

    async def ping(self, *, fresh: bool = False) -> None:
        """Make one round trip to the store; ``fresh`` makes it over a new connection, without waiting for the pool.

        Whether the store can be reached (``fresh``) is for liveness; whether this storage can serve, for readiness.
        Raises StorageUnavailable.
        """
        raise NotImplementedError

    def stats(self) -> StorageStats:
        """Return the numbers of this storage since it was opened; nothing is waited for."""
        raise NotImplementedError

    async def close(self) -> None:
        """Close the storage: later calls raise StorageClosed, and a second close does nothing."""
        raise NotImplementedError


UnitOfWork: TypeAlias = Storage | Transaction
"""The scope of a use case: a storage (it opens a transaction of its own) or the caller's transaction."""
