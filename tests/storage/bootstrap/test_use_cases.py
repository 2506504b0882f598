"""Recording flows and valuing portfolios, over the twin and over PostgreSQL."""

import asyncio
from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
from attrs import evolve

from strongroom import (
    AlreadyExists,
    FixedClock,
    InvalidValue,
    Isolation,
    NotFound,
    Storage,
    open_storage,
    record_flow,
    report_portfolio,
    value_portfolio,
)
from strongroom.bootstrap.demo.activity import Deposit, Holding, build_history
from strongroom.bootstrap.demo.loading import load_sample
from strongroom.bootstrap.demo.reference_data import COINS, DAYS, END, sample_id
from strongroom.bootstrap.demo.sample import sample_platform
from strongroom.domain.positions.errors import InsufficientShares
from strongroom.domain.positions.ledger import replay
from strongroom.domain.positions.position import PositionStatus
from strongroom.domain.positions.position_flow import FlowKind
from strongroom.ports.repositories.position_flow import CreatePositionFlow
from strongroom.testing.values import numbered_uuid

ADA = sample_id("user", "Ada")
POSITION = sample_id("position", sample_id("wallet", "Ada"), "morpho-usdc")


@pytest.fixture
async def storage(address: str) -> AsyncIterator[Storage]:
    """A storage that holds the sample platform."""
    async with open_storage(address, clock=FixedClock(END), min_size=1, max_size=8) as opened:
        await load_sample(opened)
        yield opened


def deposit(**changes: Any) -> CreatePositionFlow:
    """Return a deposit of 100 USDC into Ada's vault."""
    command = CreatePositionFlow(
        position_id=POSITION,
        kind=FlowKind.DEPOSIT,
        coin_id=COINS["USDC"].id,
        amount=100 * 10**6,
        amount_usd=Decimal(100),
        shares_delta=90 * 10**18,
        at=END,
    )
    return evolve(command, **changes)


async def ledger_agrees(storage: Storage, position_id: UUID) -> None:
    """The stored position is what its stored flows make it."""
    position = await storage.positions.get(position_id)
    assert replay(position, await storage.position_flows.find_by_position(position_id)) == position


async def test_a_flow_and_its_position_move_together(storage: Storage) -> None:
    """The flow is there, the position has its shares and cost and the next version."""
    before = await storage.positions.get(POSITION)
    recorded = await record_flow(storage, deposit())
    assert await storage.position_flows.get(recorded.flow.id) == recorded.flow
    assert await storage.positions.get(POSITION) == recorded.position
    assert recorded.position.shares == before.shares + 90 * 10**18
    assert recorded.position.cost_basis_usd == before.cost_basis_usd + 100
    assert recorded.position.version == before.version + 1
    await ledger_agrees(storage, POSITION)


async def test_a_late_flow_replays_the_position(storage: Storage) -> None:
    """A deposit that is heard of after a withdrawal behind it changes what that withdrawal released."""
    position_id = sample_id("position", sample_id("wallet", "Ada"), "v3-usdc-weth")
    opened_at = (await storage.positions.get(position_id)).opened_at
    late = deposit(position_id=position_id, amount_usd=Decimal(5000), shares_delta=10**15, at=opened_at + timedelta(1))
    before = await storage.positions.get(position_id)
    after = (await record_flow(storage, late)).position
    assert after.realised_pnl_usd != before.realised_pnl_usd
    await ledger_agrees(storage, position_id)


async def test_a_late_flow_may_keep_a_closed_position_open(storage: Storage) -> None:
    """Shares that came in before the last withdrawal are still there after it."""
    position_id = sample_id("position", sample_id("wallet", "Ada"), "yearn-dai")
    closed = await storage.positions.get(position_id)
    assert closed.status is PositionStatus.CLOSED
    late = deposit(position_id=position_id, at=closed.opened_at + timedelta(1))
    after = (await record_flow(storage, late)).position
    assert (after.status, after.shares, after.closed_at) == (PositionStatus.ACTIVE, 90 * 10**18, None)
    await ledger_agrees(storage, position_id)


