"""What is kept of a portfolio of a day."""

from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.holdings import POOL, PROTOCOL, START, USER, a_position, deposit, life_of_a_position, valuation

from strongroom.domain.positions.daily_snapshot import end_of_day, last_day_before, snapshot_of
from strongroom.domain.positions.pool import Pool, PoolKind
from strongroom.domain.positions.portfolio import PortfolioRecords, portfolio_at
from strongroom.domain.positions.position_flow import FlowKind
from strongroom.domain.values import usd

A_POOL = Pool(
    id=POOL,
    chain_id=1,
    protocol_id=PROTOCOL,
    address="0x" + "1" * 40,
    name="pool",
    kind=PoolKind.YEARN,
    tvl_usd=Decimal(0),
    created_at=START,
    updated_at=START,
)


def test_a_day_ends_just_before_the_next_in_utc():
    """Its last microsecond belongs to it; the last day that has ended is the one before today, whatever the zone."""
    midnight = datetime(2024, 3, 1, tzinfo=UTC)
    assert end_of_day(date(2024, 2, 29)) == midnight - timedelta(microseconds=1)
    assert last_day_before(midnight) == date(2024, 2, 29)
    assert last_day_before(midnight - timedelta(microseconds=1)) == date(2024, 2, 28)
    assert last_day_before(datetime(2024, 3, 1, 1, tzinfo=timezone(timedelta(hours=2)))) == date(2024, 2, 28)


@given(life_of_a_position(), st.integers(0, 2))
def test_a_snapshot_is_the_portfolio_at_the_days_end(flows, days):
    """The same value and profit; each kind of flow until then is summed up; the protocols add up to the whole."""
    day = (START + timedelta(days=days)).date()
    records = PortfolioRecords(positions=[a_position()], pools=[A_POOL], flows=flows)
    snapshot = snapshot_of(USER, day, records)
    portfolio = portfolio_at(USER, end_of_day(day), records)
    assert (snapshot.total_usd, snapshot.pnl_usd) == (portfolio.value_usd, portfolio.total_pnl_usd)
    sums = (snapshot.deposited_usd, snapshot.withdrawn_usd, snapshot.fees_usd)
    for kind, total in zip((FlowKind.DEPOSIT, FlowKind.WITHDRAWAL, FlowKind.FEE), sums, strict=True):
        assert total == usd.total(flow.amount_usd for flow in flows if flow.kind is kind and flow.at <= end_of_day(day))
    assert usd.total(map(Decimal, snapshot.by_protocol.values())) == snapshot.total_usd


def test_values_by_protocol_are_written_plainly():
    """Without an exponent and needless zeros; a protocol in which nothing is held is not there."""
    flows = [deposit(10, Decimal(5))]
    for value, text in (
        (Decimal("1E+3"), "1000"),
        (Decimal("0.500"), "0.5"),
        (Decimal("1e-18"), "0." + "0" * 17 + "1"),
    ):
        worth = valuation(end_of_day(START.date()), value, shares=10)
        records = PortfolioRecords(positions=[a_position()], pools=[A_POOL], flows=flows, valuations=[worth])
        assert snapshot_of(USER, START.date(), records).by_protocol == {str(PROTOCOL): text}
    assert snapshot_of(USER, START.date(), PortfolioRecords(positions=[], pools=[])).by_protocol == {}


def test_a_pool_that_is_not_given_is_an_error():
    """A snapshot never leaves a position out."""
    with pytest.raises(KeyError):
        snapshot_of(USER, START.date(), PortfolioRecords(positions=[a_position()], pools=[]))
