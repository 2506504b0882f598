"""What indexers write: blocks, checkpoints, transactions, balance changes, swaps."""

from datetime import datetime, timedelta
from typing import Any

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from strongroom.domain.accounts.user import User
from strongroom.domain.pricing.coin import Coin
from strongroom.domain.protocols.chain import Chain
from strongroom.domain.transactions.balance_change import BalanceChange, BalanceChangeKind, BalanceSource
from strongroom.domain.transactions.block_header import BlockHeader
from strongroom.domain.transactions.eth_transaction import EthTransaction
from strongroom.domain.transactions.indexer_checkpoint import IndexerCheckpoint
from strongroom.domain.transactions.swap import Swap
from strongroom.ports.errors import AlreadyExists, InvalidValue
from strongroom.ports.repositories.swap import CreateSwap
from strongroom.ports.storage import Storage
from strongroom.testing.factory import START_TIME, World
from strongroom.testing.values import USDC, USDC_WRONG

from .property_settings import RELAXED

ADDRESSES = ["0x" + digit * 40 for digit in "0ab"]


async def test_the_head_is_the_highest_block(storage: Storage, world: World) -> None:
    """``head`` is a chain's highest block whatever the order of writing, or None."""
    chain = await world.added(Chain)
    assert await storage.block_headers.head(chain.id) is None
    blocks = [await world.added(BlockHeader, chain_id=chain.id, number=number) for number in (7, 2**63 - 1, 8)]
    await world.added(BlockHeader)
    assert await storage.block_headers.head(chain.id) == blocks[1]
    assert await storage.block_headers.find_by_hash(chain.id, blocks[2].hash) == blocks[2]
    assert await storage.block_headers.find_by_hash(chain.id, blocks[2].hash.upper().replace("X", "x")) == blocks[2]
    assert await storage.block_headers.find_by_hash(chain.id, "0x" + "f" * 64) is None
    await storage.block_headers.remove((chain.id, 2**63 - 1))
    assert await storage.block_headers.head(chain.id) == blocks[2]


async def test_checkpoints_of_a_chain(storage: Storage, world: World) -> None:
    """``find_by_chain`` returns a chain's checkpoints by stream, sorted by code point."""
    chain = await world.added(Chain)
    rows = [await world.added(IndexerCheckpoint, chain_id=chain.id, stream=name) for name in ("b", "Z", "ä")]
    await world.added(IndexerCheckpoint)
    assert await storage.indexer_checkpoints.find_by_chain(chain.id) == [rows[1], rows[0], rows[2]]


async def test_transactions_of_a_block_and_of_a_sender(storage: Storage, world: World) -> None:
    """A block's transactions come in its order, a sender's the newest first."""
    rows = [
        await world.added(
            EthTransaction, chain_id=1, block_number=block, transaction_index=index, from_address=ADDRESSES[sender]
        )
        for block, index, sender in ((5, 2, 1), (5, 0, 1), (6, 0, 1), (5, 1, 2))
    ]
    await world.added(EthTransaction, chain_id=2, block_number=5, transaction_index=0, from_address=ADDRESSES[1])
    assert await storage.eth_transactions.find_by_block(1, 5) == [rows[1], rows[3], rows[0]]
    assert await storage.eth_transactions.find_by_sender(1, ADDRESSES[1]) == [rows[2], rows[0], rows[1]]
    assert await storage.eth_transactions.find_by_block(3, 5) == []
    with pytest.raises(InvalidValue):
        await storage.eth_transactions.find_by_sender(1, USDC_WRONG)


async def change(world: World, coin: Coin, number: int, **given: Any) -> BalanceChange:
    """Add a balance change of a coin."""
    values = {"chain_id": 1, "source": BalanceSource.LOG, "position": number, "kind": BalanceChangeKind.TRANSFER}
    added: BalanceChange = await world.added(BalanceChange, **{**values, "coin_id": coin.id, **given})
    return added


