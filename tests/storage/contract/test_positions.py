"""Positions, their valuations and flows."""

import asyncio
from datetime import datetime, timedelta
from decimal import Decimal

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from strongroom.domain.accounts.user import User
from strongroom.domain.accounts.wallet import Wallet
from strongroom.domain.positions.pool import Pool
from strongroom.domain.positions.position import Position, PositionStatus
from strongroom.domain.positions.position_flow import FlowKind, PositionFlow
from strongroom.domain.positions.position_valuation import PositionValuation, ValuationSource
from strongroom.domain.pricing.coin import Coin
from strongroom.domain.safes.safe_account import SafeAccount
from strongroom.ports.clock import FixedClock
from strongroom.ports.errors import AlreadyExists, InvalidValue, NotFound, ReferenceMissing
from strongroom.ports.repositories.position import CreatePosition
from strongroom.ports.repositories.position_flow import CreatePositionFlow
from strongroom.ports.storage import Storage
from strongroom.testing.factory import START_TIME, World

from .property_settings import RELAXED

HOURS = st.integers(-3, 3)


async def test_a_position_is_opened_empty(storage: Storage, world: World, clock: FixedClock) -> None:
    """``create`` opens a position without shares and value, held by exactly one of a Safe and a wallet."""
    wallet, pool = await world.added(Wallet), await world.added(Pool)
    command = CreatePosition(user_id=wallet.user_id, wallet_id=wallet.id, pool_id=pool.id, opened_at=START_TIME)
    position = await storage.positions.create(command)
    assert (position.status, position.shares, position.value_usd) == (PositionStatus.ACTIVE, 0, Decimal(0))
    assert (position.valued_at, position.created_at) == (None, clock.now())
    for safe_id, wallet_id in ((None, None), (wallet.id, wallet.id)):
        with pytest.raises(InvalidValue):
            await storage.positions.create(attrs.evolve(command, safe_id=safe_id, wallet_id=wallet_id))
    with pytest.raises(ReferenceMissing):
        await storage.positions.create(attrs.evolve(command, pool_id=wallet.id))


async def test_positions_are_found_by_what_they_belong_to(storage: Storage, world: World) -> None:
    """Positions of a user, a pool, a wallet and a Safe come the longest open first; a status narrows a user's."""
    wallet, pool = await world.added(Wallet), await world.added(Pool)
    given = {"user_id": wallet.user_id, "pool_id": pool.id}
    new = await world.added(Position, **given, wallet_id=wallet.id, safe_id=None, opened_at=START_TIME)
    old = await world.added(
        Position, **given, wallet_id=wallet.id, safe_id=None, opened_at=START_TIME - timedelta(days=9)
    )
    closed = await storage.positions.update(
        attrs.evolve(new, status=PositionStatus.CLOSED, closed_at=START_TIME, shares=0)
    )
    holder = await world.added(SafeAccount)
    safe = await world.added(
        Position, **given, safe_id=holder.id, wallet_id=None, opened_at=START_TIME + timedelta(days=9)
    )
    await world.added(Position)
    assert await storage.positions.find_by_user(wallet.user_id) == [old, closed, safe]
    assert await storage.positions.find_by_user(wallet.user_id, status=PositionStatus.ACTIVE) == [old, safe]
    assert await storage.positions.find_by_pool(pool.id) == [old, closed, safe]
    assert await storage.positions.find_by_wallet(wallet.id) == [old, closed]
    assert await storage.positions.find_by_safe(holder.id) == [safe]
    assert await storage.positions.find_by_user(world.absent_key(User)) == []


async def test_a_valuation_moves_the_position(storage: Storage, world: World, clock: FixedClock) -> None:
    """``update_valuation`` appends a valuation with the position's shares and moves the position to it."""
    position = await world.added(Position, shares=2**256 - 1, valued_at=None)
    clock.time += timedelta(hours=1)
    valued = await storage.positions.update_valuation(
        position.id, Decimal("1234.5"), price_per_share=Decimal("0.1"), source=ValuationSource.ORACLE
    )
    assert valued == attrs.evolve(
        position,
        value_usd=Decimal("1234.5"),
        valued_at=clock.now(),
        updated_at=clock.now(),
        version=position.version + 1,
    )
    assert await storage.positions.get(position.id) == valued
    [valuation] = await storage.position_valuations.find()
    assert valuation == PositionValuation(
        position_id=position.id,
        at=clock.now(),
        value_usd=Decimal("1234.5"),
        shares=2**256 - 1,
        price_per_share=Decimal("0.1"),
        source=ValuationSource.ORACLE,
    )


