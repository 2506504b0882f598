"""Imports an export of a chain: blocks, transactions, what they did to balances, and swaps."""

from collections.abc import Iterable, Sequence
from typing import Final
from uuid import UUID

from attrs import frozen

from strongroom.domain.positions.pool import PoolKind
from strongroom.domain.transactions.balance_change import BalanceSource
from strongroom.domain.transactions.block_header import BlockHeader
from strongroom.domain.transactions.eth_transaction import EthTransaction, TxStatus
from strongroom.domain.transactions.swap import Swap
from strongroom.domain.values.address import ChainFamily

from ..criteria import Criteria, eq, in_
from ..storage import Storage, Transaction
from .import_batches import BATCH_SIZE, BatchWriter, batched
from .import_chain_changes import change_of_withdrawal, changes_of_transaction, changes_of_transfer
from .import_chain_facts import (
    ChainFacts,
    ImportedChain,
    SwapFact,
    TransactionFact,
    TransferFact,
    WithdrawalFact,
)
from .import_coins import CoinDirectory, add_chain
from .import_report import FactWithOrigin, ImportCounter, ImportReport, Rejections

BY_LOG: Final = ("chain_id", "transaction_hash", "log_index")
SWAPS_BY_TRANSACTIONS: Final = Criteria(where=(eq("chain_id"), in_("transaction_hash")))
POOLS_BY_ADDRESSES: Final = Criteria(where=(eq("chain_id"), in_("address")))
WALLETS_BY_ADDRESSES: Final = Criteria(where=(eq("family"), in_("address")))


async def import_chain_data(
    storage: Storage,
    facts: ChainFacts,
    imported: ImportedChain,
    *,
    rejections: Rejections,
    tally: ImportCounter | None = None,
) -> ImportReport:
    """Import everything of an export in one transaction, and return what was done.

    Imported again it changes nothing. A block that storage has with another hash is refused: the chain was
    reorganised, and has to be rolled back first. A swap gets its pool and its user where storage knows them; what
    storage has of a swap beyond the log (user, pool, value) is kept. Raises ImportRefused for the first bad line,
    unless bad lines are skipped, and whatever storage raises; nothing is kept then.
    """
    tally = tally or ImportCounter()
    async with storage.transaction() as transaction:
        writer = BatchWriter(transaction, tally, rejections)
        native_id = await add_chain(transaction, writer, imported)
        coins = CoinDirectory(transaction, writer, imported.chain.id)
        run = _ChainImport(transaction, writer, coins, imported.chain.id, native_id)
        await coins.fill(facts.tokens())
        await run.write_headers(facts.headers())
        await run.write_withdrawals(facts.withdrawals())
        await run.write_transactions(facts.transactions())
        await run.write_transfers(facts.transfers())
        await run.write_swaps(facts.swaps())
    return tally.report(rejections)


