"""Keys and facts of one file that rows of another need, kept on disk: memory stays bounded however large the files are.

SQLite's nameless database is a temporary file of its own that disappears with the connection; a few MB of it are held
in memory.
"""

import sqlite3
from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Any, Final, Self

from attrs import frozen

from strongroom.domain.positions.pool import PoolKind
from strongroom.domain.transactions.block_header import BlockHeader
from strongroom.ports.use_cases.import_chain_facts import WithdrawalFact
from strongroom.ports.use_cases.import_report import FactWithOrigin, Origin

from .uniswap_logs import Movement, PoolSwap

SCHEMA: Final = """
    CREATE TABLE transfer_log (
        hash TEXT, log_index INTEGER, topics INTEGER, PRIMARY KEY (hash, log_index)
    ) WITHOUT ROWID;
    CREATE TABLE receipt (
        hash TEXT PRIMARY KEY, gas_used, contract_address, status, effective_gas_price,
        blob_gas_used, blob_gas_price, l1_fee
    ) WITHOUT ROWID;
    CREATE TABLE withdrawal (
        chain_id INTEGER, number INTEGER, hash TEXT, parent_hash TEXT, at TEXT,
        file TEXT, line INTEGER, place INTEGER, address TEXT, amount TEXT
    );
    CREATE TABLE swap (
        hash TEXT, log_index INTEGER, file TEXT, line INTEGER, pool TEXT, kind TEXT,
        first TEXT, second TEXT, PRIMARY KEY (hash, log_index)
    );
    CREATE TABLE movement (hash TEXT, token TEXT, sender TEXT, receiver TEXT, value TEXT);
"""


@frozen
class KeptSwap:
    """A swap as its log tells it, and where the log was read."""

    transaction_hash: str
    log_index: int
    file: str
    line: int
    swap: PoolSwap


class TemporaryStore:
    """The temporary database of one run."""

    def __init__(self) -> None:
        self._database = sqlite3.connect("", isolation_level=None, check_same_thread=False)
        self._database.execute("PRAGMA synchronous = OFF")
        self._database.execute("PRAGMA journal_mode = OFF")
        self._database.executescript(SCHEMA)
        self._database.execute("BEGIN")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_error: object) -> None:
        self._database.close()

    def keep_transfer_log(self, transaction_hash: str, log_index: int, topics: int) -> None:
        """Keep how many topics a Transfer log has."""
        self._database.execute(
            "INSERT OR REPLACE INTO transfer_log VALUES (?, ?, ?)", (transaction_hash, log_index, topics)
        )

    def topics_of(self, transaction_hash: str, log_index: int) -> int | None:
        """Return how many topics a Transfer log has, or None where no such log was kept."""
        row = self._database.execute(
            "SELECT topics FROM transfer_log WHERE hash = ? AND log_index = ?", (transaction_hash, log_index)
        ).fetchone()
        return None if row is None else int(row[0])

    def keep_receipt(self, transaction_hash: str, values: Iterable[Any]) -> None:
        """Keep what a receipt says of gas, contract, status and fees, as the file writes it."""
        texts = (None if value is None else str(value) for value in values)
        self._database.execute(
            "INSERT OR REPLACE INTO receipt VALUES (?, ?, ?, ?, ?, ?, ?, ?)", (transaction_hash, *texts)
        )

    def receipt_of(self, transaction_hash: str) -> tuple[Any, ...] | None:
        """Return what was kept of a transaction's receipt, or None."""
        row: tuple[Any, ...] | None = self._database.execute(
            "SELECT gas_used, contract_address, status, effective_gas_price, blob_gas_used, blob_gas_price, l1_fee"
            " FROM receipt WHERE hash = ?",
            (transaction_hash,),
        ).fetchone()
        return row

    def keep_withdrawal(self, fact: WithdrawalFact, origin: Origin) -> None:
        """Keep a withdrawal until the headers are written."""
        block = fact.block
        row = (block.chain_id, block.number, block.hash, block.parent_hash, block.at.isoformat())
        place = (origin.file, origin.line, fact.index, fact.address, str(fact.amount_wei))
        self._database.execute("INSERT INTO withdrawal VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", (*row, *place))

    def withdrawals(self) -> Iterator[FactWithOrigin[WithdrawalFact]]:
        """Yield the withdrawals that were kept, in their order."""
        for row in self._database.execute("SELECT * FROM withdrawal ORDER BY rowid"):
            chain_id, number, hash_, parent_hash, at, file, line, index, address, amount = row
            block = BlockHeader(
                chain_id=chain_id, number=number, hash=hash_, parent_hash=parent_hash, at=datetime.fromisoformat(at)
            )
            fact = WithdrawalFact(block=block, index=index, address=address, amount_wei=int(amount))
            yield FactWithOrigin(fact, Origin(file, line))

    def keep_swap(self, kept: KeptSwap) -> None:
        """Keep a swap until the transfers of its transaction are known."""
        swap = kept.swap
        values = (swap.pool, swap.kind.value, str(swap.amount_in), str(swap.amount_out))
        self._database.execute(
            "INSERT OR REPLACE INTO swap VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            (kept.transaction_hash, kept.log_index, kept.file, kept.line, *values),
        )

    def keep_movement(self, transaction_hash: str, token: str, sender: str, receiver: str, value: int) -> None:
        """Keep a transfer, if there are swaps in its transaction."""
        self._database.execute(
            "INSERT INTO movement SELECT ?, ?, ?, ?, ? WHERE EXISTS (SELECT 1 FROM swap WHERE hash = ?)",
            (transaction_hash, token, sender, receiver, str(value), transaction_hash),
        )

    def swaps(self) -> Iterator[KeptSwap]:
        """Yield the swaps that were kept, in the order in which they were first met."""
        self._database.execute("CREATE INDEX IF NOT EXISTS movement_hash ON movement (hash)")
        for row in self._database.execute("SELECT * FROM swap ORDER BY rowid"):
            hash_, log_index, file, line, pool, kind, amount_in, amount_out = row
            swap = PoolSwap(pool=pool, kind=PoolKind(kind), amount_in=int(amount_in), amount_out=int(amount_out))
            yield KeptSwap(hash_, log_index, file, line, swap)

    def movements_of(self, kept: KeptSwap) -> list[Movement]:
        """Return the transfers into and out of a swap's pool within its transaction."""
        rows = self._database.execute(
            "SELECT token, receiver = ?1, value FROM movement WHERE hash = ?2 AND ?1 IN (sender, receiver)",
            (kept.swap.pool, kept.transaction_hash),
        )
        return [Movement(token, into_pool=bool(inward), value=int(value)) for token, inward, value in rows]
