"""Balances as sums of changes, in signed raw units of every coin; in whatever order the changes come."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from ..values.address import parse_evm_address
from ..values.instants import utc_times
from .balance_change import BalanceChange


@utc_times
def balances(changes: Iterable[BalanceChange], address: str, *, at: datetime | None = None) -> dict[UUID, int]:
    """Return an address's balance of every coin: the sum of its changes up to and at a time, else of all.

    A coin whose changes sum to zero is left out. A balance is negative where history before it is missing.
    Every change counts as often as it is given. Raises ValueError for what is no EVM address.
    """
    owner = parse_evm_address(address)
    return _balances(change for change in changes if change.address == owner and (at is None or change.at <= at))


def balances_at_block(
    changes: Iterable[BalanceChange], address: str, *, chain_id: int, block_number: int
) -> dict[UUID, int]:
    """Return an address's balance of every coin of one chain after a block, as ``balances`` does."""
    owner = parse_evm_address(address)
    return _balances(
        change
        for change in changes
        if change.address == owner and change.chain_id == chain_id and change.block_number <= block_number
    )


def totals(changes: Iterable[BalanceChange]) -> dict[UUID, int]:
    """Return the sum of changes per coin over all addresses, but for fees and withdrawals, which have one end here.

    It is zero for every coin when both ends of every transfer are there (the zero address for mints and burns).
    """
    return _sums(change for change in changes if not change.has_one_end)


def _balances(changes: Iterable[BalanceChange]) -> dict[UUID, int]:
    return {coin_id: balance for coin_id, balance in _sums(changes).items() if balance}


def _sums(changes: Iterable[BalanceChange]) -> dict[UUID, int]:
    sums: defaultdict[UUID, int] = defaultdict(int)
    for change in changes:
        sums[change.coin_id] += change.delta
    return dict(sums)