async def test_a_refused_flow_stores_nothing(storage: Storage) -> None:
    """Neither the flow nor the position is kept when more shares are taken than there are."""
    before = await storage.positions.get(POSITION)
    count = await storage.position_flows.count()
    with pytest.raises(InsufficientShares):
        await record_flow(storage, deposit(kind=FlowKind.WITHDRAWAL, shares_delta=-before.shares - 1))
    assert await storage.positions.get(POSITION) == before
    assert await storage.position_flows.count() == count


async def test_the_same_log_counts_once(storage: Storage) -> None:
    """A log that was recorded before is refused, and the position stays as it was."""
    log = deposit(chain_id=1, transaction_hash="0x" + "ab" * 32, log_index=7)
    after = (await record_flow(storage, log)).position
    with pytest.raises(AlreadyExists):
        await record_flow(storage, log)
    assert await storage.positions.get(POSITION) == after


async def test_a_flow_of_an_unknown_position_is_not_found(storage: Storage) -> None:
    """There is no ledger to enter it in."""
    with pytest.raises(NotFound):
        await record_flow(storage, deposit(position_id=numbered_uuid(1)))


async def test_flows_recorded_at_once_all_count(storage: Storage) -> None:
    """Of concurrent flows none is lost: whoever comes second starts again."""
    before = await storage.positions.get(POSITION)
    await asyncio.gather(*(record_flow(storage, deposit(at=END + timedelta(seconds=n))) for n in range(3)))
    after = await storage.positions.get(POSITION)
    assert after.shares == before.shares + 3 * 90 * 10**18
    assert after.cost_basis_usd == before.cost_basis_usd + 300
    await ledger_agrees(storage, POSITION)


async def test_a_portfolio_is_the_sum_of_its_positions(storage: Storage) -> None:
    """At the end of the sample each position is worth its last valuation."""
    portfolio = await value_portfolio(storage, ADA)
    positions = await storage.positions.find_by_user(ADA)
    assert portfolio.at == END
    assert portfolio.value_usd == sum(position.value_usd for position in positions)
    assert {held.position.id for held in portfolio.positions} == {position.id for position in positions}


async def test_a_past_portfolio_ignores_later_flows(storage: Storage) -> None:
    """As of a day, only what had happened by then is there."""
    early = await value_portfolio(storage, ADA, END - timedelta(days=DAYS - 4))
    assert {held.position.id for held in early.positions} == {
        POSITION,
        sample_id("position", sample_id("wallet", "Ada"), "yearn-dai"),
    }
    before = await value_portfolio(storage, ADA, END - timedelta(days=DAYS))
    assert (before.value_usd, before.positions) == (0, ())


async def test_stale_values_are_flagged(storage: Storage) -> None:
    """A week after the last valuation, a limit of a day makes the portfolio stale; no limit does not."""
    later = END + timedelta(days=7)
    assert (await value_portfolio(storage, ADA, later, max_age=timedelta(days=1))).is_stale
    assert not (await value_portfolio(storage, ADA, later)).is_stale


async def test_a_portfolio_of_nobody_is_not_found(storage: Storage) -> None:
    """An unknown user is an error, a user without positions is not."""
    for ask in (value_portfolio, report_portfolio):
        with pytest.raises(NotFound):
            await ask(storage, numbered_uuid(1))  # type: ignore[operator]
    assert (await report_portfolio(storage, sample_id("user", "Dmitri"))).time_weighted is None


async def test_times_without_a_zone_and_reports_of_no_days_are_refused(storage: Storage) -> None:
    """Neither is guessed at."""
    with pytest.raises(InvalidValue):
        await value_portfolio(storage, ADA, datetime(2026, 10, 1))  # noqa: DTZ001
    with pytest.raises(ValueError, match="at least one day"):
        await report_portfolio(storage, ADA, days=0)


