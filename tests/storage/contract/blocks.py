"""Blocks of generated chains, with transactions, balance changes and swaps in them."""

from collections.abc import Sequence
from datetime import timedelta
from hashlib import sha256
from typing import Final
from uuid import UUID

from strongroom.domain.transactions.balance_change import BalanceChange, BalanceChangeKind, BalanceSource
from strongroom.domain.transactions.block_header import BlockHeader
from strongroom.domain.transactions.eth_transaction import EthTransaction, TxStatus
from strongroom.domain.transactions.swap import Swap
from strongroom.ports.use_cases.ingest_blocks import Block
from strongroom.testing.factory import START_TIME

ADDRESSES: Final = tuple("0x" + digit * 40 for digit in "abcd")
FACTS: Final = ("block_headers", "eth_transactions", "balance_changes", "swaps")


def digest(*parts: object) -> str:
    """Return a hash that the parts alone decide."""
    return "0x" + sha256(repr(parts).encode()).hexdigest()


class Chains:
    """Generates linked blocks with facts; blocks of one branch are the same whenever they are asked for."""

    def __init__(self, chain_id: int, coins: Sequence[UUID]) -> None:
        self.chain_id = chain_id
        self.coins = coins

    def branch(self, name: str, first: int, count: int, parent: str | None = None) -> list[Block]:
        """Return blocks of a branch; ``parent`` is the hash that the first builds on."""
        blocks = []
        parent = parent or digest("parent", name, first)
        for number in range(first, first + count):
            blocks.append(self._block(name, number, parent))
            parent = blocks[-1].header.hash
        return blocks

    def _block(self, name: str, number: int, parent: str) -> Block:
        at = START_TIME + timedelta(seconds=12 * number)
        own = digest(name, number, parent)
        header = BlockHeader(chain_id=self.chain_id, number=number, hash=own, parent_hash=parent, at=at)
        transactions = [self.transaction(header, index) for index in range(int(own[2], 16) % 4)]
        changes = [change for found in transactions for change in self._changes(found)]
        return Block(
            header=header,
            transactions=transactions,
            balance_changes=changes,
            swaps=[self.swap(found) for found in transactions[:1]],
        )

    def transaction(self, header: BlockHeader, index: int) -> EthTransaction:
        """Return a transaction of a block."""
        # the same transaction is mined on both branches where its number allows it, in blocks of different hashes
        text = digest("transaction", header.number, index) if index else digest("transaction", header.hash)
        return EthTransaction(
            chain_id=self.chain_id,
            hash=text,
            block_number=header.number,
            block_hash=header.hash,
            transaction_index=index,
            from_address=ADDRESSES[int(text[3], 16) % 4],
            to_address=ADDRESSES[int(text[4], 16) % 4],
            value_wei=int(text[5:9], 16),
            gas_used=21_000,
            effective_gas_price=1,
            nonce=header.number,
            type=2,
            input=b"",
            status=TxStatus.SUCCESS,
            at=header.at,
        )

    def _changes(self, found: EthTransaction) -> list[BalanceChange]:
        amount = int(found.block_hash[5:12], 16) + 1
        return [
            BalanceChange(
                chain_id=self.chain_id,
                transaction_hash=found.hash,
                source=BalanceSource.LOG,
                position=position,
                address=address,
                block_number=found.block_number,
                block_hash=found.block_hash,
                coin_id=self.coins[amount % 2],
                delta=sign * amount,
                kind=BalanceChangeKind.TRANSFER,
                counterparty=None,
                at=found.at,
            )
            for position, address, sign in ((0, found.from_address, -1), (1, str(found.to_address), 1))
        ]

    def swap(self, found: EthTransaction) -> Swap:
        """Return a swap that a transaction made."""
        return Swap(
            id=UUID(found.hash[2:34]),
            chain_id=self.chain_id,
            transaction_hash=found.hash,
            log_index=7,
            coin_in_id=self.coins[0],
            coin_out_id=self.coins[1],
            amount_in=found.value_wei + 1,
            amount_out=found.nonce + 1,
            trader_address=found.from_address,
            block_number=found.block_number,
            block_hash=found.block_hash,
            at=found.at,
        )
