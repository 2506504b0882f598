"""What is kept of portfolios every day: the same from the same records, in every storage, however often it is taken."""

import asyncio
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from strongroom.domain.accounts.user import User, UserStatus
from strongroom.domain.accounts.wallet import Wallet
from strongroom.domain.positions.errors import InsufficientShares
from strongroom.domain.positions.pool import Pool
from strongroom.domain.positions.portfolio_snapshot import PortfolioSnapshot
from strongroom.domain.positions.position import Position
from strongroom.domain.positions.position_flow import FlowKind, PositionFlow
from strongroom.domain.positions.position_valuation import PositionValuation
from strongroom.domain.values import usd
from strongroom.ports.clock import FixedClock
from strongroom.ports.errors import InvalidValue, NotFound
from strongroom.ports.repositories.position_flow import CreatePositionFlow
from strongroom.ports.storage import Storage
from strongroom.ports.use_cases.record_flow import record_flow
from strongroom.ports.use_cases.take_portfolio_snapshots import take_portfolio_snapshot, take_portfolio_snapshots
from strongroom.ports.use_cases.value_portfolio import value_portfolio
from strongroom.testing.factory import START_TIME, World

from .property_settings import RELAXED

DAY = timedelta(days=1)
TODAY = START_TIME.date()
YESTERDAY = TODAY - DAY
AMOUNTS = st.decimals(0, 10**12, places=18)


class Investor:
    """A user with an empty position in each of so many pools, opened ten days ago."""

    def __init__(self, world: World, user: User, positions: list[Position], protocols: list[UUID]) -> None:
        self.world = world
        self.id = user.id
        self.positions = positions
        self.protocols = protocols

    async def moves(
        self, kind: FlowKind, amount_usd: Any, shares: int, at: datetime, position: int = 0
    ) -> PositionFlow:
        """Return a flow of a position, recorded with its ledger."""
        shape = await self.world.ready(PositionFlow, position_id=self.positions[position].id)
        command = CreatePositionFlow(
            position_id=shape.position_id,
            kind=kind,
            coin_id=shape.coin_id,
            amount=1,
            amount_usd=Decimal(amount_usd),
            shares_delta=shares,
            at=at,
        )
        return (await record_flow(self.world.storage, command)).flow

    async def is_worth(self, value_usd: Any, at: datetime, position: int = 0, *, shares: int) -> None:
        """Add a valuation of so many shares of a position."""
        of = self.positions[position].id
        await self.world.added(PositionValuation, position_id=of, at=at, value_usd=Decimal(value_usd), shares=shares)


async def an_investor(world: World, pools: int = 1) -> Investor:
    """Return an active user with empty positions."""
    user = await world.added(User, status=UserStatus.ACTIVE)
    wallet = await world.added(Wallet, user_id=user.id)
    held = await world.several(Pool, pools)
    given_values = {"user_id": user.id, "wallet_id": wallet.id, "safe_id": None, "shares": 0, "valued_at": None}
    zero = dict.fromkeys(("cost_basis_usd", "realised_pnl_usd", "value_usd"), Decimal(0))
    positions = [
        await world.added(Position, pool_id=pool.id, opened_at=START_TIME - 10 * DAY, **given_values, **zero)
        for pool in held
    ]
    return Investor(world, user, positions, [pool.protocol_id for pool in held])


async def test_a_snapshot_values_the_end_of_the_day(storage: Storage, world: World) -> None:
    """Its value, what was put in, taken out and paid, the profit, and the value in each protocol that holds some."""
    ada = await an_investor(world, pools=3)
    await ada.moves(FlowKind.DEPOSIT, 100, 10, START_TIME - 5 * DAY)
    await ada.moves(FlowKind.WITHDRAWAL, 30, -2, START_TIME - 3 * DAY)
    await ada.moves(FlowKind.FEE, "0.5", 0, START_TIME - 3 * DAY)
    await ada.moves(FlowKind.DEPOSIT, 50, 5, START_TIME - 4 * DAY, position=1)
    await ada.moves(FlowKind.WITHDRAWAL, 55, -5, START_TIME - 3 * DAY, position=1)
    await ada.moves(FlowKind.DEPOSIT, 40, 4, START_TIME - 2 * DAY, position=2)
    end = datetime.combine(YESTERDAY, datetime.max.time(), START_TIME.tzinfo)
    await ada.is_worth("123.450", end, shares=8)
    await ada.is_worth(100, end, position=2, shares=4)
    await ada.is_worth(999, end + timedelta(microseconds=1), shares=18)
    await ada.moves(FlowKind.DEPOSIT, 1000, 10, end + timedelta(microseconds=1))
    snapshot = await take_portfolio_snapshot(storage, ada.id)
    assert snapshot == PortfolioSnapshot(
        user_id=ada.id,
        day=YESTERDAY,
        total_usd=Decimal("223.45"),
        deposited_usd=Decimal(190),
        withdrawn_usd=Decimal(85),
        fees_usd=Decimal("0.5"),
        pnl_usd=Decimal("117.95"),
        by_protocol={str(ada.protocols[0]): "123.45", str(ada.protocols[2]): "100"},
    )
    assert await storage.portfolio_snapshots.find() == [snapshot]
    portfolio = await value_portfolio(storage, ada.id, end)
    assert (snapshot.total_usd, snapshot.pnl_usd) == (portfolio.value_usd, portfolio.total_pnl_usd)