async def test_a_report_covers_every_day_and_states_the_returns(storage: Storage) -> None:
    """91 values for 90 days; the history ends with the portfolio's value; both returns are there."""
    report = await report_portfolio(storage, ADA, END, days=DAYS)
    assert [point.at for point in report.history] == [END - timedelta(days=day) for day in range(DAYS, -1, -1)]
    assert report.history[-1].value_usd == report.portfolio.value_usd
    assert report.history[0].value_usd == 0
    assert report.time_weighted is not None
    assert report.money_weighted is not None


async def test_returns_of_a_part_start_from_what_was_there(storage: Storage) -> None:
    """Over days without flows both returns are the change of the value."""
    report = await report_portfolio(storage, ADA, END, days=20)
    first, last = report.history[0].value_usd, report.history[-1].value_usd
    assert report.time_weighted == pytest.approx(last / first - 1)
    assert report.money_weighted == pytest.approx((last / first) ** (Decimal(365) / 20) - 1)


async def test_a_vaults_return_is_its_yield(storage: Storage) -> None:
    """Chiara's coins earn about what their pools state, whatever she moved in between."""
    report = await report_portfolio(storage, sample_id("user", "Chiara"), END, days=40)
    assert report.time_weighted == pytest.approx(Decimal("0.045") * 40 / 365, abs=Decimal("0.002"))


async def test_the_number_of_statements_does_not_grow(database: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Users with three and with four positions are valued by as many statements; one without by fewer."""
    from strongroom.adapters.postgres.executor import TransactionExecutor

    asked: list[str] = []
    fetch = TransactionExecutor.fetch

    async def counted(self: TransactionExecutor, table: Any, sql: str, *values: Any, **options: Any) -> Any:
        asked.append(sql)
        return await fetch(self, table, sql, *values, **options)

    monkeypatch.setattr(TransactionExecutor, "fetch", counted)
    counts: dict[str, list[int]] = {}
    async with open_storage(database, clock=FixedClock(END), min_size=1) as storage:
        await load_sample(storage)
        for use_case in (value_portfolio, report_portfolio):
            for name in ("Ada", "Bruno", "Chiara", "Dmitri"):
                asked.clear()
                await use_case(storage, sample_id("user", name))  # type: ignore[operator]
                counts.setdefault(use_case.__name__, []).append(len(asked))
    assert counts == {"value_portfolio": [7, 7, 7, 4], "report_portfolio": [10, 10, 10, 6]}


def test_a_sample_holding_agrees_with_its_flows() -> None:
    """Whatever the sample's users did went through the ledger: replaying the flows gives the position."""
    histories = sample_platform().histories
    assert len({history.position.id for history in histories}) == len(histories) == 10
    for history in histories:
        assert replay(history.position, history.flows) == history.position
    again = build_history(ADA, sample_id("wallet", "Ada"), Holding("morpho-usdc", (Deposit(2, 25_000),)))
    assert again.position.cost_basis_usd == pytest.approx(25_000)


async def test_use_cases_join_a_transaction_that_is_open(storage: Storage) -> None:
    """A flow and a report of it stand or fall with the caller's own transaction."""
    before = await storage.positions.get(POSITION)

    async def record_and_value(fails: bool) -> Decimal:  # noqa: FBT001 - a test's own
        async with storage.transaction(isolation=Isolation.REPEATABLE_READ) as transaction:
            recorded = await record_flow(transaction, deposit())
            report = await value_portfolio(transaction, ADA, END)
            assert recorded.position.shares == before.shares + 90 * 10**18
            if fails:
                raise NotFound("User", "the caller's own")
            return report.value_usd

    with pytest.raises(NotFound):
        await record_and_value(fails=True)
    assert await storage.positions.get(POSITION) == before
    assert await record_and_value(fails=False) == (await value_portfolio(storage, ADA, END)).value_usd
    assert (await storage.positions.get(POSITION)).shares == before.shares + 90 * 10**18