@RELAXED
@given(
    changes=st.lists(
        st.tuples(
            st.sampled_from([0, 1]),
            st.sampled_from(ADDRESSES),
            st.sampled_from([1, -1, 5, 2**256 - 1, -(2**256) + 1]),
            st.sampled_from([BalanceChangeKind.TRANSFER, BalanceChangeKind.GAS]),
            st.integers(-2, 2),
        ),
        max_size=8,
    ),
    until=st.none() | st.integers(-2, 2),
)
async def test_balances_and_totals_equal_a_naive_sum(
    world: World, changes: list[tuple[int, str, int, BalanceChangeKind, int]], until: int | None
) -> None:
    """``balances`` and ``totals`` are the sums of the changes; balances leave zero out, totals leave gas out."""
    coins = await world.several(Coin, 2)
    chain_id = coins[0].chain_id
    rows = [
        await change(
            world,
            coins[coin],
            number,
            chain_id=chain_id,
            address=address,
            delta=delta,
            kind=kind,
            at=START_TIME + timedelta(hours=hour),
        )
        for number, (coin, address, delta, kind, hour) in enumerate(changes)
    ]
    at = None if until is None else START_TIME + timedelta(hours=until)
    ours = {coin.id for coin in coins}
    for address in ADDRESSES:
        sums = {
            coin.id: sum(
                r.delta for r in rows if (r.coin_id, r.address) == (coin.id, address) and (not at or r.at <= at)
            )
            for coin in coins
        }
        found = await world.storage.balance_changes.balances(address, at=at)
        assert {coin_id: amount for coin_id, amount in found.items() if coin_id in ours} == {
            coin_id: amount for coin_id, amount in sums.items() if amount
        }
        assert all(type(amount) is int for amount in found.values())
    totals = await world.storage.balance_changes.totals(chain_id)
    moved = [row for row in rows if row.kind is not BalanceChangeKind.GAS]
    assert totals == {
        coin_id: sum(row.delta for row in moved if row.coin_id == coin_id) for coin_id in {row.coin_id for row in moved}
    }
    assert all(type(amount) is int for amount in totals.values())


async def test_balance_changes_are_found(storage: Storage, world: World) -> None:
    """A transaction's changes come by source, position and address; an address's the oldest first, on all chains."""
    coin = await world.added(Coin)
    hashes = ["0x" + digit * 64 for digit in "ab"]
    rows = [
        await change(
            world,
            coin,
            position,
            source=source,
            address=address,
            transaction_hash=hashes[0],
            at=START_TIME - timedelta(hours=number),
        )
        for number, (source, position, address) in enumerate(
            (
                (BalanceSource.GAS, 0, ADDRESSES[1]),
                (BalanceSource.LOG, 10, ADDRESSES[1]),
                (BalanceSource.LOG, 9, ADDRESSES[2]),
                (BalanceSource.LOG, 9, ADDRESSES[1]),
            )
        )
    ]
    far = await change(world, coin, 1, chain_id=2, address=ADDRESSES[1], transaction_hash=hashes[1], at=START_TIME)
    assert await storage.balance_changes.find_by_transaction(1, hashes[0]) == [rows[3], rows[2], rows[1], rows[0]]
    found = await storage.balance_changes.find_by_address(ADDRESSES[1])
    assert found[:2] == [rows[3], rows[1]]
    assert set(found[2:]) == {rows[0], far}
    assert await storage.balance_changes.balances("0x" + "c" * 40) == {}
    for wrong in (USDC_WRONG, "", None):
        with pytest.raises(InvalidValue):
            await storage.balance_changes.balances(wrong)  # type: ignore[arg-type]
    with pytest.raises(InvalidValue):
        await storage.balance_changes.balances(USDC, at=datetime(2026, 1, 1))  # noqa: DTZ001


async def test_a_zero_balance_change_is_refused(world: World) -> None:
    """A change of zero is refused, and the same place in a transaction is recorded once."""
    coin = await world.added(Coin)
    with pytest.raises(InvalidValue):
        await change(world, coin, 0, delta=0)
    row = await change(world, coin, 1)
    with pytest.raises(AlreadyExists):
        await world.storage.balance_changes.add(attrs.evolve(row, delta=row.delta + 1))


async def test_swaps_are_found(storage: Storage, world: World) -> None:
    """A swap is found by its log; a user's and a trader's swaps come the newest first, those of one time by log."""
    user, coins = await world.added(User), await world.several(Coin, 2)
    command = CreateSwap(
        user_id=user.id,
        chain_id=1,
        transaction_hash="0x" + "a" * 64,
        log_index=0,
        coin_in_id=coins[0].id,
        coin_out_id=coins[1].id,
        amount_in=2**256 - 1,
        amount_out=1,
        trader_address=USDC,
        block_number=1,
        block_hash="0x" + "b" * 64,
        at=START_TIME,
    )
    first = await storage.swaps.create(command)
    second = await storage.swaps.create(attrs.evolve(command, log_index=3))
    late = await storage.swaps.create(
        attrs.evolve(command, log_index=1, user_id=None, at=START_TIME + timedelta(days=1))
    )
    await world.added(Swap)
    assert await storage.swaps.find_by_log(1, command.transaction_hash, 3) == second
    assert await storage.swaps.find_by_log(1, command.transaction_hash, 2) is None
    assert await storage.swaps.find_by_user(user.id) == [second, first]
    assert await storage.swaps.find_by_trader(USDC) == [late, second, first]
    with pytest.raises(AlreadyExists):
        await storage.swaps.create(command)
    with pytest.raises(InvalidValue):
        await storage.swaps.create(attrs.evolve(command, log_index=9, coin_out_id=coins[0].id))