async def test_taking_a_snapshot_again_changes_nothing(storage: Storage, world: World) -> None:
    """Again it is the same; what is recorded late is in it the next time; at once it is taken once."""
    ada = await an_investor(world)
    await ada.moves(FlowKind.DEPOSIT, 100, 10, START_TIME - 5 * DAY)
    first = await take_portfolio_snapshot(storage, ada.id, YESTERDAY)
    taken = await asyncio.gather(*(take_portfolio_snapshot(storage, ada.id, YESTERDAY) for _ in range(4)))
    assert taken == [first] * 4
    await ada.moves(FlowKind.DEPOSIT, 20, 2, START_TIME - 6 * DAY)
    again = await take_portfolio_snapshot(storage, ada.id, YESTERDAY)
    assert (again.deposited_usd, again.day) == (Decimal(120), first.day)
    assert await storage.portfolio_snapshots.find() == [again]


async def test_days_that_have_not_ended_are_refused(storage: Storage, world: World, clock: FixedClock) -> None:
    """A day ends at midnight UTC: until then it is refused, as is what is no day, and an unknown user."""
    ada = await an_investor(world)
    clock.time = datetime.combine(TODAY, datetime.max.time(), START_TIME.tzinfo)
    assert (await take_portfolio_snapshot(storage, ada.id)).day == YESTERDAY
    for day in (TODAY, date.max, START_TIME, "today"):
        for taking in (take_portfolio_snapshot(storage, ada.id, day), take_portfolio_snapshots(storage, day)):  # type: ignore[arg-type]
            with pytest.raises(InvalidValue) as caught:
                await taking
            assert caught.value.field == "day"
    clock.time += timedelta(microseconds=1)
    assert (await take_portfolio_snapshot(storage, ada.id)).day == TODAY
    with pytest.raises(NotFound):
        await take_portfolio_snapshot(storage, world.absent_key(User))
    nothing = await take_portfolio_snapshot(storage, ada.id, date(2020, 1, 1))
    assert (nothing.total_usd, nothing.by_protocol) == (Decimal(0), {})


async def test_all_active_users_are_taken(storage: Storage, world: World) -> None:
    """Everyone who is active has one, also with nothing; contradictory records are told of, and stop no other."""
    users = await world.several(User, 120, status=UserStatus.ACTIVE)
    await world.added(User, status=UserStatus.SUSPENDED)
    await world.added(User, status=UserStatus.DELETED)
    ada, bob = await an_investor(world), await an_investor(world)
    await ada.moves(FlowKind.DEPOSIT, 100, 10, START_TIME - 5 * DAY)
    await world.added(
        PositionFlow,
        position_id=bob.positions[0].id,
        kind=FlowKind.WITHDRAWAL,
        shares_delta=-1,
        at=START_TIME - 2 * DAY,
    )
    for _ in range(2):
        taken = await take_portfolio_snapshots(storage)
        assert (taken.day, taken.taken, list(taken.failed)) == (YESTERDAY, 121, [bob.id])
        assert isinstance(taken.failed[bob.id], InsufficientShares)
        assert await storage.portfolio_snapshots.count() == 121
    kept = await storage.portfolio_snapshots.find()
    assert {row.user_id for row in kept} == {ada.id, *(user.id for user in users)}
    assert {row.user_id for row in kept if row.total_usd} == {ada.id}


async def test_snapshots_are_found_by_day(storage: Storage, world: World) -> None:
    """A range holds both its ends, the oldest first; as of a day the newest until then counts."""
    row = await world.added(PortfolioSnapshot, day=TODAY)
    rows = [row, *[await storage.portfolio_snapshots.add(attrs.evolve(row, day=TODAY + n * DAY)) for n in (-9, 3, 1)]]
    await world.added(PortfolioSnapshot, day=TODAY)
    repository = storage.portfolio_snapshots
    assert await repository.find_between(row.user_id, TODAY, TODAY + 3 * DAY) == [rows[0], rows[3], rows[2]]
    assert await repository.find_between(row.user_id, TODAY + DAY, TODAY) == []
    assert await repository.as_of(row.user_id, TODAY + 2 * DAY) == rows[3]
    assert await repository.as_of(row.user_id, TODAY - 10 * DAY) is None


@RELAXED
@given(
    steps=st.lists(
        st.tuples(st.integers(0, 1), st.integers(1, 9), AMOUNTS, AMOUNTS),
        max_size=8,
    )
)
async def test_the_amounts_of_a_snapshot_add_up(world: World, steps: list[tuple[int, int, Decimal, Decimal]]) -> None:
    """The profit is what is there and what was taken out, less what was put in, to the last of 18 places."""
    ada = await an_investor(world, pools=2)
    for number, (position, shares, amount, worth) in enumerate(steps):
        at = START_TIME - 9 * DAY + number * DAY
        taken = (await world.storage.positions.get(ada.positions[position].id)).shares > shares
        kind = FlowKind.WITHDRAWAL if taken and number % 2 else FlowKind.DEPOSIT
        await ada.moves(kind, amount, -shares if kind is FlowKind.WITHDRAWAL else shares, at, position)
        await ada.is_worth(worth, at + timedelta(hours=1), position, shares=shares)
    for back in (4, 1):
        snapshot = await take_portfolio_snapshot(world.storage, ada.id, TODAY - back * DAY)
        there = usd.add(snapshot.total_usd, snapshot.withdrawn_usd)
        assert snapshot.pnl_usd == usd.subtract(there, snapshot.deposited_usd)
        assert usd.total(Decimal(value) for value in snapshot.by_protocol.values()) == snapshot.total_usd
        assert await world.storage.portfolio_snapshots.get((ada.id, snapshot.day)) == snapshot
