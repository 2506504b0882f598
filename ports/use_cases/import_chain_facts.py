"""What a reader of chains hands over to be imported: facts by addresses and hashes, before storage's identities."""

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
    """What is said of a chain's own coin; its symbol stands with the chain."""

    name: str
    decimals: int = 18


@frozen
class ImportedChain:
    """The chain that is imported: added, with its native coin, where storage does not know it."""

    chain: Chain
    native: NativeCoin


@frozen(kw_only=True)
class TokenFact:
    """What a token contract says of itself."""

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
    """A transfer of so many raw units of a fungible token, told by a log.

    ``block_hash`` and ``at`` are None where the file does not say: the block's stored header does.
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
    """One export of a chain. Each is read once, and in this order; what an export does not have yields nothing."""

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
        """Yield exchanges whose coins could be told."""
        ...
