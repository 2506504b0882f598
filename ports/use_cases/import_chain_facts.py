"""Define the facts that a chain reader hands over for import, by addresses and hashes, not storage's identities."""

from collections.abc import Iterator
from datetime import datetime
from typing import Protocol

from attrs import frozen

from strongroom.domain.positions.pool import PoolKind
from strongroom.domain.protocols.chain import Chain
from strongroom.domain.transactions.block_header import BlockHeader
from strongroom.domain.transactions.eth_transaction import EthTransaction

from .import_report import FactWithOrigin


@frozen
class NativeCoin:
    """The fields of a chain's native coin; its symbol is a field of the chain."""

    name: str
    decimals: int = 18


@frozen
class ImportedChain:
    """The chain that is imported: added, with its native coin, where storage does not know it."""

    chain: Chain
    native: NativeCoin


@frozen(kw_only=True)
class TokenFact:
    """The metadata that a token contract reports."""

    address: str
    symbol: str
    name: str
    decimals: int


@frozen(kw_only=True)
class TransactionFact:
    """A transaction with its receipt, and what it paid in wei beyond its gas: for blobs, and to the chain below."""

    transaction: EthTransaction
    blob_fee_wei: int = 0
    l1_fee_wei: int = 0


@frozen(kw_only=True)
class WithdrawalFact:
    """A validator's withdrawal, which its block credits without a transaction; ``index`` is the chain's."""

    block: BlockHeader
    index: int
    address: str
    amount_wei: int


@frozen(kw_only=True)
class TransferFact:
    """A transfer of a fungible token in raw units, as its log records it.

    ``block_hash`` and ``at`` are None if the file does not say: the block's stored header does.
    """

    transaction_hash: str
    log_index: int
    token: str
    sender: str
    receiver: str
    value: int
    block_number: int
    block_hash: str | None
    at: datetime | None


@frozen(kw_only=True)
class SwapFact:
    """An exchange in a pool, told by a log; amounts are in raw units of the coins at the addresses."""

    transaction_hash: str
    log_index: int
    pool: str
    kind: PoolKind
    coin_in: str
    coin_out: str
    amount_in: int
    amount_out: int


class ChainFacts(Protocol):
    """One export of a chain: each iterator is read once, in this order, and is empty if there are no such facts."""

    def tokens(self) -> Iterator[FactWithOrigin[TokenFact]]:
        """Yield what is known of tokens."""
        ...

    def headers(self) -> Iterator[FactWithOrigin[BlockHeader]]:
        """Yield the headers of blocks."""
        ...

    def withdrawals(self) -> Iterator[FactWithOrigin[WithdrawalFact]]:
        """Yield the withdrawals of blocks whose headers were yielded."""
        ...

    def transactions(self) -> Iterator[FactWithOrigin[TransactionFact]]:
        """Yield transactions with their receipts."""
        ...

    def transfers(self) -> Iterator[FactWithOrigin[TransferFact]]:
        """Yield transfers of fungible tokens."""
        ...

    def swaps(self) -> Iterator[FactWithOrigin[SwapFact]]:
        """Yield exchanges whose coins could be determined."""
        ...
