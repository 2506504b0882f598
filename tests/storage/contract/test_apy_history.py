"""Pools' yields: of a range, and the newest of one or many pools as of a time."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from strongroom.domain.positions.pool import Pool
from strongroom.domain.pricing.apy_history import ApyHistory
from strongroom.ports.errors import InvalidValue
from strongroom.ports.storage import Storage
from strongroom.testing.factory import START_TIME, World

from .property_settings import RELAXED

DAYS = st.integers(-40, 40)


async def test_yields_of_a_range(storage: Storage, world: World) -> None:
    """A range holds its start and not its end, across months, the oldest first; the stream yields the same."""
    pool = await world.added(Pool)
    rows = [
        await world.added(ApyHistory, pool_id=pool.id, at=START_TIME + timedelta(days=day), apy=Decimal(day))
        for day in (70, 35, 0, -35)
    ]
    await world.added(ApyHistory, at=START_TIME, apy=Decimal(1))
    found = await storage.apy_history.find_by_pool(pool.id, rows[2].at, rows[0].at)
    assert found == [rows[2], rows[1]]
    streamed = storage.apy_history.stream_by_pool(pool.id, rows[3].at, rows[0].at + timedelta(days=1))
    assert [row async for row in streamed] == rows[::-1]


@RELAXED
@given(
    known=st.lists(st.tuples(st.integers(0, 2), DAYS), max_size=10, unique=True),
    asked=st.lists(st.integers(0, 3), max_size=6),
    at=DAYS,
    offset=st.sampled_from([-1, 0, 1]),
)
async def test_as_of_many_equals_a_naive_model(
    world: World, known: list[tuple[int, int]], asked: list[int], at: int, offset: int
) -> None:
    """Each pool's newest yields at or before the time, those without left out, however often they are asked for."""
    pools = await world.several(Pool, 4)
    rows = [
        await world.added(ApyHistory, pool_id=pools[pool].id, at=START_TIME + timedelta(days=day), apy=Decimal(day))
        for pool, day in known
    ]
    time = START_TIME + timedelta(days=at, microseconds=offset)
    wanted: dict[Any, ApyHistory] = {}
    for row in sorted(rows, key=lambda each: each.at):
        if row.at <= time and row.pool_id in {pools[number].id for number in asked}:
            wanted[row.pool_id] = row
    assert await world.storage.apy_history.as_of_many([pools[number].id for number in asked], time) == wanted
    for number in set(asked):
        assert await world.storage.apy_history.as_of(pools[number].id, time) == wanted.get(pools[number].id)


async def test_extreme_reported_yields_are_stored(storage: Storage, world: World) -> None:
    """Negative and absurd yields, and parts without a whole, are data; none at all is none."""
    for given_yields in (
        {"apy": Decimal("-0.999999999999")},
        {"apy": Decimal("6418.098712345678")},
        {"apy_base": Decimal(0), "tvl_usd": Decimal(0)},
        {"apy_reward": Decimal("0.000000000001")},
    ):
        row = await world.added(ApyHistory, **{"apy": None, "apy_base": None, "apy_reward": None, **given_yields})
        assert await storage.apy_history.get((row.pool_id, row.at)) == row
    with pytest.raises(InvalidValue) as caught:
        await storage.apy_history.add(ApyHistory(pool_id=row.pool_id, at=START_TIME, tvl_usd=Decimal(1)))
    assert caught.value.constraint == "apy_history_apy_check"
