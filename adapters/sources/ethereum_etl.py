"""Reads exports of ethereum-etl, in JSON Lines (``stream``) and CSV (``export_all``).

A transfer tells ERC-721 from ERC-20 only by its log, and the coins of a swap stand in the transfers of its transaction,
each in another file. So logs are read first: how many topics each Transfer log has and what each Swap log says is kept
in a scratch database on disk, and so are the transfers of transactions with swaps, until the swaps are told from them.
"""

from ast import literal_eval
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from typing import Any, Final

from attrs import frozen

from strongroom.domain.transactions.block_header import BlockHeader
from strongroom.domain.transactions.eth_transaction import EthTransaction, TxStatus
from strongroom.domain.values.address import ZERO_ADDRESS
from strongroom.domain.values.fields import CoinDecimals, Count16, Count32, Count64
from strongroom.domain.values.json_text import read_json
from strongroom.ports.use_cases.import_chain_facts import (
    SwapFact,
    TokenFact,
    TransactionFact,
    TransferFact,
    WithdrawalFact,
)
from strongroom.ports.use_cases.import_report import FactWithOrigin, Origin

from .ethereum_etl_files import REQUIRED, ExportFiles
from .lines import LineReader
from .rows import FactT, FieldInvalid, Row, facts, require_columns, rows_of
from .temporary_store import KeptSwap, TemporaryStore
from .uniswap_logs import ERC721_TOPICS, SWAP_TOPICS, TRANSFER_TOPIC, decode_swap, infer_coins
from .value_reader import shorten_value

_RECEIPT: Final = (
    "gas_used",
    "contract_address",
    "status",
    "effective_gas_price",
    "blob_gas_used",
    "blob_gas_price",
    "l1_fee",
)
_BLOB_TYPE: Final = 3
_DEPOSIT_TYPE: Final = 126
"""Transactions that the sequencer of an OP chain takes over from the chain below: they pay no fee."""
_WEI_PER_GWEI: Final = 10**9
_L1_FEE_CHAINS: Final = frozenset({10, 8453})
_WITHDRAWALS_IN_TOKENS: Final = frozenset({100})
"""Chains that pay validators' withdrawals in a token, whose transfers tell them."""
_STATUSES: Final = {1: TxStatus.SUCCESS, 0: TxStatus.REVERTED}


