"""What transactions did to balances."""

from datetime import datetime
from enum import Enum
from uuid import UUID

from attrs import frozen

from ..values.fields import Count32, Count64, EvmAddress, Hash32, NonZeroAmount, checked


class BalanceSource(Enum):
    """Where in a transaction a change was found."""

    LOG = "log"
    VALUE = "value"
    GAS = "gas"
    TRACE = "trace"
    WITHDRAWAL = "withdrawal"


class BalanceChangeKind(Enum):
    """What a change is."""

    TRANSFER = "transfer"
    MINT = "mint"
    BURN = "burn"
    GAS = "gas"
    INTERNAL = "internal"


@frozen(kw_only=True, field_transformer=checked)
class BalanceChange:
    """A change of an address's balance of a coin, in signed raw units; a transfer makes one at each end.

    ``position`` is the place within the source: a log's index, 0 for the fee for gas, 1 for blobs and 2 for the chain
    below, a withdrawal's index, or 0. No transaction makes a validator's withdrawal: it carries its block's hash.
    """

    chain_id: Count64
    transaction_hash: Hash32
    source: BalanceSource
    position: Count32
    address: EvmAddress
    block_number: Count64
    block_hash: Hash32
    coin_id: UUID
    delta: NonZeroAmount
    kind: BalanceChangeKind
    counterparty: EvmAddress | None = None
    at: datetime

    @property
    def has_one_end(self) -> bool:
        """Whether no change at another address answers to it: fees leave a sender, withdrawals come from no address."""
        return self.kind is BalanceChangeKind.GAS or self.source is BalanceSource.WITHDRAWAL