@frozen
class _ChainImport:
    transaction: Transaction
    writer: BatchWriter
    coins: CoinDirectory
    chain_id: int
    native_id: UUID

    async def write_headers(self, headers: Iterable[FactWithOrigin[BlockHeader]]) -> None:
        for batch in batched(headers):
            keys = [(self.chain_id, row.fact.number) for row in batch]
            known = {header.number: header.hash for header in await self.transaction.block_headers.get_many(keys)}
            accepted = []
            for row in batch:
                stored_hash = known.setdefault(row.fact.number, row.fact.hash)
                if stored_hash == row.fact.hash:
                    accepted.append(row)
                    continue
                reason = f"block {row.fact.number} is known with another hash, {stored_hash}: the chain was reorganised"
                self.writer.rejections.refuse(row.origin, field="hash", reason=reason)
            await self.writer.write("block_headers", accepted)

    async def write_withdrawals(self, withdrawals: Iterable[FactWithOrigin[WithdrawalFact]]) -> None:
        notes = self.writer.tally.notes
        for batch in batched(withdrawals):
            keys = [(self.chain_id, number) for number in sorted({row.fact.block.number for row in batch})]
            stored = {header.hash for header in await self.transaction.block_headers.get_many(keys)}
            changes = [
                FactWithOrigin(change, row.origin)
                for row in batch
                if row.fact.block.hash in stored
                and (change := change_of_withdrawal(row.fact, native_id=self.native_id)) is not None
            ]
            notes["validators' withdrawals were credited"] += len(await self.writer.write("balance_changes", changes))

    async def write_transactions(self, transactions: Iterable[FactWithOrigin[TransactionFact]]) -> None:
        notes = self.writer.tally.notes
        for batch in batched(transactions):
            entities = [FactWithOrigin(row.fact.transaction, row.origin) for row in batch]
            written = await self.writer.write("eth_transactions", entities)
            facts = {row.fact.transaction.hash: row.fact for row in batch}
            changes = [
                FactWithOrigin(change, row.origin)
                for row in written
                for change in changes_of_transaction(facts[row.fact.hash], native_id=self.native_id)
            ]
            for part in batched(changes):
                await self.writer.write("balance_changes", part)
            notes["transactions paid for blobs"] += sum(facts[row.fact.hash].blob_fee_wei > 0 for row in written)
            notes["transactions paid a fee to the chain below"] += sum(
                facts[row.fact.hash].l1_fee_wei > 0 for row in written
            )
            notes["transactions failed"] += sum(row.fact.status is TxStatus.REVERTED for row in written)
            notes["transactions created a contract"] += sum(row.fact.contract_address is not None for row in written)
            notes["transactions moved native value"] += sum(
                change.fact.source is BalanceSource.VALUE and change.fact.delta > 0 for change in changes
            )
            notes["transactions do not tell whether they succeeded: their value is not counted"] += sum(
                row.fact.status is None and row.fact.value_wei > 0 for row in written
            )

    async def write_transfers(self, transfers: Iterable[FactWithOrigin[TransferFact]]) -> None:
        for batch in batched(transfers, BATCH_SIZE // 2):
            blocks = await self._blocks(batch)
            placed = [row for row in batch if _has_block(row.fact) or self._has_block(row, blocks)]
            ids = await self.coins.ids({row.fact.token for row in placed})
            changes = [
                FactWithOrigin(change, row.origin)
                for row in placed
                for change in changes_of_transfer(
                    row.fact,
                    chain_id=self.chain_id,
                    coin_id=ids[row.fact.token],
                    block_hash=row.fact.block_hash or blocks[row.fact.block_number].hash,
                    at=row.fact.at or blocks[row.fact.block_number].at,
                )
            ]
            await self.writer.write("balance_changes", changes)

    async def write_swaps(self, swaps: Iterable[FactWithOrigin[SwapFact]]) -> None:
        for batch in batched(swaps):
            hashes = sorted({row.fact.transaction_hash for row in batch})
            keys = [(self.chain_id, text) for text in hashes]
            transactions = {found.hash: found for found in await self.transaction.eth_transactions.get_many(keys)}
            known = [row for row in batch if row.fact.transaction_hash in transactions]
            self.writer.tally.notes["swaps left out: their transactions are not known"] += len(batch) - len(known)
            written = await self._swaps(known, transactions)
            await self.writer.write("swaps", written, by=BY_LOG)
            for kind in (PoolKind.UNISWAP_V2, PoolKind.UNISWAP_V3):
                version = kind.value.replace("_", " ").capitalize()
                self.writer.tally.notes[f"swaps in pools of {version}"] += sum(row.fact.kind is kind for row in known)

    async def _swaps(
        self, rows: Sequence[FactWithOrigin[SwapFact]], transactions: dict[str, EthTransaction]
    ) -> list[FactWithOrigin[Swap]]:
        reads = self.transaction
        traders = sorted({found.from_address for found in transactions.values()})
        pools_at = sorted({row.fact.pool for row in rows})
        ids = await self.coins.ids({address for row in rows for address in (row.fact.coin_in, row.fact.coin_out)})
        stored = {
            (swap.transaction_hash, swap.log_index): swap
            for swap in await reads.swaps.find(SWAPS_BY_TRANSACTIONS, self.chain_id, sorted(transactions))
        }
        pools = {
            (pool.address, pool.kind): pool.id
            for pool in await reads.pools.find(POOLS_BY_ADDRESSES, self.chain_id, pools_at)
        }
        users = {
            found.address: found.user_id
            for found in await reads.wallets.find(WALLETS_BY_ADDRESSES, ChainFamily.EVM, traders)
        }
        swaps = []
        for row in rows:
            fact, within = row.fact, transactions[row.fact.transaction_hash]
            before = stored.get((fact.transaction_hash, fact.log_index))
            swap = Swap(
                id=before.id if before else reads.swaps.next_id(),
                user_id=(before and before.user_id) or users.get(within.from_address),
                chain_id=self.chain_id,
                transaction_hash=fact.transaction_hash,
                log_index=fact.log_index,
                pool_id=(before and before.pool_id) or pools.get((fact.pool, fact.kind)),
                coin_in_id=ids[fact.coin_in],
                coin_out_id=ids[fact.coin_out],
                amount_in=fact.amount_in,
                amount_out=fact.amount_out,
                value_usd=before.value_usd if before else None,
                trader_address=within.from_address,
                block_number=within.block_number,
                block_hash=within.block_hash,
                at=within.at,
            )
            swaps.append(FactWithOrigin(swap, row.origin))
        return swaps

    async def _blocks(self, rows: Sequence[FactWithOrigin[TransferFact]]) -> dict[int, BlockHeader]:
        numbers = sorted({row.fact.block_number for row in rows if not _has_block(row.fact)})
        keys = [(self.chain_id, number) for number in numbers]
        return {header.number: header for header in await self.transaction.block_headers.get_many(keys)}

    def _has_block(self, row: FactWithOrigin[TransferFact], blocks: dict[int, BlockHeader]) -> bool:
        if row.fact.block_number in blocks:
            return True
        reason = f"the time of block {row.fact.block_number} is not known: import the blocks with it, or before"
        self.writer.rejections.refuse(row.origin, field="block_number", reason=reason)
        return False


def _has_block(transfer: TransferFact) -> bool:
    return transfer.at is not None and transfer.block_hash is not None
