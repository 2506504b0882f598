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

    ``position`` is the place within the source: a log's index, or 0.
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
