"""Reads balances that are known from a chain: JSON Lines or CSV of address, amount, coin and block.

``amount`` is in raw units. ``coin`` is a token's address, or the chain's own coin where it is left out or ``native``;
``block_number`` is the block after which the address held it.
"""

from collections.abc import Iterator
from pathlib import Path

from strongroom.domain.values.address import ZERO_ADDRESS
from strongroom.domain.values.fields import Count64, SignedAmount
from strongroom.ports.storage import Storage
from strongroom.ports.use_cases.assert_balances import BalanceCheck, KnownBalance, assert_balances
from strongroom.ports.use_cases.import_report import FactWithOrigin, Rejections

from .lines import LineReader
from .rows import Row, facts, require_columns, rows_of

NATIVE = "native"


async def assert_balance_file(storage: Storage, path: Path, *, chain_id: int) -> BalanceCheck:
    """Compare the balances of a file with the sums of a chain's stored changes. Raises ImportRefused."""
    return await assert_balances(storage, known_balances(path), chain_id=chain_id)


def known_balances(path: Path) -> Iterator[FactWithOrigin[KnownBalance]]:
    """Yield the balances of a file. Raises ImportRefused for the first bad line."""
    reader = LineReader(Rejections())
    yield from facts(rows_of(path, reader, require_columns("address", "amount")), _balance, reader.rejections)


def _balance(row: Row) -> KnownBalance:
    is_native = not row.has("coin") or row.value("coin") == NATIVE
    return KnownBalance(
        address=row.address("address"),
        amount=row.integer("amount", SignedAmount),
        coin=ZERO_ADDRESS if is_native else row.address("coin"),
        block_number=row.integer("block_number", Count64) if row.has("block_number") else None,
    )
