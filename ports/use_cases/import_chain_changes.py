"""Derive the balance changes of both ends of transfers and transactions."""

from collections.abc import Iterator
from datetime import datetime
from typing import Final
from uuid import UUID

from strongroom.domain.transactions.balance_change import BalanceChange, BalanceChangeKind, BalanceSource
from strongroom.domain.transactions.eth_transaction import EthTransaction, TxStatus
from strongroom.domain.values.address import ZERO_ADDRESS

from .import_chain_facts import TransactionFact, TransferFact, WithdrawalFact

GAS_POSITIONS: Final = {"gas": 0, "blobs": 1, "l1": 2}
"""The positions of what a transaction pays, within the source GAS: for its gas, for blobs, to the chain below."""


def changes_of_transfer(
    transfer: TransferFact, *, chain_id: int, coin_id: UUID, block_hash: str, at: datetime
) -> Iterator[BalanceChange]:
    """Yield what a transfer does at both ends, in raw units; nothing when it goes to itself or moves nothing.

    From the zero address it is a mint, to it a burn; the zero address's own change is among them.
    """
    kind = BalanceChangeKind.TRANSFER
    if transfer.sender == ZERO_ADDRESS:
        kind = BalanceChangeKind.MINT
    elif transfer.receiver == ZERO_ADDRESS:
        kind = BalanceChangeKind.BURN
    for address, delta, counterparty in _addresses_with_delta(transfer.sender, transfer.receiver, transfer.value):
        yield BalanceChange(
            chain_id=chain_id,
            transaction_hash=transfer.transaction_hash,
            source=BalanceSource.LOG,
            position=transfer.log_index,
            address=address,
            block_number=transfer.block_number,
            block_hash=block_hash,
            coin_id=coin_id,
            delta=delta,
            kind=kind,
            counterparty=counterparty,
            at=at,
        )


def changes_of_transaction(fact: TransactionFact, *, native_id: UUID) -> Iterator[BalanceChange]:
    """Yield what a transaction does to balances of the native coin, in wei: its value at both ends, and its fees.

    The value moves only where the receipt says that the transaction succeeded; a created contract receives it. The fees
    (gas, blobs, and those of the chain below) leave the sender, also of a failed transaction, and reach nobody here.
    """
    transaction = fact.transaction
    receiver = transaction.to_address or transaction.contract_address
    if transaction.status is TxStatus.SUCCESS and receiver is not None:
        for address, delta, counterparty in _addresses_with_delta(
            transaction.from_address, receiver, transaction.value_wei
        ):
            yield _native_change(
                transaction,
                native_id,
                source=BalanceSource.VALUE,
                kind=BalanceChangeKind.TRANSFER,
                address=address,
                delta=delta,
                counterparty=counterparty,
            )
    gas = transaction.gas_used * transaction.effective_gas_price
    for what, cost in (("gas", gas), ("blobs", fact.blob_fee_wei), ("l1", fact.l1_fee_wei)):
        if cost:
            yield _native_change(
                transaction,
                native_id,
                source=BalanceSource.GAS,
                kind=BalanceChangeKind.GAS,
                address=transaction.from_address,
                delta=-cost,
                counterparty=None,
                position=GAS_POSITIONS[what],
            )


def change_of_withdrawal(fact: WithdrawalFact, *, native_id: UUID) -> BalanceChange | None:
    """Return what a validator's withdrawal does to its address, in wei; None where it is of nothing.

    No transaction makes it: the change carries the block's hash in place of a transaction's, and its index as position.
    """
    if not fact.amount_wei:
        return None
    return BalanceChange(
        chain_id=fact.block.chain_id,
        transaction_hash=fact.block.hash,
        source=BalanceSource.WITHDRAWAL,
        position=fact.index,
        address=fact.address,
        block_number=fact.block.number,
        block_hash=fact.block.hash,
        coin_id=native_id,
        delta=fact.amount_wei,
        kind=BalanceChangeKind.MINT,
        at=fact.block.at,
    )


def _native_change(  # noqa: PLR0913 - the fields in which the changes of a transaction differ
    transaction: EthTransaction,
    native_id: UUID,
    *,
    source: BalanceSource,
    kind: BalanceChangeKind,
    address: str,
    delta: int,
    counterparty: str | None,
    position: int = 0,
) -> BalanceChange:
    return BalanceChange(
        chain_id=transaction.chain_id,
        transaction_hash=transaction.hash,
        source=source,
        position=position,
        address=address,
        block_number=transaction.block_number,
        block_hash=transaction.block_hash,
        coin_id=native_id,
        delta=delta,
        kind=kind,
        counterparty=counterparty,
        at=transaction.at,
    )


def _addresses_with_delta(sender: str, receiver: str, value: int) -> tuple[tuple[str, int, str], ...]:
    if sender == receiver or value == 0:
        return ()
    return (sender, -value, receiver), (receiver, value, sender)
