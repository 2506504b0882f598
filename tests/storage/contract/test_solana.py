"""Solana: transactions by slots, balances of an address over time."""

from datetime import timedelta
from typing import Any

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from strongroom.domain.transactions.sol_balance_change import SolBalanceChange
from strongroom.domain.transactions.sol_transaction import SolTransaction
from strongroom.ports.errors import InvalidValue, ReferenceMissing
from strongroom.ports.storage import Storage
from strongroom.testing.factory import START_TIME, World

from .property_settings import RELAXED

HOUR = timedelta(hours=1)


async def test_transactions_come_by_slots(storage: Storage, world: World) -> None:
    """A range holds both its ends, in the order of slots, within one by signature; pages and the stream agree."""
    assert await storage.sol_transactions.find_latest() is None
    rows = [await world.added(SolTransaction, slot=slot) for slot in (9, 2**63 - 1, 7, 9, 0)]
    wanted = sorted((row for row in rows if 7 <= row.slot <= 9), key=lambda row: (row.slot, row.signature))
    page = await storage.sol_transactions.page_by_slots(7, 9, limit=2)
    rest = await storage.sol_transactions.page_by_slots(7, 9, limit=2, after=page.next)
    assert ([*page.items, *rest.items], rest.next) == (wanted, None)
    assert [row async for row in storage.sol_transactions.stream_by_slots(7, 9)] == wanted
    assert (await storage.sol_transactions.page_by_slots(8, 8)).items == []
    assert (await storage.sol_transactions.page_by_slots(9, 7)).items == []
    assert await storage.sol_transactions.find_latest() == rows[1]
    with pytest.raises(InvalidValue):
        await storage.sol_transactions.page_by_slots(0, 2**63)


async def test_the_balances_of_a_transaction_come_by_account(storage: Storage, world: World) -> None:
    """They come in the order of the accounts; none is without its transaction."""
    transaction = await world.added(SolTransaction)
    rows = [
        await world.added(SolBalanceChange, signature=transaction.signature, account_index=index)
        for index in (10, 0, 2)
    ]
    await world.added(SolBalanceChange)
    found = await storage.sol_balance_changes.find_by_transaction(transaction.signature)
    assert found == [rows[1], rows[2], rows[0]]
    stray = attrs.evolve(await world.ready(SolBalanceChange), signature=world.absent_key(SolTransaction))
    with pytest.raises(ReferenceMissing):
        await storage.sol_balance_changes.add(stray)


@RELAXED
@given(
    rows=st.lists(st.tuples(st.integers(0, 4), st.booleans()), max_size=10),
    start=st.integers(-1, 5),
    end=st.integers(-1, 5),
    limit=st.integers(1, 4),
    newest_first=st.booleans(),
)
async def test_pages_of_an_addresss_balances_neither_skip_nor_repeat(
    world: World, *, rows: list[tuple[int, bool]], start: int, end: int, limit: int, newest_first: bool
) -> None:
    """All pages together are the balances of the range, in both directions; the stream yields the same."""
    repository = world.storage.sol_balance_changes
    own, other = (row.address for row in await world.several(SolBalanceChange, 2, at=START_TIME - 99 * HOUR))
    transaction = await world.added(SolTransaction)
    changes: list[SolBalanceChange] = []
    for index, (hours, is_own) in enumerate(rows):
        signature = transaction.signature if index % 2 else (await world.added(SolTransaction)).signature
        changes.append(
            await world.added(
                SolBalanceChange,
                signature=signature,
                account_index=index,
                address=own if is_own else other,
                at=START_TIME + hours * HOUR,
            )
        )
    span = (START_TIME + start * HOUR, START_TIME + end * HOUR)
    wanted = sorted(
        (change for change in changes if change.address == own and span[0] <= change.at < span[1]),
        key=lambda change: (change.at, change.signature, change.account_index),
    )
    assert [change async for change in repository.stream_by_address(own, *span)] == wanted
    found: list[SolBalanceChange] = []
    after: Any = None
    while True:
        page = await repository.page_by_address(own, *span, newest_first=newest_first, limit=limit, after=after)
        found += page.items
        after = page.next
        if after is None:
            break
    assert found == (wanted[::-1] if newest_first else wanted)