@frozen
class EthereumEtlExport:
    """The facts of one export; its methods are called once each, in the order of ``ChainFacts``."""

    chain_id: int
    files: ExportFiles
    reader: LineReader
    scratch: TemporaryStore
    notes: Counter[str]

    def tokens(self) -> Iterator[FactWithOrigin[TokenFact]]:
        """Yield tokens.

        A contract that says nothing of itself has an empty symbol, an empty name and 0 decimals.
        """
        return self._facts("tokens", _token)

    def headers(self) -> Iterator[FactWithOrigin[BlockHeader]]:
        """Yield the headers of blocks; the withdrawals in them are kept until they are asked for."""
        for row in self._facts("blocks", self._block):
            header, withdrawals = row.fact
            for each in withdrawals:
                self.scratch.keep_withdrawal(each, row.origin)
            yield FactWithOrigin(header, row.origin)

    def withdrawals(self) -> Iterator[FactWithOrigin[WithdrawalFact]]:
        """Yield validators' withdrawals, which no transaction tells."""
        if self.chain_id not in _WITHDRAWALS_IN_TOKENS:
            yield from self.scratch.withdrawals()

    def transactions(self) -> Iterator[FactWithOrigin[TransactionFact]]:
        """Yield transactions; their receipts stand in them, or in the file of receipts."""
        if self.files.of("receipts") and not self.files.of("transactions"):
            self.notes["files of receipts are of no use without the transactions"] += len(self.files.of("receipts"))
            return
        for receipt in self._facts("receipts", _receipt):
            self.scratch.keep_receipt(*receipt.fact)
        yield from self._facts("transactions", self._transaction)

    def transfers(self) -> Iterator[FactWithOrigin[TransferFact]]:
        """Yield transfers of fungible tokens; those of ERC-721 are counted in the notes alone."""
        for log in self._facts("logs", _log):
            self._keep_log(log.fact, log.origin)
        for row in self._facts("token_transfers", self._transfer):
            if row.fact is not None:
                yield FactWithOrigin(row.fact, row.origin)

    def swaps(self) -> Iterator[FactWithOrigin[SwapFact]]:
        """Yield the swaps whose coins the transfers tell; the others are counted in the notes."""
        for kept in self.scratch.swaps():
            coins = infer_coins(kept.swap, self.scratch.movements_of(kept))
            if coins is None:
                self.notes["swaps left out: no transfers tell their coins"] += 1
                continue
            fact = SwapFact(
                transaction_hash=kept.transaction_hash,
                log_index=kept.log_index,
                pool=kept.swap.pool,
                kind=kept.swap.kind,
                coin_in=coins[0],
                coin_out=coins[1],
                amount_in=kept.swap.amount_in,
                amount_out=kept.swap.amount_out,
            )
            yield FactWithOrigin(fact, Origin(kept.file, kept.line))

    def _facts(self, kind: str, read: Callable[[Row], FactT]) -> Iterator[FactWithOrigin[FactT]]:
        for path in self.files.of(kind):
            yield from facts(rows_of(path, self.reader, require_columns(*REQUIRED[kind])), read, self.reader.rejections)

    def _header(self, row: Row) -> BlockHeader:
        return BlockHeader(
            chain_id=self.chain_id,
            number=row.integer("number", Count64),
            hash=row.hash("hash"),
            parent_hash=row.hash("parent_hash"),
            at=row.timestamp("timestamp"),
        )

    def _block(self, row: Row) -> tuple[BlockHeader, list[WithdrawalFact]]:
        header = self._header(row)
        return header, [_withdrawal(each, header) for each in _withdrawals(row)]

    def _transaction(self, row: Row) -> TransactionFact:
        transaction_hash = row.hash("hash")
        receipt = self._with_receipt(row, transaction_hash)
        status = receipt.integer("receipt_status", Count16) if receipt.has("receipt_status") else None
        if status not in (*_STATUSES, None):
            raise FieldInvalid("receipt_status", f"{status} is neither 0 (failed) nor 1 (succeeded)")
        # Before EIP-1559 receipts did not say the price: it was the one that the sender offered.
        price = "receipt_effective_gas_price" if receipt.has("receipt_effective_gas_price") else "gas_price"
        has_contract = receipt.has("receipt_contract_address")
        transaction = EthTransaction(
            chain_id=self.chain_id,
            hash=transaction_hash,
            block_number=row.integer("block_number", Count64),
            block_hash=row.hash("block_hash"),
            transaction_index=row.integer("transaction_index", Count32),
            from_address=row.address("from_address"),
            to_address=row.address("to_address") if row.has("to_address") else None,
            value_wei=row.integer("value"),
            gas_used=receipt.integer("receipt_gas_used", Count64),
            effective_gas_price=receipt.integer(price),
            nonce=row.integer("nonce", Count64),
            type=row.integer("transaction_type", Count16) if row.has("transaction_type") else 0,
            contract_address=receipt.address("receipt_contract_address") if has_contract else None,
            input=row.value("input", bytes) if row.has("input") else b"",
            status=None if status is None else _STATUSES[status],
            at=row.timestamp("block_timestamp"),
        )
        return TransactionFact(
            transaction=transaction,
            blob_fee_wei=self._blob_fee(receipt, transaction),
            l1_fee_wei=self._l1_fee(receipt, transaction),
        )

    def _blob_fee(self, receipt: Row, transaction: EthTransaction) -> int:
        if receipt.has("receipt_blob_gas_used") and receipt.has("receipt_blob_gas_price"):
            used = receipt.integer("receipt_blob_gas_used", Count64)
            return used * receipt.integer("receipt_blob_gas_price")
        missing = "transactions with blobs do not tell the fee for them: their senders' balances are too high by it"
        self.notes[missing] += transaction.type == _BLOB_TYPE
        return 0

    def _l1_fee(self, receipt: Row, transaction: EthTransaction) -> int:
        if receipt.has("receipt_l1_fee"):
            return receipt.integer("receipt_l1_fee")
        missing = "transactions do not tell their L1 fee: their senders' balances are too high by it"
        self.notes[missing] += self.chain_id in _L1_FEE_CHAINS and transaction.type != _DEPOSIT_TYPE
        return 0

    def _with_receipt(self, row: Row, transaction_hash: str) -> Row:
        if row.has("receipt_gas_used"):
            return row
        receipt = self.scratch.receipt_of(transaction_hash)
        if receipt is None:
            raise FieldInvalid(
                "receipt_gas_used",
                "the row has no receipt: give the file of receipts, too (receipts.csv or receipts.json)",
            )
        values = {f"receipt_{name}": value for name, value in zip(_RECEIPT, receipt, strict=True)}
        return Row(row.origin, {**row.values, **values})

    def _keep_log(self, log: "_Log", origin: Origin) -> None:
        if log.topics[:1] == (TRANSFER_TOPIC,):
            self.scratch.keep_transfer_log(log.transaction_hash, log.log_index, len(log.topics))
        elif log.topics and log.topics[0] in SWAP_TOPICS:
            swap = decode_swap(log.address, log.topics, log.data)
            if swap is None:
                self.notes["swaps left out: their logs tell no plain exchange of two coins"] += 1
            else:
                self.scratch.keep_swap(KeptSwap(log.transaction_hash, log.log_index, origin.file, origin.line, swap))

    def _transfer(self, row: Row) -> TransferFact | None:
        fact = TransferFact(
            transaction_hash=row.hash("transaction_hash"),
            log_index=row.integer("log_index", Count32),
            token=row.address("token_address"),
            sender=row.address("from_address"),
            receiver=row.address("to_address"),
            value=row.integer("value"),
            block_number=row.integer("block_number", Count64),
            block_hash=row.hash("block_hash") if row.has("block_hash") else None,
            at=row.timestamp("block_timestamp") if row.has("block_timestamp") else None,
        )
        self._note_transfer(fact)
        topics = self.scratch.topics_of(fact.transaction_hash, fact.log_index)
        if topics is None:
            raise FieldInvalid(
                "log_index", "the logs have no Transfer with it, which would tell whether the value is an amount"
            )
        if topics == ERC721_TOPICS:
            self.notes["token transfers are of ERC-721: their values are ids and no amounts"] += 1
            return None
        self.scratch.keep_movement(fact.transaction_hash, fact.token, fact.sender, fact.receiver, fact.value)
        return fact

    def _note_transfer(self, fact: TransferFact) -> None:
        self.notes["token transfers were read"] += 1
        self.notes["token transfers move nothing"] += fact.value == 0
        self.notes["token transfers go to themselves"] += fact.sender == fact.receiver
        self.notes["token transfers are mints"] += fact.sender == ZERO_ADDRESS
        self.notes["token transfers are burns"] += fact.receiver == ZERO_ADDRESS