@RELAXED
@given(times=st.lists(HOURS, max_size=6, unique=True))
async def test_the_newest_valuation_counts(world: World, clock: FixedClock, times: list[int]) -> None:
    """Valuations in any order leave the position at the newest; each raises its version."""
    position = await world.added(Position, valued_at=None)
    for number, hours in enumerate(times):
        at = START_TIME + timedelta(hours=hours)
        clock.time += timedelta(minutes=1)
        valued = await world.storage.positions.update_valuation(position.id, Decimal(number), at=at)
        newest = max(times[: number + 1])
        assert (valued.valued_at, valued.value_usd) == (START_TIME + timedelta(hours=newest), times.index(newest))
        assert (valued.version, valued.updated_at) == (position.version + number + 1, clock.now())
    stored = await world.storage.position_valuations.find_by_position(
        position.id, START_TIME - timedelta(days=1), START_TIME + timedelta(days=1)
    )
    assert [valuation.at for valuation in stored] == [START_TIME + timedelta(hours=hours) for hours in sorted(times)]


async def test_a_refused_valuation_changes_nothing(storage: Storage, world: World) -> None:
    """A valuation of an absent position, of a time that has one, or of a wrong value changes nothing."""
    position = await world.added(Position)
    valued = await storage.positions.update_valuation(position.id, Decimal(1), at=START_TIME)
    with pytest.raises(AlreadyExists) as taken:
        await storage.positions.update_valuation(position.id, Decimal(2), at=START_TIME)
    assert (taken.value.entity, taken.value.constraint) == ("PositionValuation", "nmt_position_valuation_pkey")
    with pytest.raises(NotFound) as absent:
        await storage.positions.update_valuation(world.absent_key(Position), Decimal(2))
    assert absent.value.entity == "Position"
    for wrong in (Decimal(-1), Decimal("NaN"), Decimal("1E+30"), 1.5, None):
        with pytest.raises(InvalidValue):
            await storage.positions.update_valuation(position.id, wrong)  # type: ignore[arg-type]
    with pytest.raises(InvalidValue):
        await storage.positions.update_valuation(position.id, Decimal(1), at=datetime(2026, 1, 1))  # noqa: DTZ001
    with pytest.raises(InvalidValue):
        await storage.positions.update_valuation(position.id, Decimal(1), price_per_share=Decimal(-1))
    assert await storage.positions.find() == [valued]
    assert await storage.position_valuations.count() == 1


async def test_a_valuation_joins_its_transaction(storage: Storage, world: World) -> None:
    """A valuation in a transaction that is rolled back leaves position and valuations as they were."""
    position = await world.added(Position)
    with pytest.raises(LookupError):
        async with storage.transaction() as tx:
            await tx.positions.update_valuation(position.id, Decimal(1))
            raise LookupError
    assert await storage.positions.get(position.id) == position
    assert await storage.position_valuations.count() == 0


async def test_valuations_at_once_are_all_kept(storage: Storage, world: World) -> None:
    """Valuations of one position by many tasks at once are all kept; the newest counts."""
    position = await world.added(Position, valued_at=None)
    await asyncio.gather(
        *(
            storage.positions.update_valuation(position.id, Decimal(number), at=START_TIME + timedelta(minutes=number))
            for number in (3, 1, 4, 5, 9, 2, 6)
        )
    )
    stored = await storage.positions.get(position.id)
    assert (stored.value_usd, stored.version) == (Decimal(9), position.version + 7)
    assert await storage.position_valuations.count() == 7