@frozen
class _Log:
    transaction_hash: str
    log_index: int
    address: str
    topics: tuple[str, ...]
    data: str


def _log(row: Row) -> _Log:
    return _Log(
        transaction_hash=row.hash("transaction_hash"),
        log_index=row.integer("log_index", Count32),
        address=row.address("address"),
        topics=_topics(row),
        data=row.value("data", str) if row.has("data") else "0x",
    )


def _topics(row: Row) -> tuple[str, ...]:
    """Return a log's topics: a list in JSON, joined by commas in CSV, a list in a text where BigQuery exported it."""
    topics: Any = row.value("topics") if row.has("topics") else ()
    parts: Sequence[Any] = topics
    if type(topics) is str:
        parts = _list_in_text(topics, "topics") if topics.lstrip().startswith("[") else topics.split(",")
    if type(parts) not in (list, tuple) or not all(type(part) is str for part in parts):
        raise FieldInvalid("topics", "a list of texts is expected")
    return tuple(part.strip().lower() for part in parts)


def _list_in_text(text: str, field: str) -> Any:
    """Return a list that stands in a text, in JSON or as Python writes it. Raises FieldInvalid."""
    for read in (read_json, literal_eval):
        with suppress(ValueError, SyntaxError, MemoryError, RecursionError):
            return read(text)
    raise FieldInvalid(field, f"{shorten_value(text)} is no list in JSON")


def _withdrawals(row: Row) -> Sequence[Any]:
    """Return what a block says of validators' withdrawals; in CSV ethereum-etl writes it as Python does."""
    given: Any = row.value("withdrawals") if row.has("withdrawals") else ()
    listed = _list_in_text(given, "withdrawals") if type(given) is str else given
    if type(listed) not in (list, tuple) or not all(type(each) is dict for each in listed):
        raise FieldInvalid("withdrawals", "a list of objects is expected")
    return listed  # type: ignore[no-any-return]


def _withdrawal(values: dict[str, Any], header: BlockHeader) -> WithdrawalFact:
    row = Row(Origin("", 0), values)
    try:
        return WithdrawalFact(
            block=header,
            index=row.integer("index", Count32),
            address=row.address("address"),
            amount_wei=row.integer("amount") * _WEI_PER_GWEI,
        )
    except FieldInvalid as error:
        raise FieldInvalid("withdrawals", f"{error.field}: {error.reason}") from None


def _receipt(row: Row) -> tuple[str, list[Any]]:
    return row.hash("transaction_hash"), [row.values.get(name) for name in _RECEIPT]


def _token(row: Row) -> TokenFact:
    return TokenFact(
        address=row.address("address"),
        symbol=row.value("symbol", str) if row.has("symbol") else "",
        name=row.value("name", str) if row.has("name") else "",
        decimals=row.integer("decimals", CoinDecimals) if row.has("decimals") else 0,
    )