@RELAXED
@given(times=st.lists(HOURS, max_size=6, unique=True), asked=HOURS, offset=st.sampled_from([-1, 0, 1]))
async def test_a_valuation_as_of_a_time(world: World, times: list[int], asked: int, offset: int) -> None:
    """``as_of`` and ``as_of_many`` return the newest valuation at or before a time, as a naive search does."""
    at = START_TIME + timedelta(hours=asked, microseconds=offset)
    first, second, third = await world.several(Position, 3)
    valuations = [
        await world.added(PositionValuation, position_id=owner.id, at=START_TIME + timedelta(hours=hours))
        for owner in (first, second)
        for hours in (times if owner is first else times[:2])
    ]
    wanted = {}
    for position in (first, second, third):
        own = [row for row in valuations if row.position_id == position.id and row.at <= at]
        newest = max(own, key=lambda row: row.at, default=None)
        assert await world.storage.position_valuations.as_of(position.id, at) == newest
        if newest is not None:
            wanted[position.id] = newest
    asked_ids = [third.id, second.id, first.id, second.id]
    assert await world.storage.position_valuations.as_of_many(asked_ids, at) == wanted
    assert await world.storage.position_valuations.as_of_many([], at) == {}


async def test_valuations_of_a_range(storage: Storage, world: World) -> None:
    """A range holds its start and not its end, across months, the oldest first; the stream yields the same."""
    position = await world.added(Position)
    times = [START_TIME + timedelta(days=day) for day in (70, 0, 35, 36)]
    rows = [await world.added(PositionValuation, position_id=position.id, at=at) for at in times]
    await world.added(PositionValuation, at=times[1])
    found = await storage.position_valuations.find_by_position(position.id, times[1], times[0])
    assert found == [rows[1], rows[2], rows[3]]
    stream = storage.position_valuations.stream_by_position(position.id, times[1], times[0])
    assert [row async for row in stream] == found
    assert await storage.position_valuations.find_by_position(position.id, times[0], times[1]) == []


async def test_flows_are_recorded_once(storage: Storage, world: World) -> None:
    """The same log, kind and coin is recorded once; without a log any number of the same flow are."""
    position, coin = await world.added(Position), await world.added(Coin)
    command = CreatePositionFlow(
        position_id=position.id,
        kind=FlowKind.DEPOSIT,
        coin_id=coin.id,
        amount=2**256 - 1,
        amount_usd=Decimal(5),
        shares_delta=-(2**256) + 1,
        chain_id=1,
        transaction_hash="0x" + "A" * 64,
        log_index=0,
        at=START_TIME,
    )
    flow = await storage.position_flows.create(command)
    assert flow.transaction_hash == "0x" + "a" * 64
    await storage.position_flows.create(attrs.evolve(command, kind=FlowKind.FEE))
    with pytest.raises(AlreadyExists):
        await storage.position_flows.create(command)
    manual = attrs.evolve(command, chain_id=None, transaction_hash=None, log_index=None)
    for _ in range(2):
        await storage.position_flows.create(manual)
    with pytest.raises(InvalidValue):
        await storage.position_flows.create(attrs.evolve(command, log_index=None))
    assert await storage.position_flows.count() == 4


async def test_flows_of_positions_are_found(storage: Storage, world: World) -> None:
    """Flows of a position or several come the oldest first; a range holds its start and not its end."""
    first, second = await world.several(Position, 2)
    flows = [
        await world.added(PositionFlow, position_id=owner.id, at=START_TIME + timedelta(days=day))
        for owner, day in ((first, 3), (second, 2), (first, 1), (first, 2))
    ]
    assert await storage.position_flows.find_by_position(first.id) == [flows[2], flows[3], flows[0]]
    found = await storage.position_flows.find_by_position(first.id, flows[2].at, flows[0].at)
    assert found == [flows[2], flows[3]]
    both = await storage.position_flows.find_by_positions([second.id, first.id, second.id])
    assert both == [flows[2], *sorted((flows[1], flows[3]), key=lambda flow: flow.id), flows[0]]
    assert await storage.position_flows.find_by_positions([]) == []
    for bounds in ((START_TIME, None), (None, START_TIME)):
        with pytest.raises(ValueError, match="both"):
            await storage.position_flows.find_by_position(first.id, *bounds)
